import { recordsOf } from '../../connector.js';
import { EMBEDDED_ITEMS } from '../../sandbox/data/items.js';
import { type Embedded, embeddedIn, itemsKey } from '../items.js';
import type { Attempt, Life } from '../life.js';
import { definitionOf } from '../world.js';

/** No record holds more items of a list: one line of any length is more than a reader can take. */
const MOST_ITEMS = 10_000;
const SHOWN = 2;

/**
 * Lists in records are as their endpoints return them, whatever was embedded and whatever its `url` said; or they are
 * cut, and the record says so. Not checked: snapshots, which stay as they were, and objects that were removed before
 * they were read.
 */
export function* wrongLists({ attempts, items }: Life): Generator<string> {
  for (const [n, attempt] of attempts.entries()) {
    const wrong = embeddedListsOf(attempt).flatMap((each) => {
      const later = attempts.slice(n + 1).flatMap(({ removedItems }) => removedItems);
      const known = items.get(itemsKey(each)) ?? [];
      const mayBe = later
        .filter(({ list, parent }) => list === each.list && parent === each.parent)
        .map(({ id }) => id);
      return [...faultsIn(each, known, new Set(mayBe))].map((fault) => `${each.parent}.${each.field} ${fault}`);
    });
    if (wrong.length === 0) continue;
    yield `attempt ${n + 1} gives ${wrong.length} wrong lists: ${wrong.slice(0, SHOWN).join(', ')}`;
  }
}

interface Given extends Embedded {
  /** Whether the record says that this list is cut. */
  readonly isTruncated: boolean;
}

function embeddedListsOf({ messages, removals }: Attempt): readonly Given[] {
  const removed = new Set(removals.map(({ id }) => id));
  return recordsOf({ messages }).flatMap(({ stream, data, ...rest }) => {
    if (definitionOf(stream).snapshots || removed.has(String(data['id']))) return [];
    const changed = changedFields(rest);
    return embeddedIn(stream, data).map((each) => ({ ...each, isTruncated: changed.has(each.field) }));
  });
}

/** The fields that `meta.changes` of a record says are cut because of their size. */
function changedFields(record: object): ReadonlySet<string> {
  const { meta } = record as { readonly meta?: { readonly changes?: readonly Readonly<Record<string, string>>[] } };
  const cut = (meta?.changes ?? []).filter(
    ({ change, reason }) => change === 'TRUNCATED' && reason === 'SOURCE_FIELD_SIZE_LIMITATION',
  );
  return new Set(cut.map(({ field = '' }) => field));
}

function* faultsIn(given: Given, known: readonly string[], mayBe: ReadonlySet<string>): Generator<string> {
  const ids = (given.value['data'] as readonly { readonly id: unknown }[]).map(({ id }) => String(id));
  const all = new Set(ids);
  const isCut = given.value['has_more'] === true;
  const extra = ids.filter((id) => !known.includes(id) && !mayBe.has(id));
  const missing = isCut ? [] : known.filter((id) => !all.has(id));
  if (isCut !== given.isTruncated) yield isCut ? 'is cut without a word' : 'is said to be cut, and is not';
  if (ids.length > MOST_ITEMS) yield `has ${ids.length} items`;
  if (all.size < ids.length) yield `has ${ids.length - all.size} items twice`;
  if (extra.length > 0) yield `has ${extra.length} items that its endpoint does not have`;
  if (missing.length > 0) yield `lacks ${missing.length} of ${known.length} items`;
  if (ids.length > EMBEDDED_ITEMS && isOutOfOrder(ids, known)) yield 'has its items in another order';
}

/** A completed list has the order of its endpoint. */
function isOutOfOrder(ids: readonly string[], known: readonly string[]): boolean {
  const places = new Map(known.map((id, place) => [id, place]));
  const order = ids.flatMap((id) => places.get(id) ?? []);
  return order.some((place, n) => place <= (order[n - 1] ?? -1));
}
