import type { StripeObject } from '../stripe/api.generated.js';
import { StripeError } from '../stripe/errors.js';
import { embeddedList, type ListRequest } from '../stripe/pages.js';
import { itemsOf, type ListContext } from './lists.js';
import { valueAt } from './records.js';

/** What is embedded in a row and is not whole. */
interface CutList {
  readonly path: string;
  readonly items: readonly StripeObject[];
  readonly request: ListRequest;
}

/**
 * A row whose embedded lists (`invoice.lines`, `charge.refunds`) hold all of their items, where Stripe embeds ten: each is
 * completed by the URL that it names itself. `fields` are paths with dots. Throws `not_found` when the object is gone.
 */
export async function complete(
  context: ListContext,
  row: StripeObject,
  fields: readonly string[],
): Promise<StripeObject> {
  let whole = row;
  for (const { path, items, request } of cutLists(row, fields)) {
    const all = [...items];
    for await (const more of itemsOf(context, request, items.at(-1)?.id)) all.push(...withoutKnown(more, all));
    whole = withList(whole, path.split('.'), all);
  }
  return whole;
}

function cutLists(row: StripeObject, fields: readonly string[]): readonly CutList[] {
  return fields.flatMap((path) => {
    const list = valueAt(row, path);
    const page = embeddedList(list);
    return page?.hasMore ? [{ path, items: page.items, request: requestOf(valueAt(list, 'url')) }] : [];
  });
}

/** The list by its own URL: a path of the API, maybe with a query. Anything else is not asked. */
function requestOf(url: unknown): ListRequest {
  if (typeof url !== 'string' || !/^\/v[12]\//.test(url)) {
    throw new StripeError('transient', 'An embedded list has more items, but no URL to read them from.');
  }
  const [path = '', query] = url.split('?');
  return { path, endpoint: withoutIds(path), params: [...new URLSearchParams(query)] };
}

/** Stripe counts requests by endpoint, whatever the id: ids have digits, names have none but the version. */
function withoutIds(path: string): string {
  const [root, version, ...rest] = path.split('/');
  return [root, version, ...rest.map((part) => (/\d/.test(part) ? '{id}' : part))].join('/');
}

/** When the place in a list was lost, it was read again from its start. */
function withoutKnown(items: readonly StripeObject[], known: readonly StripeObject[]): readonly StripeObject[] {
  const ids = new Set(known.map(({ id }) => id));
  return items.filter(({ id }) => !ids.has(id));
}

function withList(value: StripeObject, path: readonly string[], data: readonly StripeObject[]): StripeObject;
function withList(value: unknown, path: readonly string[], data: readonly StripeObject[]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [name, ...rest] = path;
  if (name === undefined) return { ...value, data, has_more: false };
  return { ...value, [name]: withList(valueAt(value, name) as StripeObject, rest, data) };
}
