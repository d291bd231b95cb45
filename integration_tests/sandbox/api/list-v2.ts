import { itemsOf } from '../data/items.js';
import type { Sublist, World } from '../data/model.js';
import { type Body, listBodyV2, objectText, urlOf } from '../data/objects.js';
import { ISO_FRACTION_MS } from '../data/plausible.js';
import type { Kind } from '../kinds/kind.js';
import { badParameter } from './errors.js';
import { checkRequired, filtersOf, pageOf, paramsOf, visibility } from './list.js';
import { checkNames, pageV2Of, type Query, textOf } from './query.js';

/** Lists of API v2: their pages are named by tokens, and their times are texts. */
export function isV2({ path }: { readonly path: string }): boolean {
  return path.startsWith('/v2/');
}

const PAGING = ['limit', 'page'];
const RANGE = ['created[gt]', 'created[gte]', 'created[lt]', 'created[lte]'];
const INDENT = 4;

/** One page of a collection. */
export function listKindV2(world: World, kind: Kind, query: Query): Body {
  checkNames(query, PAGING, [...filtersOf(kind), ...(kind.createdFilter === false ? [] : RANGE)]);
  checkRequired(kind, query);
  const { limit, token } = pageV2Of(query);
  const stretch = { ...(kind.createdFilter === false ? {} : timesOf(query)), beyond: placeIn(kind.name, token) };
  const isIn = visibility(kind, world, query).filtered;
  const indices = pageOf(kind, world, { stretch, limit, direction: 'newestFirst', isIn });
  const items = indices.slice(0, limit).map((index) => objectText(world, kind, index, INDENT));
  const last = indices.length > limit ? indices[limit - 1] : undefined;
  return listBodyV2({ items, nextPageUrl: nextUrl(kind.path, query, tokenOf(kind.name, last)) });
}

/** One page of a list that belongs to an object. */
export function listChildrenV2(
  world: World,
  { sublist, parent }: { readonly sublist: Sublist; readonly parent: number },
  query: Query,
): Body {
  checkNames(query, PAGING, paramsOf(sublist));
  const { limit, token } = pageV2Of(query);
  const list = `${sublist.name} ${parent}`;
  const first = (placeIn(list, token) ?? -1) + 1;
  const all = itemsOf(sublist, world, parent);
  const end = Math.min(first + limit, all.length);
  const items = all.slice(first, end).map((n) => sublist.write(world, parent, n, INDENT));
  const last = end < all.length ? end - 1 : undefined;
  return listBodyV2({ items, nextPageUrl: nextUrl(urlOf(sublist, world, parent), query, tokenOf(list, last)) });
}

/** A token is opaque to clients: it holds the list, and the position of the last item in it. */
function tokenOf(list: string, last: number | undefined): string | undefined {
  return last === undefined ? undefined : `page_${Buffer.from(`${list}:${last}`).toString('base64url')}`;
}

function placeIn(list: string, token: string | undefined): number | undefined {
  if (token === undefined) return undefined;
  const [name, place = ''] = Buffer.from(token.slice(token.indexOf('_') + 1), 'base64url')
    .toString()
    .split(':');
  if (name === list && /^\d+$/.test(place)) return Number(place);
  throw badParameter('page', `The page token is not valid for this list: ${token}`, 'invalid_page_token');
}

function nextUrl(path: string, query: Query, token: string | undefined): string | null {
  if (token === undefined) return null;
  const params = [...query].flatMap(([name, values]) => (name === 'page' ? [] : named(name, values)));
  return `${path}?${new URLSearchParams([...params, ['page', token]])}`;
}

/** Parameters as they can be sent again; what has several values is a list. */
function named(name: string, values: readonly string[]): [string, string][] {
  const isList = values.length > 1;
  return values.map((value, n) => [isList ? `${name}[${n}]` : name, value]);
}

/** The bounds of `created`, as inclusive seconds. All times have the same fraction. */
function timesOf(query: Query): { readonly gte?: number; readonly lte?: number } {
  const lower = [
    timeOf(query, 'created[gte]', Math.ceil),
    timeOf(query, 'created[gt]', (time) => Math.floor(time) + 1),
  ];
  const upper = [
    timeOf(query, 'created[lte]', Math.floor),
    timeOf(query, 'created[lt]', (time) => Math.ceil(time) - 1),
  ];
  const known = (bounds: readonly (number | undefined)[]) => bounds.filter((bound) => bound !== undefined);
  const [gte, lte] = [Math.max(...known(lower)), Math.min(...known(upper))];
  return { ...(Number.isFinite(gte) ? { gte } : {}), ...(Number.isFinite(lte) ? { lte } : {}) };
}

function timeOf(query: Query, name: string, round: (seconds: number) => number): number | undefined {
  const text = textOf(query, name);
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw badParameter(name, `Invalid timestamp: ${text}`, 'invalid_fields');
  return round((time - ISO_FRACTION_MS) / 1000);
}
