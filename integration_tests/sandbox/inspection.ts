import type { Store } from './api/store.js';
import { worldOf } from './changes.js';
import { objectText } from './data/objects.js';
import type { Seconds } from './data/timeline.js';

/** A stretch of a collection; bounds are inclusive. `account` is a connected one. */
export interface Within {
  readonly gte?: Seconds;
  readonly lte?: Seconds;
  readonly account?: string;
}

type Fields = Record<string, unknown>;

/** What there is, for comparison with what was read. Collections are named as the streams of their lists. */
export interface Inspection {
  /** Without what was removed; with what lists leave out by default. */
  readonly count: (collection: string, within?: Within) => number;
  /** Newest first, as the list has them. */
  readonly ids: (collection: string, within?: Within) => readonly string[];
  /** Whole objects, newest first. */
  readonly objects: (collection: string, within?: Within) => Generator<Fields>;
  /** An object as a GET gives it, also a removed one; undefined when there is none. */
  readonly object: (collection: string, id: string, account?: string) => Fields | undefined;
  /** All items of a list that belongs to an object: `invoice_lines`, `subscription_items` and so on. */
  readonly children: (list: string, parent: string, account?: string) => readonly Fields[];
  /** How many items all the lists of this name have together. */
  readonly countChildren: (list: string, within?: Within) => number;
}

export function createInspection(store: Store): Inspection {
  function* indices(name: string, within: Within): Generator<number> {
    const world = worldOf(store, within.account);
    const since = store.kind(name).since?.(world);
    yield* world.collection(name).newestFirst({
      gte: since === undefined ? within.gte : Math.max(since, within.gte ?? since),
      lte: within.lte,
    });
  }

  function* objects(name: string, within: Within = {}): Generator<Fields> {
    const world = worldOf(store, within.account);
    for (const index of indices(name, within)) yield JSON.parse(objectText(world, store.kind(name), index, 0));
  }

  function children(list: string, parent: string, account?: string): readonly Fields[] {
    const world = worldOf(store, account);
    const sublist = store.sublist(list);
    const index = world.collection(sublist.parent).find(parent);
    if (index === undefined) throw new Error(`the sandbox has no ${parent} in ${sublist.parent}`);
    return Array.from({ length: sublist.count(world, index) }, (_, n) => JSON.parse(sublist.write(world, index, n, 0)));
  }

  return {
    count: (name, within = {}) => {
      let count = 0;
      for (const _ of indices(name, within)) count += 1;
      return count;
    },
    ids: (name, within = {}) => {
      const { ids } = worldOf(store, within.account).collection(name);
      return Array.from(indices(name, within), ids.encode);
    },
    objects,
    object: (name, id, account) => {
      const world = worldOf(store, account);
      const index = world.collection(name).find(id);
      return index === undefined ? undefined : JSON.parse(objectText(world, store.kind(name), index, 0));
    },
    children,
    countChildren: (list, within = {}) => {
      const world = worldOf(store, within.account);
      const { parent, count } = store.sublist(list);
      let total = 0;
      for (const index of indices(parent, within)) total += count(world, index);
      return total;
    },
  };
}
