import type { List, StripeObject, V2List } from './api.generated.js';
import type { Client, Params } from './client.js';
import { StripeError } from './errors.js';

/** Stripe's largest page. API v2 documents none for all lists; Stripe's own sync-engine asks for 20 (2026-05). */
const PAGE_SIZE = { v1: 100, v2: 20 };

/** A list and the range of it that is wanted; bounds are inclusive Unix seconds. */
export interface ListRequest {
  readonly path: string;
  readonly endpoint: string;
  readonly params: Params;
  /** `false` where one answer has everything, and a `limit` is refused. */
  readonly paginates?: false;
  readonly gte?: number;
  readonly lte?: number;
  /** Where the page starts: the `next` of the one before it. */
  readonly after?: string;
}

/** A list as a stream defines it. */
interface ListDefinition {
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly paginates?: false;
}

/** A request for the whole of a list, from its top. */
export function listRequest({ path, params = {}, paginates }: ListDefinition): ListRequest {
  return { path, endpoint: path, params: Object.entries(params), ...(paginates === false ? { paginates } : {}) };
}

export interface Page {
  readonly items: readonly StripeObject[];
  readonly hasMore: boolean;
  /** What the next page starts after: the id of the last object or, in API v2, a token. Absent where Stripe does not say. */
  readonly next?: string | undefined;
}

/** Reads one page, newest first. An answer that is not a list is a StripeError. */
export async function fetchPage(client: Client, request: ListRequest): Promise<Page> {
  const { path, endpoint } = request;
  const list = path.startsWith('/v2/')
    ? v2ListOf(await getByToken(client, request))
    : listOf(await client.get({ path, endpoint, params: queryOf(request) }));
  if (!list) throw new StripeError('request', `GET ${path} answered with something that is not a list.`);
  const page = pageOf(list);
  if (!page) throw new StripeError('transient', `GET ${path} listed something without an id.`);
  return page;
}

/** A list that is embedded in an object; undefined when it is not there, or not whole enough to be used. */
export function embeddedList(value: unknown): Page | undefined {
  const list = listOf(value);
  return list && pageOf(list);
}

/** Any list; what its items are is another question. */
interface AnyList {
  readonly data: readonly unknown[];
  readonly hasMore: boolean;
  /** The token of the next page, in API v2; in v1 the place is the last object. */
  readonly token?: string | undefined;
  readonly goesById: boolean;
}

function listOf(value: unknown): AnyList | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { object, data, has_more: hasMore } = value as Partial<List>;
  return object === 'list' && Array.isArray(data) && typeof hasMore === 'boolean'
    ? { data, hasMore, goesById: true }
    : undefined;
}

function v2ListOf(value: unknown): AnyList | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { data, next_page_url: url = null } = value as Partial<V2List>;
  if (!Array.isArray(data)) return undefined;
  const token = url === null ? undefined : (new URLSearchParams(url.split('?')[1]).get('page') ?? undefined);
  return { data, hasMore: url !== null, token, goesById: false };
}

/** Undefined when an item can be no row. */
function pageOf({ data, hasMore, token, goesById }: AnyList): Page | undefined {
  if (!data.every(isObject)) return undefined;
  return { items: data, hasMore, next: goesById ? data.at(-1)?.id : token };
}

/** What can be a row, and be started after. */
function isObject(value: unknown): value is StripeObject {
  if (typeof value !== 'object' || value === null) return false;
  const { id, object } = value as Partial<StripeObject>;
  return typeof id === 'string' && typeof object === 'string';
}

function queryOf({ params, paginates, gte, lte, after }: ListRequest): Params {
  return [
    ...parameter('limit', paginates === false ? undefined : PAGE_SIZE.v1),
    ...params,
    ...parameter('created[gte]', gte),
    ...parameter('created[lte]', lte),
    ...parameter('starting_after', after),
  ];
}

/** Nothing is said about how long a token holds, so a refused one is a lost place and no refusal of the list. */
async function getByToken(client: Client, request: ListRequest): Promise<unknown> {
  const { path, endpoint } = request;
  try {
    return await client.get({ path, endpoint, params: queryOfV2(request) });
  } catch (error) {
    if (!(error instanceof StripeError) || error.kind !== 'request' || request.after === undefined) throw error;
    throw new StripeError('cursor', error.message);
  }
}

/** Times of API v2 have fractions of a second, so an inclusive end is the start of the next second. */
function queryOfV2({ params, gte, lte, after }: ListRequest): Params {
  return [
    ...parameter('limit', PAGE_SIZE.v2),
    ...params,
    ...parameter('created[gte]', gte === undefined ? undefined : timeOf(gte)),
    ...parameter('created[lt]', lte === undefined ? undefined : timeOf(lte + 1)),
    ...parameter('page', after),
  ];
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function parameter(name: string, value: string | number | undefined): Params {
  return value === undefined ? [] : [[name, String(value)]];
}
