import { traceOfMisses } from '../../failure.js';
import { OutputError } from '../../protocol/errors.js';
import { growsByCreated, productOf } from '../../streams/definition.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import { StripeError } from '../../stripe/errors.js';
import { AllMissed } from '../failures/misses.js';
import { endsTheSync, reaction } from '../failures/reaction.js';
import { type Failure, type Family, isOfRoot, type WalkContext } from '../family.js';
import type { Reading } from '../output/reading.js';
import type { Task } from '../pool.js';
import { Place } from '../progress/page-position.js';
import { isUnread, range, type Slice, share, type Within } from '../progress/progress.js';
import { Delivery } from '../rows/page-writer.js';
import { estimateRows } from './estimate.js';
import { observed } from './lists.js';
import { Order } from './order.js';
import { Stretch } from './slice-reader.js';

/** With a longer queue at the endpoint another worker would only wait, and cost requests that are not needed. */
const QUEUE_MS = 50;

/** How many stretches may be new for each of which a page has come: so fast does their number grow. */
const UNKNOWN_PER_KNOWN = 7;

/** STATEs take at most this share of the output: so many characters for each row, of which few are shorter than 400. */
const STATE_LENGTH_PER_ROW = 12;
/** However few the rows are, progress is not to be lost for longer. */
const STATE_EVERY_MS = 60_000;

/**
 * Reads a family in one walk over its list, with several workers. `#stretches` holds all that is not out yet: rows are
 * written and noted as emitted in one step, and the stretch moves on when a page was emitted for every stream that wants it. So
 * whatever a STATE is made of at any moment, the rows that it leaves out of `pending` stand before it.
 */
export class Walk implements Task {
  readonly #family: Family;
  readonly #context: WalkContext;
  readonly #stretches: Set<Stretch>;
  readonly #order: Order;
  /** What was left unread because a slice ended at its stop, as long as the order of the list is trusted. */
  #stoppedEarly: Stretch[] = [];
  readonly #delivery: Delivery;
  #workers = 0;
  #started: Promise<void> | undefined;
  /** What ends the whole family. Workers finish the page in hand. */
  #ownFailure: Failure | undefined;
  #listed = 0;
  /** When states were written last, in epoch milliseconds. */
  #notedAt: number;

  constructor(context: WalkContext, family: Family) {
    this.#context = context;
    this.#notedAt = context.now();
    this.#family = family;
    this.#order = new Order(family.root);
    this.#stretches = stretchesOf(family, this.#order);
    this.#delivery = new Delivery(context, family, {
      note: () => this.#note(),
      fail: (reading, error) => this.#endAll([reading], error),
    });
  }

  get #failure(): Failure | undefined {
    return this.#ownFailure ?? this.#context.ending.failure;
  }

  /** Lets one more worker begin, if there is something for it to do. */
  begin(): Promise<void> | undefined {
    if (this.#failure || (this.#context.isSerial && this.#workers > 0)) return undefined;
    const work = this.#delivery.help(this.#hasCapacity) ?? this.#takeStretch();
    return work && this.#count(work);
  }

  /** Nothing is left to do: says so of each stream. */
  async end(): Promise<void> {
    await this.#start();
    if (this.#failure) await this.#endFamily(this.#failure.error);
    for (const reading of this.#open()) await this.#complete(reading);
    for (const { level, text } of this.#delivery.skipped.sentences()) await this.#context.say(level, text);
    for (const reading of this.#family.readings) await this.#context.say('INFO', reading.summary);
  }

  /** The sync was told to stop. Says what was emitted; the rest comes next time. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    await Promise.all(this.#open().map((reading) => reading.stop(this.#pendingOf(reading))));
  }

  /** Repeats the states as a heartbeat, also when nothing has changed. */
  async beat(): Promise<void> {
    if (!this.#started) return;
    await Promise.all(this.#open().map((reading) => reading.repeat(this.#pendingOf(reading))));
  }

  async #count(work: Promise<void>): Promise<void> {
    this.#workers += 1;
    try {
      await work;
    } finally {
      this.#workers -= 1;
    }
  }

  #takeStretch(): Promise<void> | undefined {
    if (this.#workers > 0 && !this.#hasCapacity(this.#family.root.path)) return undefined;
    this.#readAgain();
    const waiting = [...this.#stretches].filter(({ isTaken }) => !isTaken);
    const stretch = waiting.sort(byTime)[0] ?? this.#splitLargest();
    if (!stretch) return undefined;
    stretch.isTaken = true;
    return this.#read(stretch);
  }

  readonly #hasCapacity = (endpoint: string): boolean => this.#context.client.delayMs(endpoint) <= QUEUE_MS;

  /**
   * The older half of the stretch with most rows left. What a page says of time that was not looked at may be wrong, so
   * that for each stretch that is being read there are only a few of which nothing is known.
   */
  #splitLargest(): Stretch | undefined {
    const { floor } = this.#context;
    const known = [...this.#stretches].filter(({ isRead }) => isRead).length;
    if (this.#stretches.size - known >= UNKNOWN_PER_KNOWN * known) return undefined;
    const worth = [...this.#stretches].filter((stretch) => stretch.isWorthSplitting(floor));
    const half = worth.sort((a, b) => b.expected(floor) - a.expected(floor))[0]?.split(floor);
    if (half) this.#stretches.add(half);
    return half;
  }

  async #read(stretch: Stretch): Promise<void> {
    try {
      await this.#start();
      let hasMore = true;
      while (hasMore && !this.#failure && this.#wanting(stretch).length > 0) hasMore = await this.#readPage(stretch);
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (error instanceof OutputError) throw error;
      this.#ownFailure ??= { error };
    }
    // A stretch that is no longer wanted is not read on.
    if (!this.#failure) this.#stretches.delete(stretch);
  }

  /** Gives a page to all streams that want it. True when there is more. */
  async #readPage(stretch: Stretch): Promise<boolean> {
    const page = await stretch.fetch(this.#listContext());
    if (!page) return false;
    this.#listed += page.items.length;
    this.#context.pool.offer();
    const takers = this.#wanting(stretch).map((reading) => ({ reading, place: enter(stretch, reading, page.items) }));
    await this.#delivery.giveOut({ ...page, slice: stretch.slice }, takers);
    const hasMore = stretch.turn();
    if (!hasMore) this.#finish(stretch);
    await this.#note();
    this.#context.signal.throwIfAborted();
    return hasMore;
  }

  /** A stretch has no more pages. What it left unread because it was told to stop is kept for as long as that may matter. */
  #finish(stretch: Stretch): void {
    this.#stretches.delete(stretch);
    if (stretch.stoppedEarly) this.#stoppedEarly.push(stretch);
  }

  /** When the list turns out not to be in order, all that was told to stop in this sync is read again, by its bounds. */
  #readAgain(): void {
    if (this.#order.isTrusted) return;
    for (const { stoppedEarly, wanted } of this.#stoppedEarly.splice(0)) {
      if (!stoppedEarly) continue;
      this.#stretches.add(
        new Stretch(
          this.#order,
          stoppedEarly,
          [...wanted.keys()].map((reading) => [reading, undefined]),
        ),
      );
    }
  }

  /** A STATE for every stream, back to back, when there are rows enough to be worth its length, or it is time for one. */
  async #note(): Promise<void> {
    const open = this.#open();
    const now = this.#context.now();
    const rows = open.reduce((sum, { rowsSinceState }) => sum + rowsSinceState, 0);
    const isTime = now - this.#notedAt >= STATE_EVERY_MS;
    if (rows === 0 && !isTime) return;
    const states = open.map((reading) => ({ reading, pending: this.#pendingOf(reading) }));
    const length = states.reduce((sum, { reading, pending }) => sum + reading.stateLength(pending), 0);
    if (rows * STATE_LENGTH_PER_ROW < length && !isTime) return;
    this.#notedAt = now;
    await Promise.all(states.map(({ reading, pending }) => reading.note(pending)));
    await this.#tellEstimates();
  }

  async #tellEstimates(): Promise<void> {
    const ahead = [...this.#stretches].map((stretch) => stretch.expected(this.#context.floor));
    for (const reading of this.#open()) {
      const rows = estimateRows(reading.rows, this.#listed, ahead);
      if (rows !== undefined) await reading.tellEstimate(rows);
    }
  }

  /** All that a stream has still to give. */
  #pendingOf(reading: Reading): readonly Slice[] {
    this.#readAgain();
    const pending = [...this.#stretches].flatMap(({ slice, wanted }) => {
      const place = wanted.get(reading);
      if (!place) return [];
      return [place.within ? { ...slice, within: place.within } : slice];
    });
    return reading.misses.withPending(pending);
  }

  #start(): Promise<void> {
    this.#started ??= Promise.all(this.#family.readings.map((reading) => reading.start())).then(() => {});
    return this.#started;
  }

  #open(): readonly Reading[] {
    return this.#family.readings.filter(({ outcome }) => outcome === undefined);
  }

  #wanting({ wanted }: Stretch): readonly Reading[] {
    return [...wanted.keys()].filter(({ outcome }) => outcome === undefined);
  }

  /** Requests for the list count for its own stream, or for the first that lives on it; all of them wait for it. */
  #listContext(): WalkContext {
    const open = this.#open();
    const reading = open.find((each) => isOfRoot(this.#family, each)) ?? open[0];
    if (!reading) return this.#context;
    const waiting = (untilMs: number) => {
      for (const { tally } of this.#open()) tally.waiting(untilMs);
    };
    return observed(this.#context, { ...reading.tally, waiting });
  }

  /** Ends streams that cannot be read on. Throws on being told to stop, and when the reader is gone. */
  async #endAll(readings: readonly Reading[], error: unknown): Promise<void> {
    this.#context.signal.throwIfAborted();
    if (error instanceof OutputError) throw error;
    if (endsTheSync(error)) this.#context.ending.failure ??= { error };
    for (const reading of readings) {
      const missed = error instanceof AllMissed ? traceOfMisses(reading) : undefined;
      await reading.fail(this.#pendingOf(reading), error, missed);
    }
  }

  /** Ends a stream that has nothing left to read but what it missed. */
  async #complete(reading: Reading): Promise<void> {
    if (reading.misses.count > 0) return this.#completeWithMisses(reading);
    const pending = this.#pendingOf(reading);
    if (pending.length > 0) return this.#endAll([reading], new Error('A part of the list was not read.'));
    await reading.complete(pending);
  }

  /**
   * Ends a stream of which all was read but what it missed. The next sync reads that again; a full refresh without a job to
   * go on with begins again, because its rows would otherwise stay as they are for as long as one object is refused.
   */
  async #completeWithMisses(reading: Reading): Promise<void> {
    this.#context.signal.throwIfAborted();
    const { checkpoint, progress } = reading;
    const isRepeated = checkpoint.fullRefresh?.job === null && growsByCreated(this.#family.root);
    const pending = isRepeated ? range(progress.from, progress.created) : this.#pendingOf(reading);
    await reading.fail(pending, new AllMissed(), traceOfMisses(reading));
  }

  /**
   * Ends a family whose own list cannot be read. "The account does not have this product" is believed of streams that belong
   * to one, before anything of the list was read, in this sync or in one that it continues. What there was to read stays in
   * the state, because the account may get the product.
   */
  async #endFamily(error: unknown): Promise<void> {
    if (this.#listed === 0 && error instanceof StripeError && reaction(error.kind, 'list') === 'no_product') {
      for (const reading of this.#open().filter(mayLackProduct)) await this.#completeWithout(reading, error);
    }
    await this.#endAll(this.#open(), error);
  }

  /** No rows, because the account does not have the product. */
  async #completeWithout(reading: Reading, error: unknown): Promise<void> {
    const { definition, descriptor } = reading;
    const said = error instanceof Error ? error.message : '';
    const text = `${descriptor.name}: the account does not have this product (${productOf(definition)}). ${said}`;
    await this.#context.say('WARN', text);
    await reading.complete(this.#pendingOf(reading));
  }
}

/**
 * Whether a stream belongs to a product, nothing of it was read, and the destination keeps what it has: at exit code 0 it
 * would be told that the stream is complete, and drop the rows of the time when the account had the product.
 */
function mayLackProduct({ definition, progress, isOverwritten }: Reading): boolean {
  return productOf(definition) !== undefined && isUnread(progress) && !isOverwritten;
}

/** Where a stream begins in a page; from then on its state is made of that place. */
function enter(stretch: Stretch, reading: Reading, items: readonly StripeObject[]): Place {
  const ids = items.map(({ id }) => id);
  const place = new Place(ids, stretch.wanted.get(reading)?.within);
  stretch.wanted.set(reading, place);
  return place;
}

/** Every slice that is wanted, once. */
function stretchesOf({ readings }: Family, order: Order): Set<Stretch> {
  const shared = share(readings.map(({ progress }) => progress));
  return new Set(shared.map(({ slice, wanted }) => new Stretch(order, slice, readingsIn(wanted, readings))));
}

function readingsIn(wanted: ReadonlyMap<number, Within | undefined>, readings: readonly Reading[]) {
  return readings.flatMap((reading, index): readonly (readonly [Reading, Within | undefined])[] =>
    wanted.has(index) ? [[reading, wanted.get(index)]] : [],
  );
}

function byTime(a: Stretch, b: Stretch): number {
  return (b.slice.lte ?? Number.POSITIVE_INFINITY) - (a.slice.lte ?? Number.POSITIVE_INFINITY);
}
