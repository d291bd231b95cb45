import type { List, StripeObject, V2List } from './api.generated.js';
import type { Client, Params } from './client.js';
import { StripeError } from './errors.js';

/** Stripe's largest page. API v2 documents none for all lists; Stripe's own sync-engine asks for 20 (2026-05). */
const PAGE_SIZE = { v1: 100, v2: 20 };

/** A list and the stretch of it that is wanted; bounds are inclusive Unix seconds. */
export interface ListRequest {
  readonly path: string;
  readonly endpoint: string;
  readonly params: Params;
  /** `false` where one answer has everything, and paging parameters are refused. */
  readonly paginates?: false;
  readonly gte?: number;
  readonly lte?: number;
  /** Where the page starts: the `next` of the one before it. */
  readonly after?: string;
}

export interface Page {
  readonly items: readonly StripeObject[];
  readonly hasMore: boolean;
  /** What the next page starts after: the id of the last object or, in API v2, a token. Absent where nobody says. */
  readonly next?: string | undefined;
}

/** Reads one page, newest first. An answer that is not a list is a StripeError. */
export async function fetchPage(client: Client, request: ListRequest): Promise<Page> {
  const { path, endpoint } = request;
  const page = path.startsWith('/v2/')
    ? pageOfV2(await getByToken(client, request))
    : pageOf(await client.get({ path, endpoint, params: queryOf(request) }));
  if (page) return request.paginates === false ? { ...page, hasMore: false } : page;
  throw new StripeError('request', `GET ${path} answered with something that is not a list. Check api_base.`);
}

/** Whether this is a Stripe list, as an answer or embedded in an object. */
export function isList(value: unknown): value is List {
  if (typeof value !== 'object' || value === null) return false;
  const list = value as Partial<List>;
  return list.object === 'list' && Array.isArray(list.data) && typeof list.has_more === 'boolean';
}

function pageOf(body: unknown): Page | undefined {
  return isList(body) ? { items: body.data, hasMore: body.has_more, next: body.data.at(-1)?.id } : undefined;
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

function pageOfV2(body: unknown): Page | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { data, next_page_url: url = null } = body as Partial<V2List>;
  if (!Array.isArray(data)) return undefined;
  const next = url === null ? undefined : (new URLSearchParams(url.split('?')[1]).get('page') ?? undefined);
  return { items: data, hasMore: url !== null, next };
}

/** Times of API v2 have fractions of a second, so the end of a stretch is the start of the next second. */
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
