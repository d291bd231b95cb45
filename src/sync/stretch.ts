import type { StreamDefinition } from '../streams/definition.js';
import type { StripeObject } from '../stripe/api.generated.js';
import type { Page } from '../stripe/pages.js';
import { givesNoMore, isStuck, type ListContext, listPage, loopDetector, PATIENCE } from './lists.js';
import { below, middleOf, reenter, type Seconds, type Slice, secondsLeft, splitAt, type Within } from './progress.js';
import type { Reading } from './reading.js';
import { createdOf, timesOf } from './records.js';

/** A place in a page that has not come yet. */
function atStart(within: Within | undefined) {
  return { within, beyond: within };
}

/** A slice of fewer pages than this is not worth a second worker. */
const PAGES_WORTH_SPLITTING = 3;

/**
 * A slice while it is read: what of it is not out yet, and what has not been fetched. One worker takes it page by page;
 * another may at any moment split off its older half. Both facts change in one step, between two awaits.
 */
export class Stretch {
  /** What is not out yet: what a STATE may say. */
  slice: Slice;
  /** Who wants it, and how far each is in the page in hand, or in the first one. */
  readonly wanted: Map<Reading, { readonly within: Within | undefined; readonly beyond: Within | undefined }>;
  isTaken = false;
  /** Whether a page of it has come. */
  isRead = false;
  /** What has not been fetched; the same as `slice` but for the page in hand. */
  #ahead: Slice | undefined;
  /** Rows a second and rows a page, as the last page had them. */
  #density = 0;
  #pageLength = 0;
  /** Whether the bounds can no longer change: a page has been asked for. */
  #isInUse: boolean;
  #trouble = 0;
  #isOldPlace: (place: string) => boolean;

  constructor(slice: Slice, wanted: Iterable<readonly [Reading, Within | undefined]>) {
    this.slice = slice;
    this.#ahead = slice;
    this.wanted = new Map([...wanted].map(([reading, within]) => [reading, atStart(within)]));
    this.#isInUse = slice.after !== undefined;
    this.#isOldPlace = loopDetector(slice.after);
  }

  /** How many rows have not been fetched, going by the last page; 0 while nothing is known. */
  expected(floor: Seconds): number {
    return this.#ahead ? this.#density * secondsLeft(this.#ahead, floor) : 0;
  }

  isWorthSplitting(floor: Seconds): boolean {
    return this.#density > 0 && this.expected(floor) >= PAGES_WORTH_SPLITTING * this.#pageLength;
  }

  /** Gives away the older half of what has not been fetched; undefined when it is only a second. */
  split(floor: Seconds): Stretch | undefined {
    const middle = this.#ahead && middleOf(this.#ahead, floor);
    if (this.#ahead === undefined || middle === undefined) return undefined;
    const { newer, older } = splitAt(this.#ahead, middle, this.#isInUse);
    this.slice = splitAt(this.slice, middle, this.#isInUse).newer;
    this.#ahead = newer;
    const half = new Stretch(
      older,
      [...this.wanted.keys()].map((reading) => [reading, undefined]),
    );
    half.#density = this.#density;
    half.#pageLength = this.#pageLength;
    return half;
  }

  /**
   * The items of the next page; undefined when there is none. The slice may be cut short while the page is on its way:
   * what is then beyond its stop is left out. Goes on when the object to start after is gone (400).
   */
  async fetch(context: ListContext, stream: StreamDefinition): Promise<readonly StripeObject[] | undefined> {
    this.#isInUse = true;
    while (this.#ahead) {
      const page = await listPage(context, stream, this.#ahead);
      if (page !== undefined && !isStuck(page, this.#isOldPlace)) return this.#take(stream, page, this.#ahead);
      this.#trouble += 1;
      if (this.#trouble > PATIENCE) throw givesNoMore(stream.path);
      if (page === undefined) await this.#reenter(context, stream, this.#ahead);
    }
    return undefined;
  }

  /** The page in hand is out. True when there is more. */
  turn(): boolean {
    for (const [reading, { beyond }] of this.wanted) this.wanted.set(reading, atStart(beyond));
    if (this.#ahead) this.slice = this.#ahead;
    return this.#ahead !== undefined;
  }

  #take(stream: StreamDefinition, { items, hasMore, next }: Page, rest: Slice): readonly StripeObject[] {
    const times = timesOf(stream, items);
    const left = below({ hasMore, lastId: next, times }, rest);
    const [top, last] = [rest.seen ?? rest.lte, times.at(-1)];
    this.isRead = true;
    // A page of one second says nothing of the time behind it.
    if (top !== undefined && last !== undefined && (top > last || this.#density === 0)) {
      this.#density = times.length / Math.max(1, top - last);
      this.#pageLength = times.length;
    }
    // Only a list that has got further than where it lost its place is out of trouble.
    if (left?.seen !== undefined && left.seen < (rest.lte ?? Number.POSITIVE_INFINITY)) this.#trouble = 0;
    this.#ahead = left;
    const { stop } = rest;
    return stop === undefined ? items : items.filter((item) => (createdOf(stream, item) ?? stop) >= stop);
  }

  async #reenter(context: ListContext, stream: StreamDefinition, lost: Slice): Promise<void> {
    if (lost.seen === undefined) {
      await context.say(
        'WARN',
        `${stream.name}: the object after which to go on was deleted, and the list cannot be entered elsewhere. ` +
          'It is read again from its start; some rows come twice.',
      );
    }
    this.#isOldPlace = loopDetector();
    // As it is now: it may have been cut short since.
    this.#ahead = reenter(this.#ahead ?? lost);
    this.slice = this.#ahead;
  }
}
