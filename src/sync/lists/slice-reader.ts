import type { StripeObject } from '../../stripe/api.generated.js';
import type { Reading } from '../output/reading.js';
import {
  below,
  cutShort,
  type Halves,
  halve,
  middleOf,
  reenter,
  rises,
  type Seconds,
  type Slice,
  secondsLeft,
  type Within,
} from '../progress/progress.js';
import { createdOf, timesOf } from '../rows/rows.js';
import {
  givesNoMore,
  isStuck,
  type ListContext,
  type ListedPage,
  listPage,
  loopDetector,
  losesPlaces,
  PATIENCE,
} from './lists.js';
import type { Order } from './order.js';

/** How far a stream is in a page, at the moment when it is asked: see `Place`. */
export interface Standing {
  readonly within: Within | undefined;
  readonly beyond: Within | undefined;
}

/** A slice of fewer pages than this is not worth a second worker. */
const PAGES_WORTH_SPLITTING = 3;

/**
 * A slice while it is read: what of it was not emitted yet, and what has not been fetched. One worker takes it page by
 * page; another may split off its older half. Both facts change in one step, between two awaits.
 *
 * As long as the list is known to be newest first, a slice in use is told where to stop. Otherwise an object may come late,
 * and a slice ends when Stripe says so: it is split by its bounds alone, before a page has been asked for, or while the
 * first is in hand. That page is then asked for again under the new bounds, and passed over. When the order turns out to be
 * broken, a slice that was told to stop is read again from its top, by its bounds.
 */
export class Stretch {
  /** Who wants it, and how far each is in the page in hand, or in the first one. */
  readonly wanted: Map<Reading, Standing>;
  isTaken = false;
  #slice: Slice;
  /** What has not been fetched; the same as the slice but for the page in hand. */
  #ahead: Slice | undefined;
  /** When the last object that was fetched was created. */
  #reached: Seconds | undefined;
  /** What the slice had left when it ended at its stop; undefined when it was read to its end. */
  #stopped: Slice | undefined;
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
  readonly #order: Order;
  #isOldPlace: (place: string) => boolean;

  constructor(order: Order, slice: Slice, wanted: Iterable<readonly [Reading, Within | undefined]>) {
    this.#order = order;
    this.#slice = slice;
    this.#slice = this.slice;
    this.#ahead = this.#slice;
    this.wanted = new Map([...wanted].map(([reading, within]) => [reading, atStart(within)]));
    this.#isInUse = this.#slice.after !== undefined || this.#slice.stop !== undefined;
    this.#isOldPlace = loopDetector(this.#slice.after);
  }

  /** What was not emitted yet: what a STATE may say. A list that is not in order may not stop early. */
  get slice(): Slice {
    return this.#mayStop || this.#slice.stop === undefined ? this.#slice : reenter(this.#slice);
  }

  /** What was left unread because the slice ended at its stop, as a slice that is read by its bounds alone. */
  get stoppedEarly(): Slice | undefined {
    return this.#stopped && reenter(this.#stopped);
  }

  /** Whether a page of it has come. */
  get isRead(): boolean {
    return this.#pages > 0;
  }

  /** How many rows have not been fetched, going by the last page; 0 while nothing is known. */
  expected(floor: Seconds): number {
    return this.#ahead ? this.#density * secondsLeft(this.#unfetched(this.#ahead), floor) : 0;
  }

  isWorthSplitting(floor: Seconds): boolean {
    if (!this.#mayStop && this.#isInUse && !this.#hasFirstInHand) return false;
    return this.#density > 0 && this.expected(floor) >= PAGES_WORTH_SPLITTING * this.#pageLength;
  }

  /** Gives away the older half of what has not been fetched; undefined when it is only a second. */
  split(floor: Seconds): Stretch | undefined {
    const middle = this.#ahead && middleOf(this.#unfetched(this.#ahead), floor);
    if (this.#ahead === undefined || middle === undefined) return undefined;
    const { newer, older } = this.#cut(this.#ahead, middle);
    this.#ahead = newer;
    const half = new Stretch(
      this.#order,
      older,
      [...this.wanted.keys()].map((reading) => [reading, undefined]),
    );
    half.#density = this.#density;
    half.#pageLength = this.#pageLength;
    return half;
  }

  #cut(ahead: Slice, middle: Seconds): Halves {
    if (this.#isInUse && this.#mayStop) {
      this.#slice = cutShort(this.#slice, middle).newer;
      return cutShort(ahead, middle);
    }
    // Nothing of it was emitted, or no more than the page in hand.
    const halves = halve(this.#slice, middle);
    this.#isRepeated = this.#hasFirstInHand;
    this.#isOldPlace = loopDetector();
    this.#slice = halves.newer;
    return halves;
  }

  /** The same slice, beginning where the last page ended: `seen` is the newest object of that page. */
  #unfetched(ahead: Slice): Slice {
    return ahead.seen === undefined || this.#reached === undefined ? ahead : { ...ahead, seen: this.#reached };
  }

  get #mayStop(): boolean {
    return this.#order.isTrusted;
  }

  get #hasFirstInHand(): boolean {
    const { after, stop } = this.#slice;
    return this.#pages === 1 && after === undefined && stop === undefined && this.#isInHand;
  }

  /**
   * The next page; undefined when there is none. The slice may be cut short while the page is on its way: what is then
   * beyond its stop is left out. Goes on when the object to start after is gone (400).
   */
  async fetch(context: ListContext): Promise<ListedPage | undefined> {
    this.#isInUse = true;
    while (this.#ahead) {
      this.#forgetStop();
      const page = await listPage(context, this.#order.stream, this.#ahead);
      if (this.#forgetStop()) continue;
      if (page !== undefined && !isStuck(page, this.#isOldPlace)) return this.#take(page, this.#ahead);
      this.#trouble += 1;
      if (this.#trouble > PATIENCE)
        throw page ? givesNoMore(this.#order.stream.path) : losesPlaces(this.#order.stream.path);
      if (page === undefined) await this.#reenter(context, this.#ahead);
    }
    return undefined;
  }

  /** The page in hand was emitted. True when there is more. */
  turn(): boolean {
    for (const [reading, place] of this.wanted) {
      this.wanted.set(reading, atStart(this.#isRepeated ? place.within : place.beyond));
    }
    this.#isInHand = false;
    this.#isRepeated = false;
    if (this.#ahead) this.#slice = this.#ahead;
    return this.#ahead !== undefined;
  }

  /** Where the order turned out to be broken, a slice that was told to stop starts again. True when it has to. */
  #forgetStop(): boolean {
    if (this.#mayStop || this.#slice.stop === undefined) return false;
    this.#startAt(reenter(this.#slice));
    return true;
  }

  #startAt(slice: Slice): void {
    this.#slice = slice;
    this.#ahead = slice;
    this.#reached = undefined;
    this.#isOldPlace = loopDetector();
  }

  #take(page: ListedPage, rest: Slice): ListedPage {
    const { items, hasMore, next } = page;
    const times = timesOf(this.#order.stream, items);
    const end = { hasMore, lastId: next, times, previous: this.#reached };
    this.#pages += 1;
    this.#isInHand = true;
    if (rises(end, rest)) this.#order.break();
    const left = below(end, rest);
    this.#stopped = left === undefined && hasMore ? this.#slice : undefined;
    this.#measure(times, rest);
    if (this.#isFurther(times.at(-1))) {
      this.#trouble = 0;
      this.#lost = undefined;
    }
    this.#reached = times.at(-1);
    this.#ahead = left;
    const { stop } = rest;
    return stop === undefined ? page : { ...page, items: items.filter((item) => this.#isFrom(stop, item)) };
  }

  #isFrom(stop: Seconds, item: StripeObject): boolean {
    return (createdOf(this.#order.stream, item) ?? stop) >= stop;
  }

  /** A page of one second says nothing of the time behind it. */
  #measure(times: readonly Seconds[], rest: Slice): void {
    const [top, last] = [this.#reached ?? rest.seen ?? rest.lte, times.at(-1)];
    if (top === undefined || last === undefined || (top <= last && this.#density !== 0)) return;
    this.#density = times.length / Math.max(1, top - last);
    this.#pageLength = times.length;
  }

  /** Whether the list got further than where it lost its place: only then has it recovered. */
  #isFurther(last: Seconds | undefined): boolean {
    if (this.#lost === undefined) return true;
    if ('pages' in this.#lost) return this.#pages > this.#lost.pages;
    return last !== undefined && last < this.#lost.second;
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
        `${this.#order.stream.name}: Stripe no longer has the object after which to go on, and the list cannot be entered elsewhere. ` +
          'It is read again from its start; some rows come twice.',
      );
    } else this.#lost = { second: this.#reached ?? second };
    // As it is now: it may have been cut short since.
    this.#startAt(reenter(this.#slice, second));
  }
}

/** A place in a page that has not come yet. */
function atStart(within: Within | undefined): Standing {
  return { within, beyond: within };
}
