import type { List, StripeObject } from './api.generated.js';
import type { Client, Params } from './client.js';
import { StripeError } from './errors.js';

/** Stripe's largest page. */
const PAGE_SIZE = 100;

/** A list and the stretch of it that is wanted; bounds are inclusive Unix seconds. */
export interface ListRequest {
  readonly path: string;
  readonly endpoint: string;
  readonly params: Params;
  /** `false` where the list takes no `limit` and gives everything at once. */
  readonly limit?: false;
  readonly gte?: number;
  readonly lte?: number;
  /** The page starts after the object with this id. */
  readonly after?: string;
}

export interface Page {
  readonly items: readonly StripeObject[];
  readonly hasMore: boolean;
}

/** Reads one page, newest first. An answer that is not a list is a StripeError. */
export async function fetchPage(client: Client, request: ListRequest): Promise<Page> {
  const { path, endpoint } = request;
  const body = await client.get({ path, endpoint, params: queryOf(request) });
  if (!isList(body)) {
    throw new StripeError('request', `GET ${path} answered with something that is not a list. Check api_base.`);
  }
  return { items: body.data, hasMore: body.has_more };
}

/** Whether this is a Stripe list, as an answer or embedded in an object. */
export function isList(value: unknown): value is List {
  if (typeof value !== 'object' || value === null) return false;
  const list = value as Partial<List>;
  return list.object === 'list' && Array.isArray(list.data) && typeof list.has_more === 'boolean';
}

function queryOf({ params, limit, gte, lte, after }: ListRequest): Params {
  return [
    ...parameter('limit', limit === false ? undefined : PAGE_SIZE),
    ...params,
    ...parameter('created[gte]', gte),
    ...parameter('created[lte]', lte),
    ...parameter('starting_after', after),
  ];
}

function parameter(name: string, value: string | number | undefined): Params {
  return value === undefined ? [] : [[name, String(value)]];
}
