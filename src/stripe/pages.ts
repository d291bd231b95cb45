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
  if (!isList(body)) throw new StripeError('request', `GET ${path} answered with something that is not a list.`);
  if (!body.data.every(isObject)) throw new StripeError('transient', `GET ${path} listed something without an id.`);
  return { items: body.data, hasMore: body.has_more };
}

/** A list that is embedded in an object; undefined when it is not there, or not whole enough to be used. */
export function embeddedList(value: unknown): Page | undefined {
  return isList(value) && value.data.every(isObject) ? { items: value.data, hasMore: value.has_more } : undefined;
}

/** Any list; what its items are is another question. */
interface AnyList {
  readonly data: readonly unknown[];
  readonly has_more: boolean;
}

function isList(value: unknown): value is AnyList {
  if (typeof value !== 'object' || value === null) return false;
  const list = value as Partial<List>;
  return list.object === 'list' && Array.isArray(list.data) && typeof list.has_more === 'boolean';
}

/** What can be a row, and be started after. */
function isObject(value: unknown): value is StripeObject {
  if (typeof value !== 'object' || value === null) return false;
  const { id, object } = value as Partial<StripeObject>;
  return typeof id === 'string' && id !== '' && typeof object === 'string';
}

function queryOf({ params, gte, lte, after }: ListRequest): Params {
  return [
    ['limit', String(PAGE_SIZE)],
    ...params,
    ...parameter('created[gte]', gte),
    ...parameter('created[lte]', lte),
    ...parameter('starting_after', after),
  ];
}

function parameter(name: string, value: string | number | undefined): Params {
  return value === undefined ? [] : [[name, String(value)]];
}
