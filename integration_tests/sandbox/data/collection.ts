import type { Ids } from './ids.js';
import { countUpTo, type Seconds, type Timeline } from './timeline.js';

/** A stretch of a collection, in the terms of a list request; bounds are inclusive. */
export interface Stretch {
  readonly gte?: Seconds | undefined;
  readonly lte?: Seconds | undefined;
  /** Only what comes after this object in the direction of the walk. */
  readonly beyond?: number | undefined;
}

/** Objects in the order of their creation, known by their index: a timeline that is a function, and what was added. */
export interface Collection {
  /** How many objects there were at the start. Relations between objects are settled by this number. */
  readonly base: number;
  readonly ids: Ids;
  readonly createdOf: (index: number) => Seconds;
  /** How many of the objects that were there at the start had been created by then. */
  readonly upTo: (time: Seconds) => number;
  /** The index behind an id, also when the object was removed. */
  readonly find: (id: string) => number | undefined;
  /** Adds objects; returns their indices. */
  readonly append: (count: number, at: Seconds) => readonly number[];
  readonly remove: (index: number) => void;
  readonly restore: (index: number) => void;
  readonly isRemoved: (index: number) => boolean;
  readonly patch: (index: number, fields: Readonly<Record<string, unknown>>) => void;
  readonly patchOf: (index: number) => Readonly<Record<string, unknown>> | undefined;
  /** The indices of a stretch, newest first; removed ones are left out. */
  readonly newestFirst: (stretch: Stretch) => Generator<number>;
  readonly oldestFirst: (stretch: Stretch) => Generator<number>;
}

export function createCollection(timeline: Timeline, ids: Ids): Collection {
  const base = timeline.length;
  const added: Seconds[] = [];
  const removed = new Set<number>();
  const patches = new Map<number, Readonly<Record<string, unknown>>>();
  const createdOf = (index: number) =>
    index < base ? timeline.at(index) : (added[index - base] ?? Number.POSITIVE_INFINITY);
  const upTo = (time: Seconds) => countUpTo(timeline, time);
  /** The order of the list: by time, and within a second by index. */
  const compare = (a: number, b: number) => createdOf(a) - createdOf(b) || a - b;
  const addedInOrder = () => added.map((_, i) => base + i).sort(compare);

  function* newestFirst({ gte = 0, lte, beyond }: Stretch): Generator<number> {
    const isBelow = (index: number) =>
      (lte === undefined || createdOf(index) <= lte) && (beyond === undefined || compare(index, beyond) < 0);
    const news = addedInOrder().filter(isBelow);
    let old = upTo(Math.min(lte ?? Number.POSITIVE_INFINITY, beyond === undefined ? Infinity : createdOf(beyond)));
    if (beyond !== undefined) old = Math.min(old, beyond);
    for (;;) {
      const latest = news.at(-1);
      const takeNew = latest !== undefined && (old === 0 || compare(latest, old - 1) > 0);
      if (!takeNew && old === 0) return;
      const index = takeNew ? latest : old - 1;
      if (takeNew) news.pop();
      else old -= 1;
      if (createdOf(index) < gte) return;
      if (!removed.has(index)) yield index;
    }
  }

  function* oldestFirst({ gte = 0, lte = Number.POSITIVE_INFINITY, beyond }: Stretch): Generator<number> {
    const isAbove = (index: number) =>
      createdOf(index) >= gte && (beyond === undefined || compare(index, beyond) > 0);
    const news = addedInOrder().filter(isAbove).reverse();
    let old = upTo(Math.max(gte, beyond === undefined ? 0 : createdOf(beyond)) - 1);
    if (beyond !== undefined && beyond < base) old = Math.max(old, beyond + 1);
    while (old < base && !isAbove(old)) old += 1;
    for (;;) {
      const earliest = news.at(-1);
      const takeNew = earliest !== undefined && (old >= base || compare(earliest, old) < 0);
      if (!takeNew && old >= base) return;
      const index = takeNew ? earliest : old;
      if (takeNew) news.pop();
      else old += 1;
      if (createdOf(index) > lte) return;
      if (!removed.has(index)) yield index;
    }
  }

  return {
    base,
    ids,
    createdOf,
    upTo,
    find: (id) => {
      const index = ids.decode(id);
      return index !== undefined && index < base + added.length ? index : undefined;
    },
    append: (count, at) => Array.from({ length: count }, () => base + added.push(at) - 1),
    remove: (index) => void removed.add(index),
    restore: (index) => void removed.delete(index),
    isRemoved: (index) => removed.has(index),
    patch: (index, fields) => void patches.set(index, { ...patches.get(index), ...fields }),
    patchOf: (index) => patches.get(index),
    newestFirst,
    oldestFirst,
  };
}
