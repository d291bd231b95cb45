import { growsByCreated, type StreamDefinition } from '../streams/definition.js';
import type { Expansions } from '../streams/expand.js';
import type { StripeObject } from '../stripe/api.generated.js';
import type { Client } from '../stripe/client.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';
import { embeddedList, fetchPage, type ListRequest, type Page } from '../stripe/pages.js';
import { below, reenter, type Slice } from './progress.js';
import { createdOf, idOf, type Row, valueAt } from './records.js';

/** What reading a list needs beside the list. */
export interface ListContext {
  readonly client: Client;
  readonly expansions: Expansions;
  readonly warn: (message: string) => Promise<void>;
}

export interface SlicePage {
  readonly items: readonly StripeObject[];
  /** What is left of the slice once these items are out. */
  readonly left: Slice | undefined;
  /** What is left once the first `count` items are out, fewer than all. Absent where the list goes by tokens. */
  readonly leftAfter: ((count: number) => Slice | undefined) | undefined;
}

/** How often in a row a list may lose its place, or promise more and not give it, before it is given up. */
const PATIENCE = 5;

/** Reads a slice page by page, from where it was left. Goes on when the object to start after is gone (400). */
export async function* pagesOf(
  context: ListContext,
  stream: StreamDefinition,
  slice: Slice,
): AsyncGenerator<SlicePage, void, void> {
  let rest: Slice | undefined = slice;
  let trouble = 0;
  let isOldPlace = createLoopDetector(slice.after);
  while (rest) {
    const page = await pageOrReentry(context, stream, rest);
    if (page !== undefined && !isStuck(page, isOldPlace)) {
      const { left, leftAfter } = remainders(stream, page, rest);
      yield { items: page.items, left, leftAfter };
      // Only a list that has got further than where it lost its place is out of trouble.
      if (left?.seen !== undefined && left.seen < (rest.lte ?? Number.POSITIVE_INFINITY)) trouble = 0;
      rest = left;
      continue;
    }
    trouble += 1;
    if (trouble > PATIENCE) throw givesNoMore(stream.path);
    if (page !== undefined) continue;
    rest = await reentered(context, stream, rest);
    isOldPlace = createLoopDetector();
  }
}

function givesNoMore(path: string): StripeError {
  return new StripeError('transient', `The list ${path} says that there is more, but does not give it.`);
}

/** The next page; undefined when the object to start after is gone. */
async function pageOrReentry(context: ListContext, stream: StreamDefinition, slice: Slice): Promise<Page | undefined> {
  const request = { ...listRequest(context, stream), ...bounds(stream, slice) };
  try {
    return await fetchPage(context.client, request);
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    if (error.kind === 'cursor' && slice.after !== undefined) return undefined;
    if (!MAY_BE_THE_EXPANSION.includes(error.kind) || !context.expansions.giveUpChildrenOf(stream)) throw error;
    const page = await pageOrReentry(context, stream, slice);
    await context.warn(`${stream.name}: its children are read by themselves. ${error.message}`);
    return page;
  }
}

/** How Stripe may refuse a list for what it is asked to expand. */
const MAY_BE_THE_EXPANSION: readonly StripeErrorKind[] = [
  'permission',
  'request',
  'not_found',
  'unavailable',
  'uncontrolled',
];

async function reentered({ warn }: ListContext, stream: StreamDefinition, slice: Slice): Promise<Slice> {
  if (slice.seen === undefined) {
    await warn(
      `${stream.name}: the object after which to go on was deleted, and the list cannot be entered elsewhere. ` +
        'It is read again from its start; some rows come twice.',
    );
  }
  return reenter(slice);
}

/** An empty page that promises more, or one that was there before, would be asked for in vain for ever. */
function isStuck({ hasMore, next }: Page, isOldPlace: (place: string) => boolean): boolean {
  return hasMore && (next === undefined || isOldPlace(next));
}

/**
 * Tells whether a place was passed before, remembering one place alone: the mark moves on after 1, 2, 4, 8 … places, so
 * any loop comes back to it (Brent's algorithm).
 */
function createLoopDetector(start?: string): (id: string) => boolean {
  let mark = start;
  let steps = 0;
  let limit = 1;
  return (id) => {
    if (id === mark) return true;
    steps += 1;
    if (steps >= limit) {
      mark = id;
      steps = 0;
      limit *= 2;
    }
    return false;
  };
}

/** What a page leaves of its slice, as a whole and after each of its items. */
function remainders(stream: StreamDefinition, { items, hasMore, next }: Page, slice: Slice) {
  const times = timesOf(stream, items);
  const leftAfter = (count: number) =>
    below({ hasMore: true, lastId: items[count - 1]?.id, times: times.slice(0, count) }, slice);
  const goesById = next === items.at(-1)?.id;
  return { left: below({ hasMore, lastId: next, times }, slice), leftAfter: goesById ? leftAfter : undefined };
}

/** When the items were created, where the list can be entered by it; else nothing. */
function timesOf(stream: StreamDefinition, items: readonly StripeObject[]): readonly number[] {
  const times = growsByCreated(stream) ? items.map((item) => createdOf(stream, item)) : [];
  return times.every((time) => time !== undefined) ? times : [];
}

function listRequest({ expansions }: ListContext, stream: StreamDefinition): ListRequest {
  const { path, paginates } = stream;
  const params = [...Object.entries(stream.params ?? {}), ...expansions.paramsOf(stream)];
  return { path, endpoint: path, params, ...(paginates === false ? { paginates } : {}) };
}

function bounds(stream: StreamDefinition, { gte, lte, after }: Slice): Partial<ListRequest> {
  const filter = growsByCreated(stream)
    ? { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) }
    : {};
  return { ...filter, ...(after === undefined ? {} : { after }) };
}

/**
 * The items of a child under one parent: those that the parent embeds first, for they cost nothing, then the rest of
 * the list by its own endpoint. Throws `not_found` when the parent is gone.
 */
export async function* childItems(
  context: ListContext,
  child: StreamDefinition,
  parent: Row,
): AsyncGenerator<readonly StripeObject[], void, void> {
  const place = context.expansions.isEmbedded(child) ? child.parent?.embeddedIn : undefined;
  if (hasNoList(child, parent, place)) return;
  const embedded = place === undefined ? undefined : embeddedList(valueAt(parent, place));
  if (embedded) yield embedded.items;
  if (embedded?.hasMore === false) return;
  yield* itemsOf(context, childRequest(context, child, parent), embedded?.items.at(-1)?.id);
}

/** What a list has after an object; from its start when that object is gone, for the list of one parent is short. */
export async function* itemsOf(
  { client }: ListContext,
  request: ListRequest,
  start: string | undefined,
): AsyncGenerator<readonly StripeObject[], void, void> {
  let after = start;
  let isOldPlace = createLoopDetector();
  for (let trouble = 0; trouble <= PATIENCE; ) {
    const page = await fetchChildPage(client, request, after);
    if (page === undefined || isStuck(page, isOldPlace)) {
      trouble += 1;
      if (page === undefined) [after, isOldPlace] = [undefined, createLoopDetector()];
      continue;
    }
    yield page.items;
    if (!page.hasMore) return;
    after = page.next;
  }
  throw givesNoMore(request.path);
}

/** A parent may lack what would hold the list (a payment intent its `amount_details`), or what the list is asked by. */
function hasNoList({ parent: edge }: StreamDefinition, parent: Row, place: string | undefined): boolean {
  const around = place?.split('.').slice(0, -1) ?? [];
  const needed = [...(around.length > 0 ? [around.join('.')] : []), ...Object.values(edge?.query ?? {})];
  return needed.some((path) => (valueAt(parent, path) ?? null) === null);
}

function childRequest(context: ListContext, child: StreamDefinition, parent: Row): ListRequest {
  const { params, ...list } = listRequest(context, child);
  const query = Object.entries(child.parent?.query ?? {});
  return {
    ...list,
    path: child.path.replace('{id}', encodeURIComponent(String(parent['id']))),
    params: [...params, ...query.map(([name, field]): [string, string] => [name, String(idOf(parent[field]))])],
  };
}

/** Undefined when the item to start after is gone. */
async function fetchChildPage(client: Client, request: ListRequest, after?: string): Promise<Page | undefined> {
  try {
    return await fetchPage(client, after === undefined ? request : { ...request, after });
  } catch (error) {
    if (error instanceof StripeError && error.kind === 'cursor') return undefined;
    throw error;
  }
}
