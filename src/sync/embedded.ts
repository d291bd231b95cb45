import type { StripeObject } from '../stripe/api.generated.js';
import type { Params } from '../stripe/client.js';
import { StripeError } from '../stripe/errors.js';
import { embeddedList, type ListRequest } from '../stripe/pages.js';
import { itemsOf, type ListContext } from './lists.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * A row whose embedded lists (`invoice.lines`, `charge.refunds`) hold all of their items, wherever they are in it, where
 * Stripe embeds ten. Each is completed by the URL that it names itself, its items expanded as `expand[]` of the row's own
 * list asks. Throws `not_found` when the object is gone.
 */
export async function complete(context: ListContext, row: StripeObject, expand: Params): Promise<StripeObject> {
  return hasCutList(row) ? ((await completeValue(context, row, { place: 'data', expand })) as StripeObject) : row;
}

/** Whether a list in it lacks items. Most rows have none, and are looked through only. */
export function hasCutList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return isCutList(value) || Object.values(value).some(hasCutList);
}

function isCutList(value: object): boolean {
  return 'has_more' in value && value.has_more === true && 'object' in value && value.object === 'list';
}

/** Where in a row a value is, as `expand[]` would name it, and what is expanded. */
interface Where {
  readonly place: string;
  readonly expand: Params;
}

async function completeValue(context: ListContext, value: unknown, where: Where): Promise<unknown> {
  if (!hasCutList(value) || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return completeAll(context, value, where);
  const whole: Fields = isCutList(value) ? await completeList(context, value, where) : (value as Fields);
  const fields: [string, unknown][] = [];
  for (const [name, field] of Object.entries(whole)) {
    fields.push([name, await completeValue(context, field, { ...where, place: `${where.place}.${name}` })]);
  }
  return Object.fromEntries(fields);
}

async function completeAll(context: ListContext, values: readonly unknown[], where: Where): Promise<unknown[]> {
  const whole: unknown[] = [];
  for (const value of values) whole.push(await completeValue(context, value, where));
  return whole;
}

async function completeList(context: ListContext, list: object, where: Where): Promise<Fields> {
  const known = embeddedList(list)?.items;
  if (!known) throw new StripeError('transient', 'An embedded list has more items, and some without an id.');
  const all = [...known];
  const ids = new Set(all.map(({ id }) => id));
  for await (const { items } of itemsOf(context, requestOf(list, where), all.at(-1)?.id)) {
    // When the place in a list was lost, it was read again from its start.
    all.push(...items.filter(({ id }) => !ids.has(id)));
    for (const { id } of items) ids.add(id);
  }
  return { ...list, data: all, has_more: false };
}

/** The list by its own URL: a path of the API, maybe with a query. Anything else is not asked. */
function requestOf(list: object, { place, expand }: Where): ListRequest {
  const url = 'url' in list ? list.url : undefined;
  if (typeof url !== 'string' || !/^\/v[12]\//.test(url)) {
    throw new StripeError('transient', 'An embedded list has more items, but no URL to read them from.');
  }
  const [path = '', query] = url.split('?');
  const within = `${place}.data.`;
  const expanded = expand
    .filter(([, field]) => field.startsWith(within))
    .map(([name, field]): [string, string] => [name, `data.${field.slice(within.length)}`]);
  return { path, endpoint: withoutIds(path), params: [...new URLSearchParams(query), ...expanded] };
}

/** Stripe counts requests by endpoint, whatever the id: ids have digits, names have none but the version. */
function withoutIds(path: string): string {
  const [root, version, ...rest] = path.split('/');
  return [root, version, ...rest.map((part) => (/\d/.test(part) ? '{id}' : part))].join('/');
}
