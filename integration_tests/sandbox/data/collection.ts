import type { Ids } from './ids.js';
import { countUpTo, type Seconds, type Timeline } from './timeline.js';

/** A stretch of a collection, in the terms of a list request; bounds are inclusive. */
export interface Stretch {
  readonly gte?: Seconds | undefined;
  readonly lte?: Seconds | undefined;
  /** Only what comes after this object in the direction of the walk. */
  readonly beyond?: number | undefined;
}

/** How many seconds further down in the list an object is than its `created` says. */
export type Lateness = (index: number) => Seconds;

/** An object that is out of order: right after another one in the list (newest first). Both are indices. */
export interface Straggler {
  readonly index: number;
  readonly behind: number;
}

/** What a collection is made of. */
export interface Contents {
  readonly timeline: Timeline;
  readonly ids: Ids;
  readonly lateness?: Lateness | undefined;
  readonly stragglers?: readonly Straggler[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Objects in the order of their creation, each known by its index. The objects of the start are nothing but a timeline;
 * only additions, removals and changes are remembered.
 */
export class Collection {
  /** How many objects there were at the start. This number decides on the relations between objects. */
  readonly base: number;
  readonly ids: Ids;
  readonly #timeline: Timeline;
  readonly #lateness: Lateness | undefined;
  readonly #stragglers: readonly Straggler[];
  readonly #added: Seconds[] = [];
  readonly #removed = new Set<number>();
  readonly #patches = new Map<number, Fields>();

  constructor({ timeline, ids, lateness, stragglers = [] }: Contents) {
    this.base = timeline.length;
    this.ids = ids;
    this.#timeline = timeline;
    this.#lateness = lateness ?? (stragglers.length > 0 ? () => 0 : undefined);
    this.#stragglers = stragglers;
  }

  createdOf(index: number): Seconds {
    if (index < this.base) return this.#timeline.at(index);
    return this.#added[index - this.base] ?? Number.POSITIVE_INFINITY;
  }

  /** How many of the objects that were there at the start had been created by then. */
  upTo(time: Seconds): number {
    return countUpTo(this.#timeline, time);
  }

  /** The index that an id stands for, even if the object was removed. */
  find(id: string): number | undefined {
    const index = this.ids.decode(id);
    return index !== undefined && index < this.base + this.#added.length ? index : undefined;
  }

  /** Adds objects; returns their indices. */
  append(count: number, at: Seconds): readonly number[] {
    return Array.from({ length: count }, () => this.base + this.#added.push(at) - 1);
  }

  remove(index: number): void {
    this.#removed.add(index);
  }

  restore(index: number): void {
    this.#removed.delete(index);
  }

  isRemoved(index: number): boolean {
    return this.#removed.has(index);
  }

  patch(index: number, fields: Fields): void {
    this.#patches.set(index, { ...this.#patches.get(index), ...fields });
  }

  patchOf(index: number): Fields | undefined {
    return this.#patches.get(index);
  }

  /** The indices of a stretch as lists have them; removed ones are left out. */
  *newestFirst(stretch: Stretch): Generator<number> {
    if (this.#lateness) return yield* this.#inDisorder(stretch, this.#lateness, -1);
    const { gte = 0, lte = Number.POSITIVE_INFINITY, beyond } = stretch;
    const before = beyond === undefined ? Number.POSITIVE_INFINITY : this.createdOf(beyond);
    const old = Math.min(this.upTo(Math.min(lte, before)), beyond ?? this.base);
    const isNext = (index: number) =>
      this.createdOf(index) <= lte && (beyond === undefined || this.#compare(index, beyond) < 0);
    const news = this.#addedInOrder().filter(isNext);
    for (const index of this.#merge(down(old), news.reverse(), -1)) {
      if (this.createdOf(index) < gte) return;
      if (!this.#removed.has(index)) yield index;
    }
  }

  *oldestFirst(stretch: Stretch): Generator<number> {
    if (this.#lateness) return yield* this.#inDisorder(stretch, this.#lateness, 1);
    const { gte = 0, lte = Number.POSITIVE_INFINITY, beyond } = stretch;
    const after = beyond === undefined ? 0 : this.createdOf(beyond);
    const isOld = beyond !== undefined && beyond < this.base;
    /** Within one second, added objects come after those of the start. */
    const old = Math.max(this.upTo(gte - 1), isOld ? beyond + 1 : beyond === undefined ? 0 : this.upTo(after));
    const isNext = (index: number) =>
      this.createdOf(index) >= gte && (beyond === undefined || this.#compare(index, beyond) > 0);
    const news = this.#addedInOrder().filter(isNext);
    for (const index of this.#merge(up(old, this.base), news, 1)) {
      if (this.createdOf(index) > lte) return;
      if (!this.#removed.has(index)) yield index;
    }
  }

  /** The same for a list in disorder: sorts all objects each time. */
  *#inDisorder({ gte = 0, lte = Number.POSITIVE_INFINITY, beyond }: Stretch, lateness: Lateness, direction: 1 | -1) {
    const placeOf = (index: number) => this.createdOf(index) - lateness(index);
    const all = Array.from({ length: this.base + this.#added.length }, (_, index) => index);
    all.sort((a, b) => placeOf(b) - placeOf(a) || b - a);
    for (const { index, behind } of this.#stragglers) move(all, index, behind);
    if (direction > 0) all.reverse();
    for (const index of all.slice(beyond === undefined ? 0 : all.indexOf(beyond) + 1)) {
      const created = this.createdOf(index);
      if (created >= gte && created <= lte && !this.#removed.has(index)) yield index;
    }
  }

  /** The order of lists: by time, and within a second by index. */
  #compare(a: number, b: number): number {
    return this.createdOf(a) - this.createdOf(b) || a - b;
  }

  #addedInOrder(): number[] {
    return this.#added.map((_, i) => this.base + i).sort((a, b) => this.#compare(a, b));
  }

  /** Two sequences of the same direction as one. */
  *#merge(old: Iterable<number>, news: readonly number[], direction: 1 | -1): Generator<number> {
    let taken = 0;
    for (const index of old) {
      for (let next = news[taken]; next !== undefined; next = news[taken]) {
        if (this.#compare(next, index) * direction > 0) break;
        yield next;
        taken += 1;
      }
      yield index;
    }
    yield* news.slice(taken);
  }
}

/** Moves an index right after another one; does nothing if one of them is missing. */
function move(all: number[], index: number, behind: number): void {
  if (index === behind || !all.includes(index) || !all.includes(behind)) return;
  all.splice(all.indexOf(index), 1);
  all.splice(all.indexOf(behind) + 1, 0, index);
}

function* down(end: number): Generator<number> {
  for (let index = end - 1; index >= 0; index -= 1) yield index;
}

function* up(first: number, end: number): Generator<number> {
  for (let index = first; index < end; index += 1) yield index;
}
