import type { StreamDefinition } from '../streams/definition.js';
import type { StripeObject } from '../stripe/api.generated.js';
import type { Page } from '../stripe/pages.js';
import { givesNoMore, isStuck, type ListContext, listPage, loopDetector, losesPlaces, PATIENCE } from './lists.js';
import {
  below,
  cutShort,
  type Halves,
  halve,
  middleOf,
  reenter,
  type Seconds,
  type Slice,
  secondsLeft,
  type Within,
} from './progress.js';
import type { Reading } from './reading.js';
import { createdOf, timesOf } from './records.js';

/** How far a stream is in a page, at the moment when it is asked: see `Place`. */
export interface Standing {
  readonly within: Within | undefined;
  readonly beyond: Within | undefined;
}

/** A slice of fewer pages than this is not worth a second worker. */
const PAGES_WORTH_SPLITTING = 3;

/**
 * A slice while it is read: what of it is not out yet, and what has not been fetched. One worker takes it page by page;
 * another may split off its older half. Both facts change in one step, between two awaits.
 *
 * Where Stripe documents that the list is newest first, a slice in use is told where to stop. Where it does not, an object
 * may come late, and a slice is over when Stripe says so: it is split by its bounds alone, before a page has been asked
 * for, or while the first is in hand. That page is then asked for again under the new bounds, and passed over.
 */
export class Stretch {
  /** What is not out yet: what a STATE may say. */
  slice: Slice;
  /** Who wants it, and how far each is in the page in hand, or in the first one. */
  readonly wanted: Map<Reading, Standing>;
  isTaken = false;
  /** What has not been fetched; the same as `slice` but for the page in hand. */
  #ahead: Slice | undefined;
  /** Rows a second and rows a page, as the last page had them. */
  #density = 0;
  #pageLength = 0;
  /** Whether the bounds can no longer change: a page has been asked for. */
  #isInUse: boolean;
  /** Whether the page in hand is asked for again. */
  #isRepeated = false;
  #pages = 0;
  /** Where it lost its place, until it has got further: in which second, or after how many pages from its top. */
  #lost: { readonly second: Seconds } | { readonly pages: number } | undefined;
  #isInHand = false;
  #trouble = 0;
  readonly #stream: StreamDefinition;
  #isOldPlace: (place: string) => boolean;

  constructor(stream: StreamDefinition, slice: Slice, wanted: Iterable<readonly [Reading, Within | undefined]>) {
    this.#stream = stream;
    // A list of undocumented order may not stop early, whatever a state says: its part is read from the top, to its end.
    this.slice = this.#mayStop || slice.stop === undefined ? slice : reenter(slice);
    this.#ahead = this.slice;
    this.wanted = new Map([...wanted].map(([reading, within]) => [reading, atStart(within)]));
    this.#isInUse = this.slice.after !== undefined || this.slice.stop !== undefined;
    this.#isOldPlace = loopDetector(this.slice.after);
  }

  /** Whether a page of it has come. */
  get isRead(): boolean {
    return this.#pages > 0;
  }

  /** How many rows have not been fetched, going by the last page; 0 while nothing is known. */
  expected(floor: Seconds): number {
    return this.#ahead ? this.#density * secondsLeft(this.#ahead, floor) : 0;
  }

  isWorthSplitting(floor: Seconds): boolean {
    if (!this.#mayStop && this.#isInUse && !this.#hasFirstInHand) return false;
    return this.#density > 0 && this.expected(floor) >= PAGES_WORTH_SPLITTING * this.#pageLength;
  }

  /** Gives away the older half of what has not been fetched; undefined when it is only a second. */
  split(floor: Seconds): Stretch | undefined {
    const middle = this.#ahead && middleOf(this.#ahead, floor);
    if (this.#ahead === undefined || middle === undefined) return undefined;
    const { newer, older } = this.#cut(this.#ahead, middle);
    this.#ahead = newer;
    const half = new Stretch(
      this.#stream,
      older,
      [...this.wanted.keys()].map((reading) => [reading, undefined]),
    );
    half.#density = this.#density;
    half.#pageLength = this.#pageLength;
    return half;
  }

  #cut(ahead: Slice, middle: Seconds): Halves {
    if (this.#isInUse && this.#mayStop) {
      this.slice = cutShort(this.slice, middle).newer;
      return cutShort(ahead, middle);
    }
    // Nothing of it is out, or no more than the page in hand.
    const halves = halve(this.slice, middle);
    this.#isRepeated = this.#hasFirstInHand;
    this.#isOldPlace = loopDetector();
    this.slice = halves.newer;
    return halves;
  }

  get #mayStop(): boolean {
    return this.#stream.newestFirst === true;
  }

  get #hasFirstInHand(): boolean {
    return this.#pages === 1 && this.slice.after === undefined && this.slice.stop === undefined && this.#isInHand;
  }

  /**
   * The items of the next page; undefined when there is none. The slice may be cut short while the page is on its way:
   * what is then beyond its stop is left out. Goes on when the object to start after is gone (400).
   */
  async fetch(context: ListContext): Promise<readonly StripeObject[] | undefined> {
    this.#isInUse = true;
    while (this.#ahead) {
      const page = await listPage(context, this.#stream, this.#ahead);
      if (page !== undefined && !isStuck(page, this.#isOldPlace)) return this.#take(page, this.#ahead);
      this.#trouble += 1;
      if (this.#trouble > PATIENCE) throw page ? givesNoMore(this.#stream.path) : losesPlaces(this.#stream.path);
      if (page === undefined) await this.#reenter(context, this.#ahead);
    }
    return undefined;
  }

  /** The page in hand is out. True when there is more. */
  turn(): boolean {
    for (const [reading, place] of this.wanted) {
      this.wanted.set(reading, atStart(this.#isRepeated ? place.within : place.beyond));
    }
    this.#isInHand = false;
    this.#isRepeated = false;
    if (this.#ahead) this.slice = this.#ahead;
    return this.#ahead !== undefined;
  }

  #take({ items, hasMore, next }: Page, rest: Slice): readonly StripeObject[] {
    const stream = this.#stream;
    const times = timesOf(stream, items);
    this.#pages += 1;
    this.#isInHand = true;
    const left = below({ hasMore, lastId: next, times }, rest);
    const [top, last] = [rest.seen ?? rest.lte, times.at(-1)];
    // A page of one second says nothing of the time behind it.
    if (top !== undefined && last !== undefined && (top > last || this.#density === 0)) {
      this.#density = times.length / Math.max(1, top - last);
      this.#pageLength = times.length;
    }
    if (this.#isFurther(left)) {
      this.#trouble = 0;
      this.#lost = undefined;
    }
    this.#ahead = left;
    const { stop } = rest;
    return stop === undefined ? items : items.filter((item) => (createdOf(stream, item) ?? stop) >= stop);
  }

  /** Only a list that has got further than where it lost its place is out of trouble. */
  #isFurther(left: Slice | undefined): boolean {
    if (this.#lost === undefined) return true;
    if ('pages' in this.#lost) return this.#pages > this.#lost.pages;
    return left?.seen !== undefined && left.seen < this.#lost.second;
  }

  /** Without an order, what was created after the second in which the place was lost may stand below it as well. */
  async #reenter(context: ListContext, { seen }: Slice): Promise<void> {
    const second = this.#mayStop ? seen : undefined;
    if (second === undefined) {
      const before = this.#lost && 'pages' in this.#lost ? this.#lost.pages : 0;
      this.#lost = { pages: Math.max(before, this.#pages) };
      this.#pages = 0;
      await context.say(
        'WARN',
        `${this.#stream.name}: Stripe no longer has the object after which to go on, and the list cannot be entered elsewhere. ` +
          'It is read again from its start; some rows come twice.',
      );
    } else this.#lost = { second };
    this.#isOldPlace = loopDetector();
    // As it is now: it may have been cut short since.
    this.slice = reenter(this.slice, second);
    this.#ahead = this.slice;
  }
}

/** A place in a page that has not come yet. */
function atStart(within: Within | undefined): Standing {
  return { within, beyond: within };
}
