import type { LogLevel } from '../../protocol/messages.js';
import { growsByCreated, retrievePathOf, type StreamDefinition } from '../../streams/definition.js';
import type { Expansions } from '../../streams/expand.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import type { Client, Observer } from '../../stripe/client.js';
import { StripeError, type StripeErrorKind } from '../../stripe/errors.js';
import { embeddedList, fetchPage, type ListRequest, type Page } from '../../stripe/pages.js';
import type { Slice } from '../progress/progress.js';
import { fillPath, fillQuery } from '../rows/paths.js';
import { type Row, valueAt } from '../rows/rows.js';

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

/** A page of a top-level list. */
export interface ListedPage extends Page {
  /** Whether its items lack what was to be expanded: Stripe refused the page with it. */
  readonly isBare: boolean;
}

/** The next page; undefined when the object to start after is gone. */
export async function listPage(
  context: ListContext,
  stream: StreamDefinition,
  slice: Slice,
): Promise<ListedPage | undefined> {
  const { client, expansions } = context;
  const expand = expansions.paramsOf(stream);
  const request = { ...listRequest(stream), ...bounds(stream, slice) };
  try {
    const page = await fetchPage(client, { ...request, params: [...request.params, ...expand] });
    // Another worker may have given some up while the page was on its way: all rows are to have one shape.
    if (expansions.paramsOf(stream).length < expand.length) return await listPage(context, stream, slice);
    expansions.noteAnswered(stream);
    return { ...page, isBare: false };
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    if (error.kind === 'cursor' && slice.after !== undefined) return undefined;
    if (expand.length === 0 || error.answer === undefined || !MAY_BE_THE_EXPANSION.includes(error.kind)) throw error;
    return barePage(context, stream, { slice, request, refusal: error });
  }
}

/** How Stripe may refuse a list for what it is asked to expand. */
const MAY_BE_THE_EXPANSION: readonly StripeErrorKind[] = [
  'permission',
  'request',
  'not_found',
  'no_items',
  'unavailable',
  'uncontrolled',
  'transient',
];

interface Refused {
  readonly slice: Slice;
  readonly request: ListRequest;
  readonly refusal: StripeError;
}

/**
 * The page without what was to be expanded, so that this can be asked for row by row. What only the children of the list
 * add to it is given up for the whole sync when it is refused before it was answered once: their own lists have it, too.
 */
async function barePage(
  context: ListContext,
  stream: StreamDefinition,
  { slice, request, refusal }: Refused,
): Promise<ListedPage | undefined> {
  const page = await fetchPageAfter(context.client, request);
  if (page === undefined) return undefined;
  const { expansions } = context;
  if (expansions.mayGiveUpChildrenOf(stream) && (await isRefusedForAll(context, stream, page.items))) {
    // Another worker may have been answered meanwhile, or have given them up.
    if (expansions.giveUpChildrenOf(stream)) await context.say('WARN', readByThemselves(stream, refusal));
    if (expansions.areChildrenGivenUp(stream)) return listPage(context, stream, slice);
  }
  if (retrievePathOf(stream) === undefined) throw refusal;
  return { ...page, isBare: true };
}

function readByThemselves({ name }: StreamDefinition, { message }: StripeError): string {
  return `${name}: Stripe does not embed the children of its rows. They are read from their own lists. ${message}`;
}

/** Whether it is not one object of a page that is refused with its expanded fields: the first several all are. */
async function isRefusedForAll(
  context: ListContext,
  stream: StreamDefinition,
  items: readonly StripeObject[],
): Promise<boolean> {
  for (const item of items.slice(0, SEVERAL)) {
    try {
      await retrieve(context, stream, item);
      context.expansions.noteAnswered(stream);
      return false;
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
    }
  }
  return true;
}

const SEVERAL = 5;

/**
 * One object of a list again, with what the list's requests expand. Throws a StripeError: `not_found` also where the object
 * is only said to have been deleted.
 */
export async function retrieve(
  { client, expansions }: ListContext,
  stream: StreamDefinition,
  item: StripeObject,
): Promise<StripeObject> {
  const template = retrievePathOf(stream);
  if (template === undefined) throw new StripeError('request', `Stripe has no GET for one object of ${stream.path}.`);
  const params = expansions.paramsOf(stream).map(([name, field]): [string, string] => [name, withoutData(field)]);
  const path = fillPath(template, item);
  const body = await client.get({ path, endpoint: template, params });
  if (!isSame(body, item)) throw new StripeError('transient', `GET ${template} did not answer with the object.`);
  if ('deleted' in body && body['deleted'] === true)
    throw new StripeError('not_found', `GET ${template}: it was deleted.`);
  return body;
}

function isSame(body: unknown, { id, object }: StripeObject): body is StripeObject {
  return typeof body === 'object' && body !== null && valueAt(body, 'id') === id && valueAt(body, 'object') === object;
}

/** The fields of `expand[]` are named from the list on there, from the object on here. */
function withoutData(field: string): string {
  return field.replace(/^data\./, '');
}

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

/** The list of a stream, without what is expanded. */
function listRequest({ path, paginates, params = {} }: StreamDefinition): ListRequest {
  return { path, endpoint: path, params: Object.entries(params), ...(paginates === false ? { paginates } : {}) };
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
  /** Whether the list begins with them: for the first time, or again because its place was lost. */
  readonly isTop: boolean;
}

/**
 * The items of a child under one parent: those that the parent embeds, where these are all, because they cost nothing; else the
 * list of its own endpoint, from its top or from behind `after`. An embedded list may be in another order, so that its items
 * are no places in that list. Throws a StripeError: `not_found` when Stripe does not find the list.
 */
export async function* childItems(
  context: ListContext,
  child: StreamDefinition,
  { parent, after }: { readonly parent: Row; readonly after: string | undefined },
): AsyncGenerator<Items, void, void> {
  const place = context.expansions.isEmbedded(child) ? child.parent?.embeddedIn : undefined;
  if (hasNoList(child, parent, place)) return;
  const embedded = place === undefined || after !== undefined ? undefined : embeddedList(valueAt(parent, place));
  if (embedded?.hasMore === false) return yield { items: embedded.items, next: undefined, isTop: true };
  yield* itemsOf(context, childRequest(context, child, parent), after);
}

/** What a list has after an object; from its start when that object is gone, because the list of one parent is short. */
export async function* itemsOf(
  { client }: ListContext,
  request: ListRequest,
  start?: string,
): AsyncGenerator<Items, void, void> {
  let after = start;
  let isOldPlace = loopDetector();
  let trouble = 0;
  let [pages, pagesAtLoss] = [0, 0];
  for (;;) {
    const page = await fetchPageAfter(client, after === undefined ? request : { ...request, after });
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
    yield { items: page.items, next: page.hasMore ? page.next : undefined, isTop: after === undefined };
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

function childRequest({ expansions }: ListContext, child: StreamDefinition, parent: Row): ListRequest {
  const { params, ...list } = listRequest(child);
  const query = fillQuery(child.parent?.query, parent);
  return { ...list, path: fillPath(child.path, parent), params: [...params, ...expansions.paramsOf(child), ...query] };
}

/** Undefined when the item to start after is gone. */
async function fetchPageAfter(client: Client, request: ListRequest): Promise<Page | undefined> {
  try {
    return await fetchPage(client, request);
  } catch (error) {
    if (error instanceof StripeError && error.kind === 'cursor' && request.after !== undefined) return undefined;
    throw error;
  }
}
