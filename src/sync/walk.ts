import { OutputError } from '../protocol/errors.js';
import type { StripeObject } from '../stripe/api.generated.js';
import { StripeError } from '../stripe/errors.js';
import { Delivery } from './delivery.js';
import { estimateRows } from './estimate.js';
import { traceOf } from './failure.js';
import { type Family, isOfRoot, type WalkContext } from './family.js';
import { observed } from './lists.js';
import { Place } from './place.js';
import type { Task } from './pool.js';
import { type Slice, share, type Within } from './progress.js';
import type { Reading } from './reading.js';
import { Stretch } from './stretch.js';

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
 * written and noted as out in one step, and the stretch moves on when a page is out for every stream that wants it. So
 * whatever a STATE is made of at any moment, the rows that it leaves out of `pending` stand before it.
 */
export class Walk implements Task {
  readonly #family: Family;
  readonly #context: WalkContext;
  readonly #stretches: Set<Stretch>;
  readonly #delivery: Delivery;
  #workers = 0;
  #started: Promise<void> | undefined;
  /** What ends the whole family. Workers finish the page in hand. */
  #failure: { readonly error: unknown } | undefined;
  #listed = 0;
  /** When states were written last, in epoch milliseconds. */
  #notedAt: number;

  constructor(context: WalkContext, family: Family) {
    this.#context = context;
    this.#notedAt = context.now();
    this.#family = family;
    this.#stretches = stretchesOf(family);
    this.#delivery = new Delivery(context, family, {
      note: () => this.#note(),
      fail: (reading, error) => this.#endAll([reading], error),
    });
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

  /** The sync was told to stop. What is out is said; the rest comes next time. */
  async stop(): Promise<void> {
    if (!this.#started) return;
    await Promise.all(this.#open().map((reading) => reading.stop(this.#pendingOf(reading))));
  }

  /** Tells where the streams stand, also when nothing has changed: somebody waits for news. */
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
    const waiting = [...this.#stretches].filter(({ isTaken }) => !isTaken);
    const stretch = waiting.sort(byTime)[0] ?? this.#splitLargest();
    if (!stretch) return undefined;
    stretch.isTaken = true;
    return this.#read(stretch);
  }

  readonly #hasCapacity = (endpoint: string): boolean => this.#context.client.delayMs(endpoint) <= QUEUE_MS;

  /**
   * The older half of the stretch with most rows left. What a page says of time that nobody has looked at may be wrong, so
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
      this.#failure ??= { error };
    }
    // Of a stretch that nobody wants any more nothing is to be read.
    if (!this.#failure) this.#stretches.delete(stretch);
  }

  /** Gives a page to all streams that want it. True when there is more. */
  async #readPage(stretch: Stretch): Promise<boolean> {
    const items = await stretch.fetch(this.#listContext());
    if (!items) return false;
    this.#listed += items.length;
    this.#context.pool.offer();
    const takers = this.#wanting(stretch).map((reading) => ({ reading, place: enter(stretch, reading, items) }));
    await this.#delivery.giveOut(items, takers);
    const hasMore = stretch.turn();
    if (!hasMore) this.#stretches.delete(stretch);
    await this.#note();
    this.#context.signal.throwIfAborted();
    return hasMore;
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
    return [...this.#stretches].flatMap(({ slice, wanted }) => {
      const place = wanted.get(reading);
      if (!place) return [];
      return [place.within ? { ...slice, within: place.within } : slice];
    });
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

  /**
   * Ends streams that cannot be read on. Throws on what ends the whole sync: being told to stop, and a reader that is
   * gone.
   */
  async #endAll(readings: readonly Reading[], error: unknown): Promise<void> {
    this.#context.signal.throwIfAborted();
    if (error instanceof OutputError) throw error;
    for (const reading of readings)
      await reading.fail(this.#pendingOf(reading), traceOf(error, reading.descriptor.name));
  }

  /** Ends a stream that has nothing left to read. */
  async #complete(reading: Reading): Promise<void> {
    const pending = this.#pendingOf(reading);
    if (pending.length > 0) return this.#endAll([reading], new Error('A part of the list was not read.'));
    await reading.complete(pending);
  }

  /**
   * Ends a family whose own list cannot be read: without rows and complete, where the account lacks the product. What there
   * was to read stays in the state, for the account may have it again.
   */
  async #endFamily(error: unknown): Promise<void> {
    if (error instanceof StripeError && error.kind === 'unavailable') {
      for (const reading of this.#open().filter(({ rows }) => rows === 0)) {
        const { name } = reading.descriptor;
        await this.#context.say('WARN', `${name}: the account does not have this product. ${error.message}`);
        await reading.complete(this.#pendingOf(reading));
      }
    }
    await this.#endAll(this.#open(), error);
  }
}

/** Where a stream begins in a page; from then on its state is made of that place. */
function enter(stretch: Stretch, reading: Reading, items: readonly StripeObject[]): Place {
  const ids = items.map(({ id }) => id);
  const place = new Place(ids, stretch.wanted.get(reading)?.within);
  stretch.wanted.set(reading, place);
  return place;
}

/** Every slice that somebody wants, once. */
function stretchesOf({ root, readings }: Family): Set<Stretch> {
  const shared = share(readings.map(({ progress }) => progress));
  return new Set(shared.map(({ slice, wanted }) => new Stretch(root, slice, readingsIn(wanted, readings))));
}

function readingsIn(wanted: ReadonlyMap<number, Within | undefined>, readings: readonly Reading[]) {
  return readings.flatMap((reading, index): readonly (readonly [Reading, Within | undefined])[] =>
    wanted.has(index) ? [[reading, wanted.get(index)]] : [],
  );
}

function byTime(a: Stretch, b: Stretch): number {
  return (b.slice.lte ?? Number.POSITIVE_INFINITY) - (a.slice.lte ?? Number.POSITIVE_INFINITY);
}
