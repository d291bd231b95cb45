import type { StripeObject } from '../../stripe/api.generated.js';
import { nextPage, PagingPatience } from '../../stripe/paging.js';
import type { Access } from '../account/account.js';
import type { AccountStream } from '../output/account-stream.js';
import { PagePosition, type StoredPosition } from '../progress/page-position.js';
import {
  below,
  cutShort,
  halve,
  middleOf,
  reenter,
  rises,
  type Seconds,
  type Slice,
  secondsLeft,
} from '../progress/slice.js';
import { createdOf, timesOf } from '../rows/rows.js';
import { fetchListedPage, type ListedPage } from './list-page.js';
import type { Order } from './order.js';

/**
 * What the reader of a slice is doing:
 *
 *             take()           fetch()            a page came           leavePage(), more is left
 *     waiting ────────▶ taken ────────▶ asking ─────────────▶ holding ───────────────────────────▶ asking
 *        ▲                               │  ▲                    │
 *        │                               └──┘ the place was      │ leavePage(), nothing is left
 *        │                               lost, or the order is   ▼
 *        └────────────────────────────── broken: asks anew ──── ended
 *              the order is broken, and the slice ended at its stop
 *
 * A split does not change the phase.
 */
type Phase =
  | { readonly name: 'waiting' | 'taken' | 'asking' }
  /** A page is in hand. */
  | {
      readonly name: 'holding';
      /** What is left once the page is emitted; undefined if nothing is. */
      readonly rest: Slice | undefined;
      /** Whether the slice ends at its stop, although the list has more. */
      readonly isEarly: boolean;
      /** Whether the bounds have changed, so that this page is asked for again and its emitted part is passed over. */
      readonly isAskedAgain: boolean;
    }
  | { readonly name: 'ended'; readonly isEarly: boolean };

/** A slice of fewer pages than this is not worth a second worker. */
const PAGES_WORTH_SPLITTING = 3;

/**
 * Reads a slice page by page, for all streams that want it. One worker takes the slice; another may split off the older
 * half of what has not been fetched. Only the reader says what of its slice has not been emitted yet, and this changes
 * in one step, between two awaits.
 *
 * While the list is trusted to be newest first, a split gives a slice in use a `stop`. In any other list an object may
 * come late, so a slice ends only when Stripe says so, and is split only by its bounds: before a page was asked for, or
 * while the first page is in hand. If the order turns out to be broken, a slice with a `stop` is read again from its
 * top, by its bounds, even if it had ended.
 */
export class SliceReader {
  readonly #order: Order;
  /** What has not been emitted yet. */
  #slice: Slice;
  #phase: Phase = { name: 'waiting' };
  /** The streams that want the slice, each with its position in the page in hand, or in the next one. */
  readonly #positions: Map<AccountStream, PagePosition>;
  #patience: PagingPatience;
  /** When the last fetched object was created. */
  #reached: Seconds | undefined;
  /** Rows per second and rows per page, as of the last page. */
  #density = 0;
  #pageLength = 0;

  constructor(order: Order, slice: Slice, wanted: Iterable<readonly [AccountStream, StoredPosition | undefined]>) {
    this.#order = order;
    this.#slice = inOrder(slice, order);
    this.#positions = new Map([...wanted].map(([stream, stored]) => [stream, new PagePosition([], stored)]));
    this.#patience = new PagingPatience(order.stream.path, this.#slice.after);
  }

  /** The streams that want the slice. */
  get streams(): readonly AccountStream[] {
    return [...this.#positions.keys()];
  }

  /** What has not been emitted yet, as a STATE may say it: without a `stop`, unless the order is trusted. */
  get slice(): Slice {
    return inOrder(this.#slice, this.#order);
  }

  /** What a stream still needs of the slice; undefined if nothing. */
  leftFor(stream: AccountStream): Slice | undefined {
    const position = this.#positions.get(stream);
    if (!position || this.isEnded) return undefined;
    const within = position.stored;
    return within && this.#phase.name !== 'ended' ? { ...this.slice, within } : this.slice;
  }

  /** Whether the slice waits for a worker. */
  get isWaiting(): boolean {
    return this.#phase.name === 'waiting' || (this.#phase.name === 'ended' && !this.isEnded);
  }

  /** Whether the slice was read to its end. If it ended at its stop and the order is broken, it was not. */
  get isEnded(): boolean {
    return this.#phase.name === 'ended' && !(this.#phase.isEarly && !this.#order.isTrusted);
  }

  /** Whether the slice can be forgotten, because nothing can make it begin again. */
  get isDone(): boolean {
    return this.#phase.name === 'ended' && !this.#phase.isEarly;
  }

  /** Whether a page of the slice has come. */
  get isRead(): boolean {
    return this.#patience.pages > 0;
  }

  /** Lets one worker read the slice, which has to wait for one. */
  take(): void {
    if (!this.isWaiting) throw new Error(`A slice is taken twice: its reader is ${this.#phase.name}.`);
    if (this.#phase.name === 'ended') this.#begin(this.slice);
    this.#phase = { name: 'taken' };
  }

  /**
   * Fetches the next page. If the slice is cut short meanwhile, objects beyond its stop are left out. If the object to
   * start after is gone, the list is entered again. Throws a StripeError.
   */
  async fetch(access: Access): Promise<ListedPage> {
    const { name } = this.#phase;
    if (name === 'holding' || name === 'ended') throw new Error(`No page can be asked for: the reader is ${name}.`);
    this.#phase = { name: 'asking' };
    const page = await nextPage(
      this.#patience,
      () => this.#ask(access),
      () => this.#reenter(access),
    );
    return this.#hold(page);
  }

  /** Begins the page in hand for a stream. From then on, the returned position says what is left for the stream. */
  beginPage(stream: AccountStream, items: readonly StripeObject[]): PagePosition {
    const ids = items.map(({ id }) => id);
    const position = new PagePosition(ids, this.#positions.get(stream)?.stored);
    this.#positions.set(stream, position);
    return position;
  }

  /** Leaves the page in hand, which has been emitted. True if there is more. */
  leavePage(): boolean {
    const phase = this.#phase;
    if (phase.name !== 'holding') throw new Error(`No page is in hand: the reader of the slice is ${phase.name}.`);
    for (const [stream, position] of this.#positions) {
      const next = phase.isAskedAgain ? position.stored : position.beyond;
      this.#positions.set(stream, new PagePosition([], next));
    }
    if (phase.rest) this.#slice = phase.rest;
    this.#phase = phase.rest ? { name: 'asking' } : { name: 'ended', isEarly: phase.isEarly };
    return phase.rest !== undefined;
  }

  /** How many rows have not been fetched, going by the last page; 0 while nothing is known. */
  expected(floor: Seconds): number {
    const rest = this.#unfetched();
    return rest ? this.#density * secondsLeft(rest, floor) : 0;
  }

  isWorthSplitting(floor: Seconds): boolean {
    if (!this.#order.isTrusted && this.#isInUse && !this.#hasFirstInHand) return false;
    return this.#density > 0 && this.expected(floor) >= PAGES_WORTH_SPLITTING * this.#pageLength;
  }

  /** Gives away the older half of what has not been fetched; undefined if that is only one second. */
  split(floor: Seconds): SliceReader | undefined {
    const rest = this.#unfetched();
    const middle = rest && middleOf(rest, floor);
    if (middle === undefined) return undefined;
    const older = this.#order.isTrusted && this.#isInUse ? this.#stopAt(middle) : this.#narrowTo(middle);
    const half = new SliceReader(this.#order, older, wantedBy(this.streams));
    half.#density = this.#density;
    half.#pageLength = this.#pageLength;
    return half;
  }

  /** Keeps the bounds, because the place in the list belongs to them. Returns the older half. */
  #stopAt(middle: Seconds): Slice {
    const phase = this.#phase;
    const { newer, older } = cutShort(this.#slice, middle);
    this.#slice = newer;
    if (phase.name === 'holding' && phase.rest) {
      this.#phase = { ...phase, rest: cutShort(phase.rest, middle).newer };
    }
    return older;
  }

  /** Changes the bounds: at most the page in hand was emitted under them. Returns the older half. */
  #narrowTo(middle: Seconds): Slice {
    const phase = this.#phase;
    const { newer, older } = halve(this.#slice, middle);
    this.#slice = newer;
    if (phase.name === 'holding') this.#phase = { ...phase, rest: newer, isAskedAgain: true };
    this.#patience.forgetPlaces();
    return older;
  }

  /** Whether the bounds can no longer change, because a page was asked for. */
  get #isInUse(): boolean {
    const { after, stop } = this.#slice;
    const isUntouched = this.#phase.name === 'waiting' || this.#phase.name === 'taken';
    return !isUntouched || after !== undefined || stop !== undefined;
  }

  get #hasFirstInHand(): boolean {
    const { after, stop } = this.#slice;
    return this.#phase.name === 'holding' && this.#patience.pages === 1 && after === undefined && stop === undefined;
  }

  /**
   * What is left after the page in hand. It begins at the last fetched object, because `seen` is the newest of a page.
   */
  #unfetched(): Slice | undefined {
    if (this.#phase.name === 'ended') return undefined;
    const rest = this.#phase.name === 'holding' ? this.#phase.rest : this.#slice;
    return rest?.seen === undefined || this.#reached === undefined ? rest : { ...rest, seen: this.#reached };
  }

  async #ask(access: Access): Promise<ListedPage | undefined> {
    for (;;) {
      this.#forgetStop();
      const page = await fetchListedPage(access, this.#order.stream, this.#slice);
      if (!this.#forgetStop()) return page;
    }
  }

  /** Starts the slice again without its `stop`, if the order turned out to be broken. True if it did. */
  #forgetStop(): boolean {
    if (this.#order.isTrusted || this.#slice.stop === undefined) return false;
    this.#startAt(this.slice);
    this.#patience.forgetPlaces();
    return true;
  }

  /** Enters the list again. Without an order, newer objects may stand below the lost place, so it begins at the top. */
  async #reenter({ say }: Access): Promise<void> {
    const second = this.#order.isTrusted ? this.#slice.seen : undefined;
    if (second !== undefined) this.#patience.reenterAt(this.#reached ?? second);
    else {
      this.#patience.restart();
      await say('WARN', lostPlace(this.#order.stream.name));
    }
    // The slice as it is now, because it may have been cut short meanwhile.
    this.#startAt(reenter(this.#slice, second));
  }

  #startAt(slice: Slice): void {
    this.#slice = slice;
    this.#reached = undefined;
  }

  /** Begins as if nothing of the slice had been read. */
  #begin(slice: Slice): void {
    this.#startAt(slice);
    this.#patience = new PagingPatience(this.#order.stream.path);
    this.#density = 0;
    this.#pageLength = 0;
    for (const stream of this.streams) this.#positions.set(stream, new PagePosition([], undefined));
  }

  #hold(page: ListedPage): ListedPage {
    const slice = this.#slice;
    const { items, hasMore, next } = page;
    const times = timesOf(this.#order.stream, items);
    const end = { hasMore, lastId: next, times, previous: this.#reached };
    if (rises(end, slice)) this.#order.break();
    const rest = below(end, slice);
    this.#measure(times, slice);
    this.#patience.noteRead(times.at(-1));
    this.#reached = times.at(-1);
    this.#phase = { name: 'holding', rest, isEarly: rest === undefined && hasMore, isAskedAgain: false };
    const { stop } = slice;
    return stop === undefined ? page : { ...page, items: items.filter((item) => this.#isFrom(stop, item)) };
  }

  #isFrom(stop: Seconds, item: StripeObject): boolean {
    return (createdOf(this.#order.stream, item) ?? stop) >= stop;
  }

  /** A page within one second says nothing about the time beyond it. */
  #measure(times: readonly Seconds[], slice: Slice): void {
    const [top, last] = [this.#reached ?? slice.seen ?? slice.lte, times.at(-1)];
    if (top === undefined || last === undefined || (top <= last && this.#density !== 0)) return;
    this.#density = times.length / Math.max(1, top - last);
    this.#pageLength = times.length;
  }
}

/** In a list out of order no slice may stop early, so a slice with a `stop` is read again, by its bounds. */
function inOrder(slice: Slice, { isTrusted }: Order): Slice {
  return isTrusted || slice.stop === undefined ? slice : reenter(slice);
}

/** The streams, none of them with a position yet. */
function wantedBy(streams: readonly AccountStream[]): readonly (readonly [AccountStream, undefined])[] {
  return streams.map((stream) => [stream, undefined]);
}

function lostPlace(name: string): string {
  return (
    `${name}: Stripe no longer has the object that the next page starts after, and the list cannot be entered ` +
    'elsewhere. The list is read again from its start, so some rows are emitted twice.'
  );
}
