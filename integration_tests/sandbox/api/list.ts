import type { Stretch } from '../data/collection.js';
import { type Body, listBody, objectText, urlOf } from '../data/objects.js';
import { write } from '../data/template.js';
import type { World } from '../data/world.js';
import type { Kind, Sublist } from '../kinds/kind.js';
import { agedOut, noSuch } from './errors.js';
import { type Expansion, expand, parseExpand } from './expand.js';
import { checkNames, createdOf, type Paging, pagingOf, type Query, textOf } from './query.js';
import type { Store } from './store.js';

/** Items of a page stand this far to the right. */
const INDENT = 4;

/** One page of a collection, as its list endpoint answers it. */
export function listKind(store: Store, world: World, kind: Kind, query: Query): Body {
  const filters = [...Object.keys(kind.filters ?? {}), ...(kind.search?.params ?? [])];
  const changes = kind.leavesOut?.param;
  checkNames(query, changes === undefined ? filters : [...filters, changes], kind.createdFilter !== false);
  const paging = pagingOf(query);
  const expansion = parseExpand(store, query.get('expand') ?? [], kind.object, 'data');
  const indices = page(kind, world, query, paging);
  const items = indices.slice(0, paging.limit).map((index) => objectText(world, kind, index, INDENT));
  if (paging.endingBefore !== undefined) items.reverse();
  return answer(store, world, { items, hasMore: indices.length > paging.limit, url: kind.path }, expansion);
}

/** The indices of a page, and one more if there are more. */
function page(kind: Kind, world: World, query: Query, paging: Paging): readonly number[] {
  const { limit, startingAfter, endingBefore } = paging;
  const collection = world.collection(kind.name);
  const visible = visibility(kind, world, query);
  const asked = kind.createdFilter === false ? {} : createdOf(query);
  const since = kind.since?.(world);
  const gte = since === undefined ? asked.gte : Math.max(since, asked.gte ?? since);
  const beyond = cursorOf(kind, world, startingAfter ?? endingBefore, visible.all);
  const stretch: Stretch = { gte, lte: asked.lte, beyond };
  const walk = endingBefore === undefined ? collection.newestFirst(stretch) : collection.oldestFirst(stretch);
  const indices: number[] = [];
  for (const index of walk) {
    if (visible.filtered(index)) indices.push(index);
    if (indices.length > limit) break;
  }
  return indices;
}

interface Visibility {
  /** Whether the list would have it without any filter that was asked for. */
  readonly all: (index: number) => boolean;
  readonly filtered: (index: number) => boolean;
}

function visibility(kind: Kind, world: World, query: Query): Visibility {
  const { leavesOut, search } = kind;
  const fieldsOf = (index: number): Record<string, unknown> => JSON.parse(objectText(world, kind, index, 0));
  const asked = leavesOut === undefined ? undefined : textOf(query, leavesOut.param);
  const hidden = leavesOut !== undefined && asked === undefined;
  const all = (index: number) => !hidden || fieldsOf(index)[leavesOut.field] !== leavesOut.value;
  const equal = equalities(kind, query);
  const matches = search?.matches(query);
  const filtered = (index: number) => {
    if (matches && !matches(world.row(kind.name, index))) return false;
    if (!hidden && equal.length === 0) return true;
    const fields = fieldsOf(index);
    if (hidden && fields[leavesOut.field] === leavesOut.value) return false;
    return equal.every(([path, value]) => valueAt(fields, path) === value);
  };
  return { all, filtered };
}

/** The filters that were asked for, as fields and their values. */
function equalities(kind: Kind, query: Query): readonly (readonly [path: string, value: string])[] {
  const { leavesOut, filters = {} } = kind;
  const wanted = { ...filters, ...(leavesOut ? { [leavesOut.param]: leavesOut.field } : {}) };
  return Object.entries(wanted).flatMap(([param, path]) => {
    const value = textOf(query, param);
    const isAll = param === leavesOut?.param && value === leavesOut.all;
    return value === undefined || isAll ? [] : [[path, value] as const];
  });
}

function valueAt(fields: unknown, path: string): string {
  let value = fields;
  for (const name of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return String(value);
}

/**
 * The object that a page starts from. One that was removed, or that the list does not have, is an error; one that the
 * `created` filter leaves out is not: the list goes on from its place.
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
  checkNames(query, sublist.query === undefined ? [] : [sublist.query], false);
  const { limit, startingAfter, endingBefore } = pagingOf(query);
  const expansion = parseExpand(store, query.get('expand') ?? [], sublist.object, 'data');
  const count = sublist.count(world, parent);
  const cursor = placeOf(sublist, world, parent, startingAfter ?? endingBefore);
  const first = endingBefore === undefined ? (cursor ?? -1) + 1 : Math.max(0, (cursor ?? 0) - limit);
  const end = endingBefore === undefined ? Math.min(first + limit, count) : (cursor ?? 0);
  const items: string[] = [];
  for (let n = first; n < end; n += 1) items.push(sublist.write(world, parent, n, INDENT));
  const hasMore = endingBefore === undefined ? end < count : first > 0;
  const url = sublist.query === undefined ? urlOf(sublist, world, parent) : sublist.path;
  return answer(store, world, { items, hasMore, url }, expansion);
}

function placeOf(sublist: Sublist, world: World, parent: number, id: string | undefined): number | undefined {
  if (id === undefined) return undefined;
  const count = sublist.count(world, parent);
  for (let n = 0; n < count; n += 1) if (sublist.idOf(world, parent, n) === id) return n;
  throw noSuch(sublist.object, id, 'starting_after', 400);
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
