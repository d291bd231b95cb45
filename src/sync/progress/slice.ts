import type { StoredPosition } from './page-position.js';

/** Unix seconds, as Stripe counts them. */
export type Seconds = number;

/**
 * A range of a list that is still to be read: what was created in `[gte, lte]`, both inclusive, both open when absent.
 * Stripe lists newest first, so what is left of a slice after a page is the same slice with an `after`.
 */
export interface Slice {
  readonly gte?: Seconds;
  readonly lte?: Seconds;
  /** Id of the last object that was emitted. It is never used under other bounds than these. */
  readonly after?: string;
  /**
   * The newest `created` of the last page that was emitted; everything newer was emitted, as long as the list is in order.
   * Where the list is entered again when `after` is gone: one object out of order at the end of a page moves nothing.
   */
  readonly seen?: Seconds;
  /** Cut short: what is older than this second is another slice's. The bounds stay, for `after` belongs to them. */
  readonly stop?: Seconds;
  /** How far the stream is within the page that comes next, where it has been begun. */
  readonly within?: StoredPosition;
}

/** A page as far as it moves a slice on. */
export interface PageEnd {
  readonly hasMore: boolean;
  /** Id of its last object. */
  readonly lastId?: string | undefined;
  /** When its objects were created, in their order; empty where that cannot be used to enter the list again. */
  readonly times: readonly Seconds[];
  /** When the last object of the page before was created, where that is known. */
  readonly previous?: Seconds | undefined;
}

/**
 * What is left of a slice once this page is emitted; undefined when the page was its last. A slice that was cut short ends
 * with a whole page below its stop, for one object may stand out of order; a list in disorder has to be read to its end.
 */
export function below(page: PageEnd, slice: Slice): Slice | undefined {
  if (!page.hasMore) return undefined;
  const { gte, lte, stop } = slice;
  const isOrdered = !isInDisorder(slice) && !rises(page, slice);
  if (stop !== undefined && isOrdered && isBelow(page.times, stop)) return undefined;
  const seen = isOrdered && page.times.length > 0 ? Math.max(...page.times) : undefined;
  return compact({ gte, lte, after: page.lastId, seen, stop });
}

/** Whether an object of the page is newer than the one before it: the list is then not in the order of `created`. */
export function rises({ times, previous }: Pick<PageEnd, 'times' | 'previous'>, slice: Slice): boolean {
  return times.some((time, index) => time > (times[index - 1] ?? previous ?? slice.seen ?? time));
}

function isBelow(times: readonly Seconds[], stop: Seconds): boolean {
  return times.length > 0 && times.every((time) => time < stop);
}

/** Whether an object of the list was newer than the one before it. */
function isInDisorder({ after, seen }: Slice): boolean {
  return after !== undefined && seen === undefined;
}

/**
 * A slice that is entered again, by bounds alone: from a second on, which is read again, or from its top. Where it was cut
 * short, `stop` becomes its lower bound.
 */
export function reenter({ gte, lte, stop }: Slice, second = lte): Slice {
  const bottom = gte === undefined && stop === undefined ? undefined : Math.max(gte ?? 0, stop ?? 0);
  return compact({ gte: bottom, lte: second });
}

/** A slice in two that do not overlap and are together what it was. */
export interface Halves {
  readonly newer: Slice;
  readonly older: Slice;
}

/**
 * The second at which a slice falls into two halves of equal time, the first of the newer one; undefined where it cannot
 * be split. `floor` is where a slice without a lower bound is taken to begin.
 */
export function middleOf(slice: Slice, floor: Seconds): Seconds | undefined {
  const { low, top } = extentOf(slice, floor);
  return top > low ? low + Math.ceil((top - low) / 2) : undefined;
}

/** How many seconds of a slice are left, but for the one that is being read; 0 where it cannot be split. */
export function secondsLeft(slice: Slice, floor: Seconds): Seconds {
  const { low, top } = extentOf(slice, floor);
  return Math.max(0, top - low);
}

function extentOf(slice: Slice, floor: Seconds) {
  const top = isInDisorder(slice) ? undefined : (slice.seen ?? slice.lte);
  const low = slice.stop ?? slice.gte ?? floor;
  return { low, top: top ?? low };
}

/** Splits a slice of which no page was emitted, or asked for; what is created from `middle` on stays with the newer half. */
export function halve(slice: Slice, middle: Seconds): Halves {
  return { newer: { ...slice, gte: middle }, older: olderHalf(slice, middle) };
}

/** Splits a slice in use: the newer half keeps its bounds, and is told where to stop. */
export function cutShort(slice: Slice, middle: Seconds): Halves {
  return { newer: { ...slice, stop: middle }, older: olderHalf(slice, middle) };
}

function olderHalf({ gte, stop }: Slice, middle: Seconds): Slice {
  return compact({ gte: stop ?? gte, lte: middle - 1 });
}

/** Whether nothing ties a slice to its bounds. */
export function isFresh({ after, stop, within }: Slice): boolean {
  return after === undefined && stop === undefined && within === undefined;
}

export function compact(slice: { readonly [key in keyof Slice]: Slice[key] | undefined }): Slice {
  return Object.fromEntries(Object.entries(slice).filter(([, value]) => value !== undefined));
}

/** The slice from `gte` to `lte`, or none. All history needs no lower bound. */
export function range(gte: Seconds, lte: Seconds): readonly Slice[] {
  if (lte < gte) return [];
  return [gte > 0 ? { gte, lte } : { lte }];
}
