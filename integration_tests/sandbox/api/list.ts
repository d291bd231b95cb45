import type { Stretch } from '../data/collection.js';
import { itemsOf } from '../data/items.js';
import type { Sublist, World } from '../data/model.js';
import { type Body, listBody, objectText, urlOf } from '../data/objects.js';
import { write } from '../data/template.js';
import type { Kind } from '../kinds/kind.js';
import { agedOut, missing, noSuch } from './errors.js';
import { type Expansion, expand, parseExpand, textWithLists } from './expand.js';
import { checkNames, createdOf, EVERYTHING, PAGED, pagingOf, type Query, RANGE, textOf, UNPAGED } from './query.js';
import type { Store } from './store.js';

/** The column at which items of a page start. */
const INDENT = 4;

/** One page of a collection, as its list endpoint answers it. */
export function listKind(store: Store, world: World, kind: Kind, query: Query): Body {
  checkNames(query, kind.paginates === false ? UNPAGED : PAGED, [
    ...filtersOf(kind),
    ...(kind.createdFilter === false ? [] : RANGE),
  ]);
  checkRequired(kind, query);
  const { limit, startingAfter, endingBefore } = kind.paginates === false ? EVERYTHING : pagingOf(query);
  const expansion = parseExpand(store, query.get('expand') ?? [], [kind.object], 'data');
  const visible = visibility(kind, world, query);
  const beyond = cursorOf(kind, world, startingAfter ?? endingBefore, visible.all);
  const stretch = { ...(kind.createdFilter === false ? {} : createdOf(query)), beyond };
  const direction = endingBefore === undefined ? 'newestFirst' : 'oldestFirst';
  const indices = pageOf(kind, world, { stretch, limit, direction, isIn: visible.filtered });
  const shown = indices.slice(0, limit);
  if (endingBefore !== undefined) shown.reverse();
  const list = { hasMore: indices.length > limit, url: kind.path };
  const whole = shown.map((index) => textWithLists(world, { kind, index, expansion, indent: INDENT }));
  if (whole.every((text) => text !== undefined)) return listBody({ ...list, items: whole });
  const items = shown.map((index) => objectText(world, kind, index, INDENT));
  return answer(store, world, { ...list, items }, expansion);
}

/** Parameters that a list takes besides paging and times. */
export function filtersOf({ filters = {}, search, leavesOut, when = {}, required = [] }: Kind): readonly string[] {
  const changes = leavesOut === undefined ? [] : [leavesOut.param];
  return [...Object.keys(filters), ...(search?.params ?? []), ...changes, ...Object.keys(when), ...required];
}

export function checkRequired({ required = [] }: Kind, query: Query): void {
  for (const param of required) if (textOf(query, param) === undefined) throw missing(param);
}

interface Wanted {
  readonly stretch: Stretch;
  readonly limit: number;
  readonly direction: 'newestFirst' | 'oldestFirst';
  readonly isIn: (index: number) => boolean;
}

/** The indices of a page, and one more if there are more. */
export function pageOf(kind: Kind, world: World, { stretch, limit, direction, isIn }: Wanted): readonly number[] {
  const since = kind.since?.(world);
  const gte = since === undefined ? stretch.gte : Math.max(since, stretch.gte ?? since);
  const indices: number[] = [];
  for (const index of world.collection(kind.name)[direction]({ ...stretch, gte })) {
    if (isIn(index)) indices.push(index);
    if (indices.length > limit) break;
  }
  return indices;
}

interface Visibility {
  /** Whether the list has an object when no filter is requested. */
  readonly all: (index: number) => boolean;
  readonly filtered: (index: number) => boolean;
}

/** Which objects of a collection a list has, with these parameters. */
export function visibility(kind: Kind, world: World, query: Query): Visibility {
  const { leavesOut, search } = kind;
  const fieldsOf = (index: number): Record<string, unknown> => JSON.parse(objectText(world, kind, index, 0));
  const hidden = leavesOut !== undefined && textOf(query, leavesOut.param) === undefined;
  const all = (index: number) => !hidden || fieldsOf(index)[leavesOut.field] !== leavesOut.value;
  const equal = equalities(kind, query);
  const matches = search?.matches(query);
  const filtered = (index: number) => {
    if (matches && !matches(world.row(kind.name, index))) return false;
    if (!hidden && equal.length === 0) return true;
    const fields = fieldsOf(index);
    if (hidden && fields[leavesOut.field] === leavesOut.value) return false;
    return equal.every(([path, values]) => values.includes(valueAt(fields, path)));
  };
  return { all, filtered };
}

/** The requested filters, as fields and their values. */
function equalities(kind: Kind, query: Query): readonly (readonly [path: string, values: readonly string[]])[] {
  const { leavesOut, filters = {} } = kind;
  const wanted = { ...filters, ...(leavesOut ? { [leavesOut.param]: leavesOut.field } : {}) };
  return Object.entries(wanted).flatMap(([param, path]) => {
    const value = textOf(query, param);
    const isAll = param === leavesOut?.param && value === leavesOut.all;
    return value === undefined || isAll ? [] : [[path, query.get(param) ?? []] as const];
  });
}

function valueAt(fields: unknown, path: string): string {
  let value = fields;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return String(value);
}

/**
 * The object that a page starts from. It is an error if the object was removed or the list does not have it, but not if
 * only the `created` filter leaves it out: the list continues from its position.
 */
function cursorOf(
  kind: Kind,
  world: World,
  id: string | undefined,
  isVisible: (index: number) => boolean,
): number | undefined {
  if (id === undefined) return undefined;
  const collection = world.collection(kind.name);
  const index = collection.find(id);
  const gone = index === undefined || collection.isRemoved(index) || !isVisible(index);
  if (gone) throw noSuch(kind.object, id, 'starting_after', 400);
  if (kind.since && collection.createdOf(index) < kind.since(world)) throw agedOut(id);
  return index;
}

/** One page of a list that belongs to an object. */
export function listChildren(
  store: Store,
  world: World,
  { sublist, parent }: { readonly sublist: Sublist; readonly parent: number },
  query: Query,
): Body {
  checkNames(query, sublist.paginates === false ? UNPAGED : PAGED, paramsOf(sublist));
  const { limit, startingAfter, endingBefore } = sublist.paginates === false ? EVERYTHING : pagingOf(query);
  const expansion = parseExpand(store, query.get('expand') ?? [], objectsOf(sublist), 'data');
  const all = itemsOf(sublist, world, parent);
  const cursor = placeOf(all, { sublist, world, parent }, startingAfter ?? endingBefore);
  const first = endingBefore === undefined ? (cursor ?? -1) + 1 : Math.max(0, (cursor ?? 0) - limit);
  const end = endingBefore === undefined ? Math.min(first + limit, all.length) : (cursor ?? 0);
  const items = all.slice(first, end).map((n) => sublist.write(world, parent, n, INDENT));
  const hasMore = endingBefore === undefined ? end < all.length : first > 0;
  const url = sublist.query === undefined ? urlOf(sublist, world, parent) : sublist.path;
  return answer(store, world, { items, hasMore, url }, expansion);
}

/** Parameters that say whose list it is. */
export function paramsOf({ query, needs = {} }: Sublist): readonly string[] {
  return [...(query === undefined ? [] : [query]), ...Object.keys(needs)];
}

function objectsOf({ object }: Sublist): readonly string[] {
  return typeof object === 'string' ? [object] : object;
}

/** What an item is called in messages. */
export function nounOf(sublist: Sublist): string {
  return objectsOf(sublist)[0] ?? '';
}

interface ListOf {
  readonly sublist: Sublist;
  readonly world: World;
  readonly parent: number;
}

function placeOf(all: readonly number[], list: ListOf, id: string | undefined): number | undefined {
  if (id === undefined) return undefined;
  const { sublist, world, parent } = list;
  const place = all.findIndex((n) => sublist.idOf(world, parent, n) === id);
  if (place >= 0) return place;
  throw noSuch(nounOf(sublist), id, 'starting_after', 400);
}

interface Answer {
  readonly items: readonly string[];
  readonly hasMore: boolean;
  readonly url: string;
}

function answer(store: Store, world: World, list: Answer, expansion: Expansion): Body {
  if (expansion.size === 0) return listBody(list);
  const items = list.items.map((text) => {
    const object: unknown = JSON.parse(text);
    expand(store, world, object, expansion);
    return write(object, INDENT);
  });
  return listBody({ ...list, items });
}
