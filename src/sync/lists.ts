import type { LogLevel } from '../protocol/messages.js';
import { growsByCreated, type StreamDefinition } from '../streams/definition.js';
import type { Expansions } from '../streams/expand.js';
import type { StripeObject } from '../stripe/api.generated.js';
import type { Client, Observer } from '../stripe/client.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';
import { embeddedList, fetchPage, type ListRequest, type Page } from '../stripe/pages.js';
import type { Slice } from './progress.js';
import { idOf, type Row, valueAt } from './records.js';

/** Writes a line for people. */
export type Say = (level: LogLevel, text: string) => Promise<void>;

/** What reading a list needs beside the list. */
export interface ListContext {
  readonly client: Client;
  readonly expansions: Expansions;
  readonly say: Say;
}

/** The same, with every request told to this observer. */
export function observed<C extends ListContext>(context: C, observer: Observer): C {
  const { client } = context;
  return { ...context, client: { ...client, get: (request) => client.get({ ...request, observer }) } };
}

/** How often a list may lose its place, or promise more and not give it, without getting any further. */
export const PATIENCE = 5;

export function givesNoMore(path: string): StripeError {
  return new StripeError('transient', `The list ${path} says that there is more, but does not give it.`);
}

export function losesPlaces(path: string): StripeError {
  const again = 'Objects were deleted again and again just where the next page was to start';
  return new StripeError('transient', `The list ${path} cannot be read to its end. ${again}.`);
}

/** The next page; undefined when the object to start after is gone. */
export async function listPage(
  context: ListContext,
  stream: StreamDefinition,
  slice: Slice,
): Promise<Page | undefined> {
  const asked = context.expansions.paramsOf(stream);
  const request = { ...listRequest(context, stream), ...bounds(stream, slice) };
  try {
    return await fetchPage(context.client, request);
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    if (error.kind === 'cursor' && slice.after !== undefined) return undefined;
    if (!MAY_BE_THE_EXPANSION.includes(error.kind)) throw error;
    const isFirst = context.expansions.giveUpChildrenOf(stream);
    // Another worker may have given them up meanwhile.
    if (asked.length === context.expansions.paramsOf(stream).length) throw error;
    const page = await listPage(context, stream, slice);
    if (isFirst) await context.say('WARN', `${stream.name}: its children are read by themselves. ${error.message}`);
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

/** An empty page that promises more, or one that was there before, would be asked for in vain for ever. */
export function isStuck({ hasMore, next }: Page, isOldPlace: (place: string) => boolean): boolean {
  return hasMore && (next === undefined || isOldPlace(next));
}

/**
 * Tells whether a place was passed before, remembering one place alone: the mark moves on after 1, 2, 4, 8 … places, so
 * any loop comes back to it (Brent's algorithm).
 */
export function loopDetector(start?: string): (id: string) => boolean {
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

/** Some items of the list of one parent, and the place behind them. */
export interface Items {
  readonly items: readonly StripeObject[];
  /** What the next ones start after; undefined at the end of the list. */
  readonly next: string | undefined;
}

/**
 * The items of a child under one parent: those that the parent embeds first, for they cost nothing, then the rest of
 * the list by its own endpoint. From behind `after`, if that is given. Throws `not_found` when the parent is gone.
 */
export async function* childItems(
  context: ListContext,
  child: StreamDefinition,
  { parent, after }: { readonly parent: Row; readonly after: string | undefined },
): AsyncGenerator<Items, void, void> {
  const place = context.expansions.isEmbedded(child) ? child.parent?.embeddedIn : undefined;
  if (hasNoList(child, parent, place)) return;
  const embedded = place === undefined || after !== undefined ? undefined : embeddedList(valueAt(parent, place));
  if (embedded?.hasMore === false) return yield { items: embedded.items, next: undefined };
  // A list that has more, but nothing in it so far, is read from its start.
  if (embedded?.next !== undefined) yield { items: embedded.items, next: embedded.next };
  yield* itemsOf(context, childRequest(context, child, parent), after ?? embedded?.next);
}

/** What a list has after an object; from its start when that object is gone, for the list of one parent is short. */
export async function* itemsOf(
  { client }: ListContext,
  request: ListRequest,
  start: string | undefined,
): AsyncGenerator<Items, void, void> {
  let after = start;
  let isOldPlace = loopDetector();
  let trouble = 0;
  let [pages, pagesAtLoss] = [0, 0];
  for (;;) {
    const page = await fetchChildPage(client, request, after);
    if (page === undefined || isStuck(page, isOldPlace)) {
      trouble += 1;
      if (trouble > PATIENCE) throw page ? givesNoMore(request.path) : losesPlaces(request.path);
      if (page === undefined) {
        pagesAtLoss = Math.max(pagesAtLoss, pages);
        [after, isOldPlace, pages] = [undefined, loopDetector(), 0];
      }
      continue;
    }
    pages += 1;
    if (pages > pagesAtLoss) trouble = 0;
    yield { items: page.items, next: page.hasMore ? page.next : undefined };
    if (!page.hasMore) return;
    after = page.next;
  }
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
