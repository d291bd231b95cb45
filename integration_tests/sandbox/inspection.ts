import { catalog } from '../../src/streams/catalog.js';
import { kindsOf, primaryKeyOf, type StreamDefinition } from '../../src/streams/definition.js';
import { visibility } from './api/list.js';
import { parseQuery } from './api/query.js';
import type { Store } from './api/store.js';
import { worldOf } from './changes.js';
import { itemsOf } from './data/items.js';
import type { World } from './data/model.js';
import { objectText } from './data/objects.js';
import type { Seconds } from './data/timeline.js';
import type { Kind } from './kinds/kind.js';
import { isListOf } from './kinds/registry.js';

/** A stretch of a collection; bounds are inclusive. `account` is a connected one. */
export interface Within {
  readonly gte?: Seconds;
  readonly lte?: Seconds;
  readonly account?: string;
}

type Fields = Record<string, unknown>;

export interface DatedKey {
  readonly key: string;
  readonly created: Seconds;
  /** The id of the top-level object that the row is, or belongs to. */
  readonly root: string;
}

/** What exists, to compare with what was read. Collections have the names of the streams of their lists. */
export interface Inspection {
  /** Without removed objects; with those that lists leave out by default. */
  readonly count: (collection: string, within?: Within) => number;
  /** The rows that a read of a stream must emit, children included: the primary key of each, as `keyOf` writes it. */
  readonly rows: (stream: string, account?: string) => readonly string[];
  /** The same rows, each with the time of the top-level object that it is, or belongs to. */
  readonly dated: (stream: string, account?: string) => readonly DatedKey[];
  /** Newest first, as the list has them. */
  readonly ids: (collection: string, within?: Within) => readonly string[];
  /** Whole objects, newest first. */
  readonly objects: (collection: string, within?: Within) => Generator<Fields>;
  /** An object as a GET returns it, even a removed one; undefined if there is none. */
  readonly object: (collection: string, id: string, account?: string) => Fields | undefined;
  /** All items of a list that belongs to an object: `invoice_lines`, `subscription_items` and so on. */
  readonly children: (list: string, parent: string, account?: string) => readonly Fields[];
  /** How many items all the lists of this name have together. */
  readonly countChildren: (list: string, within?: Within) => number;
}

/** The primary key of a row in one text. */
export function keyOf(stream: StreamDefinition, row: Fields): string {
  return primaryKeyOf(stream)
    .map((field) => String(row[field]))
    .join(' ');
}

export function createInspection(store: Store): Inspection {
  const dated = (name: string, account?: string) => datedKeysOf(store, name, account);
  const ids = (name: string, within: Within = {}) =>
    Array.from(indices(store, name, within), worldOf(store, within.account).collection(name).ids.encode);
  return {
    rows: (name, account) => dated(name, account).map(({ key }) => key),
    dated,
    count: (name, within) => ids(name, within).length,
    ids,
    objects: (name, within) => objects(store, name, within),
    object: (name, id, account) => {
      const world = worldOf(store, account);
      const index = world.collection(name).find(id);
      return index === undefined ? undefined : JSON.parse(objectText(world, store.kind(name), index, 0));
    },
    children: (list, parent, account) => children(store, { list, parent, account }),
    countChildren: (list, within = {}) => {
      const world = worldOf(store, within.account);
      const sublist = store.sublist(list);
      let total = 0;
      for (const index of indices(store, sublist.parent, within)) total += itemsOf(sublist, world, index).length;
      return total;
    },
  };
}

function* indices(store: Store, name: string, within: Within): Generator<number> {
  const world = worldOf(store, within.account);
  const since = store.kind(name).since?.(world);
  yield* world.collection(name).newestFirst({
    gte: since === undefined ? within.gte : Math.max(since, within.gte ?? since),
    lte: within.lte,
  });
}

function* objects(store: Store, name: string, within: Within = {}): Generator<Fields> {
  const world = worldOf(store, within.account);
  for (const index of indices(store, name, within)) yield JSON.parse(objectText(world, store.kind(name), index, 0));
}

interface ListOfParent {
  readonly list: string;
  readonly parent: string;
  readonly account: string | undefined;
}

function children(store: Store, { list, parent, account }: ListOfParent): readonly Fields[] {
  const world = worldOf(store, account);
  const sublist = store.sublist(list);
  const index = world.collection(sublist.parent).find(parent);
  if (index === undefined) throw new Error(`the sandbox has no ${parent} in ${sublist.parent}`);
  return itemsOf(sublist, world, index).map((n) => JSON.parse(sublist.write(world, index, n, 0)));
}

/** The kind whose list the stream reads. */
function kindFor(store: Store, { name, path, params = {} }: StreamDefinition): Kind {
  const kinds = store.kinds.filter((kind) => kind.path === path);
  const isNamed = ({ when = {} }: Kind) => Object.entries(when).every(([param, value]) => params[param] === value);
  const kind = kinds.find((each) => each.when && isNamed(each)) ?? kinds.find(({ when }) => when === undefined);
  if (!kind) throw new Error(`the sandbox has no list for ${name}`);
  return kind;
}

/** The objects of a list, with the parameters that the stream sends. */
function* listed(store: Store, stream: StreamDefinition, account: string | undefined): Generator<number> {
  const world = worldOf(store, account);
  const kind = kindFor(store, stream);
  const isIn = visibility(kind, world, parseQuery(new URLSearchParams(stream.params).toString())).filtered;
  for (const index of indices(store, kind.name, account === undefined ? {} : { account })) if (isIn(index)) yield index;
}

function datedKeysOf(store: Store, name: string, account: string | undefined): readonly DatedKey[] {
  const stream = catalog.find((each) => each.name === name);
  if (!stream) throw new Error(`there is no stream ${name}`);
  const world = worldOf(store, account);
  const root = stream.parent?.stream ?? stream;
  const kind = kindFor(store, root);
  const collection = world.collection(kind.name);
  return Array.from(listed(store, root, account)).flatMap((index) => {
    const rows = stream.parent
      ? rowsUnder(store, world, stream, index)
      : [JSON.parse(objectText(world, kind, index, 0)) as Fields];
    const place = { created: collection.createdOf(index), root: collection.ids.encode(index) };
    return Array.from(rows, (row) => ({ key: keyOf(stream, row), ...place }));
  });
}

/** The items of one parent that are rows of the stream, with what they take over from it. */
function* rowsUnder(store: Store, world: World, stream: StreamDefinition, index: number): Generator<Fields> {
  const list = store.sublists.find((each) => isListOf(each, stream));
  if (!list) throw new Error(`the sandbox has no list for ${stream.name}`);
  if (list.refusal?.(world, index) !== undefined) return;
  const parent: Fields = JSON.parse(objectText(world, store.kind(list.parent), index, 0));
  const copied = Object.entries(stream.parent?.copy ?? {}).map(([field, source]) => [field, parent[source]]);
  for (const n of itemsOf(list, world, index)) {
    const item: Fields = JSON.parse(list.write(world, index, n, 0));
    if (kindsOf(stream).includes(String(item['object']))) yield { ...item, ...Object.fromEntries(copied) };
  }
}
