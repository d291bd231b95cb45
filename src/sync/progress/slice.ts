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
   * The newest `created` of the last page that was emitted. Everything newer was emitted, if the list is in order. If
   * `after` is gone, the list is entered again here, so that one object out of order at the end of a page does no harm.
   */
  readonly seen?: Seconds;
  /** Objects older than this second belong to another slice. The bounds stay, because `after` belongs to them. */
  readonly stop?: Seconds;
  /** How far the stream is in the page that comes next, if it has begun that page. */
  readonly within?: StoredPosition;
}

/** What moving a slice past a page needs to know about the page. */
export interface PageEnd {
  readonly hasMore: boolean;
  /** Id of its last object. */
  readonly lastId?: string | undefined;
  /** When its objects were created, in their order; empty if the list cannot be entered by `created`. */
  readonly times: readonly Seconds[];
  /** When the last object of the previous page was created, if that is known. */
  readonly previous?: Seconds | undefined;
}

/**
 * What is left of a slice once this page is emitted; undefined if the page was its last. A slice that was cut short
 * ends with a whole page below its stop, because one object may be out of order. A list in disorder has to be read to
 * its end.
 */
export function below(page: PageEnd, slice: Slice): Slice | undefined {
  if (!page.hasMore) return undefined;
  const { gte, lte, stop } = slice;
  const isOrdered = !isInDisorder(slice) && !rises(page, slice);
  if (stop !== undefined && isOrdered && isBelow(page.times, stop)) return undefined;
  const seen = isOrdered && page.times.length > 0 ? Math.max(...page.times) : undefined;
  return compact({ gte, lte, after: page.lastId, seen, stop });
}

/** Whether an object of the page is newer than the one before it, so that the list is not in the order of `created`. */
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
 * A slice that enters the list again by bounds alone: at a second, which is read again, or at its top. If the slice was
 * cut short, `stop` becomes its lower bound.
 */
export function reenter({ gte, lte, stop }: Slice, second = lte): Slice {
  const bottom = gte === undefined && stop === undefined ? undefined : Math.max(gte ?? 0, stop ?? 0);
  return compact({ gte: bottom, lte: second });
}

/** The two halves of a slice: they do not overlap, and together they cover it. */
export interface Halves {
  readonly newer: Slice;
  readonly older: Slice;
}

/**
 * The first second of the newer of two halves of equal time; undefined if the slice cannot be split. `floor` is where a
 * slice without a lower bound is taken to begin.
 */
export function middleOf(slice: Slice, floor: Seconds): Seconds | undefined {
  const { low, top } = extentOf(slice, floor);
  return top > low ? low + Math.ceil((top - low) / 2) : undefined;
}

/** How many seconds of a slice are left, besides the one that is being read; 0 if the slice cannot be split. */
export function secondsLeft(slice: Slice, floor: Seconds): Seconds {
  const { low, top } = extentOf(slice, floor);
  return Math.max(0, top - low);
}

function extentOf(slice: Slice, floor: Seconds) {
  const top = isInDisorder(slice) ? undefined : (slice.seen ?? slice.lte);
  const low = slice.stop ?? slice.gte ?? floor;
  return { low, top: top ?? low };
}

/** Splits a slice by its bounds, so no `after` may depend on them. The newer half begins at `middle`. */
export function halve(slice: Slice, middle: Seconds): Halves {
  return { newer: { ...slice, gte: middle }, older: olderHalf(slice, middle) };
}

/** Splits a slice in use: the newer half keeps its bounds and gets a `stop`. */
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

/** A slice without its undefined fields. */
export function compact(slice: { readonly [key in keyof Slice]: Slice[key] | undefined }): Slice {
  return Object.fromEntries(Object.entries(slice).filter(([, value]) => value !== undefined));
}

/** The slice from `gte` to `lte`, or none if `lte` is earlier. All history needs no lower bound. */
export function range(gte: Seconds, lte: Seconds): readonly Slice[] {
  if (lte < gte) return [];
  return [gte > 0 ? { gte, lte } : { lte }];
}
