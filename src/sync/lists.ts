import { growsByCreated, type StreamDefinition } from '../streams/definition.js';
import type { StripeObject } from '../stripe/api.generated.js';
import type { Client, Params } from '../stripe/client.js';
import { StripeError } from '../stripe/errors.js';
import { fetchPage, isList, type ListRequest, type Page } from '../stripe/pages.js';
import { below, type PageEnd, reenter, type Slice } from './progress.js';
import { createdOf, type Row, valueAt } from './records.js';

/** What reading a list needs beside the list. */
export interface ListContext {
  readonly client: Client;
  /** The `expand[]` of a stream's list requests, without those that an embedding parent carries. */
  readonly expand: (stream: StreamDefinition) => Params;
  readonly warn: (message: string) => Promise<void>;
}

export interface SlicePage {
  readonly items: readonly StripeObject[];
  /** What is left of the slice once these items are out. */
  readonly left: Slice | undefined;
}

/** How often a list is asked again when it says that there is more and does not give it, or loses its place. */
const PATIENCE = 5;

/** Reads a slice page by page, from where it was left. Goes on when the object to start after is gone (400). */
export async function* pagesOf(
  context: ListContext,
  stream: StreamDefinition,
  slice: Slice,
): AsyncGenerator<SlicePage, void, void> {
  let rest: Slice | undefined = slice;
  let trouble = 0;
  while (rest) {
    const page = await pageOrReentry(context, stream, rest);
    if (page !== undefined && !isStuck(page, rest.after)) {
      const left: Slice | undefined = below(endOf(stream, page), rest);
      yield { items: page.items, left };
      trouble = 0;
      rest = left;
      continue;
    }
    trouble += 1;
    if (trouble > PATIENCE)
      throw new StripeError('transient', `The list ${stream.path} says that there is more, but does not give it.`);
    if (page === undefined) rest = await reentered(context, stream, rest);
  }
}

/** The next page; undefined when the object to start after is gone. */
async function pageOrReentry(context: ListContext, stream: StreamDefinition, slice: Slice): Promise<Page | undefined> {
  const request = { ...listRequest(context, stream), ...bounds(stream, slice) };
  try {
    return await fetchPage(context.client, request);
  } catch (error) {
    if (error instanceof StripeError && error.kind === 'cursor' && slice.after !== undefined) return undefined;
    throw error;
  }
}

async function reentered({ warn }: ListContext, stream: StreamDefinition, slice: Slice): Promise<Slice> {
  if (slice.seen === undefined) {
    await warn(
      `${stream.name}: the object after which to go on was deleted, and the list cannot be entered elsewhere. ` +
        'It is read again from its start; some rows come twice.',
    );
  }
  return reenter(slice);
}

/** An empty page that promises more, or the same page once more, would be asked for in vain for ever. */
function isStuck({ hasMore, next }: Page, after: string | undefined): boolean {
  return hasMore && (next === undefined || next === after);
}

function endOf(stream: StreamDefinition, { items, hasMore, next }: Page): PageEnd {
  const times = growsByCreated(stream) ? items.map((item) => createdOf(stream, item)) : [];
  const isTimed = times.every((time) => time !== undefined);
  return { hasMore, lastId: next, times: isTimed ? times : [] };
}

function listRequest({ expand }: ListContext, stream: StreamDefinition): ListRequest {
  const { path, paginates } = stream;
  const params = [...Object.entries(stream.params ?? {}), ...expand(stream)];
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
  if (hasNoList(child, parent)) return;
  const embedded = child.parent?.embeddedIn === undefined ? undefined : valueAt(parent, child.parent.embeddedIn);
  let after: string | undefined;
  if (isList(embedded)) {
    yield embedded.data;
    if (!embedded.has_more) return;
    after = embedded.data.at(-1)?.id;
  }
  const request = childRequest(context, child, parent);
  for (let trouble = 0; trouble <= PATIENCE; ) {
    const page = await fetchChildPage(context.client, request, after);
    if (page === undefined) after = undefined;
    if (page === undefined || isStuck(page, after)) {
      trouble += 1;
      continue;
    }
    yield page.items;
    if (!page.hasMore) return;
    after = page.next;
  }
  throw new StripeError('transient', `The list ${request.path} says that there is more, but does not give it.`);
}

/** A parent may lack what would hold the list (a payment intent its `amount_details`), or what the list is asked by. */
function hasNoList({ parent: edge }: StreamDefinition, parent: Row): boolean {
  const around = edge?.embeddedIn?.split('.').slice(0, -1) ?? [];
  const needed = [...(around.length > 0 ? [around.join('.')] : []), ...Object.values(edge?.query ?? {})];
  return needed.some((path) => (valueAt(parent, path) ?? null) === null);
}

function childRequest(context: ListContext, child: StreamDefinition, parent: Row): ListRequest {
  const { params, ...list } = listRequest(context, child);
  const query = Object.entries(child.parent?.query ?? {});
  return {
    ...list,
    path: child.path.replace('{id}', encodeURIComponent(idOf(parent['id']))),
    params: [...params, ...query.map(([name, field]): [string, string] => [name, idOf(parent[field])])],
  };
}

/** The id that a field holds, also where the user asked for the object in its place. */
function idOf(value: unknown): string {
  return String(valueAt(value, 'id') ?? value);
}

/** Undefined when the item to start after is gone: the parent's list is short, so it is read again. */
async function fetchChildPage(client: Client, request: ListRequest, after?: string): Promise<Page | undefined> {
  try {
    return await fetchPage(client, after === undefined ? request : { ...request, after });
  } catch (error) {
    if (error instanceof StripeError && error.kind === 'cursor') return undefined;
    throw error;
  }
}
