import { productOf, type StreamDefinition } from '../../streams/definition.js';
import { StripeError } from '../../stripe/errors.js';
import { type Access, type Failure, observed } from '../account/account.js';
import { endsTheSync, reaction } from '../failures/reaction.js';
import { type AccountStream, endsEverything } from '../output/account-stream.js';
import type { StoredPosition } from '../progress/page-position.js';
import { isUnread } from '../progress/plan.js';
import { share } from '../progress/share.js';
import { type PageContext, PageWriter } from '../rows/page-writer.js';
import { estimateRows } from './estimate.js';
import { Order } from './order.js';
import { SliceReader } from './slice-reader.js';

/** With a longer queue at the endpoint, another worker would only wait, and cost needless requests. */
const QUEUE_MS = 50;

/** How many slices without a page there may be for each slice with one. This limits how fast their number grows. */
const UNKNOWN_PER_KNOWN = 7;

/** What reading a list needs from its sync. */
export interface ListContext extends PageContext {
  /** One request at a time, newest first. */
  readonly isSerial: boolean;
}

/**
 * Reads one list of one account, once, for all its streams: the list's own and its children. Several workers may take a
 * slice each. Rows are written and noted as emitted in one step, and a slice moves on once its page has been emitted
 * for every stream that wants it. So at any moment, all rows that a STATE leaves out of `pending` have been written
 * before it.
 */
export class ListReader {
  readonly #context: ListContext;
  readonly #list: StreamDefinition;
  readonly #streams: readonly AccountStream[];
  readonly #order: Order;
  /** The slices that wait, are being read, or would begin again if the order turned out to be broken. */
  readonly #slices = new Set<SliceReader>();
  readonly #writer: PageWriter;
  #workers = 0;
  #started: Promise<void> | undefined;
  /** Why the whole list cannot be read any further. Workers finish the page in hand. */
  #ownFailure: Failure | undefined;
  /** How many objects of the list have come. */
  #listed = 0;

  /** Begins with what the plans of the streams have pending. */
  constructor(context: ListContext, list: StreamDefinition, streams: readonly AccountStream[]) {
    this.#context = context;
    this.#list = list;
    this.#streams = streams;
    this.#order = new Order(list);
    this.#writer = new PageWriter(context, list, streams);
    for (const { slice, wanted } of share(streams.map(({ planned }) => planned))) {
      this.#add(new SliceReader(this.#order, slice, streamsIn(wanted, streams)));
    }
  }

  get #failure(): Failure | undefined {
    return this.#ownFailure ?? this.#context.account.ending.failure;
  }

  /** Gives one more worker something to do; undefined if there is nothing. */
  begin(): Promise<void> | undefined {
    if (this.#failure || (this.#context.isSerial && this.#workers > 0)) return undefined;
    const work = this.#writer.help(this.#hasCapacity) ?? this.#takeSlice();
    return work && this.#count(work);
  }

  /** Ends each stream, because nothing is left to do. */
  async end(): Promise<void> {
    await this.#start();
    if (this.#failure) await this.#endList(this.#failure.error);
    for (const stream of this.#open()) await stream.finish();
    await this.#writer.tellSkipped();
    for (const { summary } of this.#streams) await this.#context.account.say('INFO', summary);
  }

  /** Ends each stream, because the sync was told to stop. The next sync reads the rest. */
  async stop(): Promise<void> {
    if (this.#started) await Promise.all(this.#open().map((stream) => stream.stop()));
  }

  /** Repeats the states as a heartbeat, even if nothing has changed. */
  async beat(): Promise<void> {
    if (this.#started) await Promise.all(this.#open().map((stream) => stream.beat()));
  }

  async #count(work: Promise<void>): Promise<void> {
    this.#workers += 1;
    try {
      await work;
    } finally {
      this.#workers -= 1;
    }
  }

  #takeSlice(): Promise<void> | undefined {
    if (this.#workers > 0 && !this.#hasCapacity(this.#list.path)) return undefined;
    const waiting = [...this.#slices].filter(({ isWaiting }) => isWaiting);
    const slice = waiting.sort(newestFirst)[0] ?? this.#splitLargest();
    if (!slice) return undefined;
    slice.take();
    return this.#read(slice);
  }

  readonly #hasCapacity = (endpoint: string): boolean => this.#context.account.client.delayMs(endpoint) <= QUEUE_MS;

  /**
   * The older half of the slice with most rows left. A page may be a poor guide to time beyond it, so only a few slices
   * without a page may exist for each slice with one.
   */
  #splitLargest(): SliceReader | undefined {
    const { floor } = this.#context.account;
    const slices = this.#unended();
    const known = slices.filter(({ isRead }) => isRead).length;
    if (slices.length - known >= UNKNOWN_PER_KNOWN * known) return undefined;
    const worth = slices.filter((slice) => slice.isWorthSplitting(floor));
    const half = worth.sort((a, b) => b.expected(floor) - a.expected(floor))[0]?.split(floor);
    if (half) this.#add(half);
    return half;
  }

  async #read(slice: SliceReader): Promise<void> {
    try {
      await this.#start();
      let hasMore = true;
      while (hasMore && !this.#failure && slice.streams.some(isOpen)) hasMore = await this.#readPage(slice);
    } catch (error) {
      this.#context.signal.throwIfAborted();
      if (endsEverything(error)) throw error;
      this.#ownFailure ??= { error };
    }
    // A slice that was read to its end, or that no stream wants any more.
    if (!this.#failure && (slice.isDone || !slice.streams.some(isOpen))) this.#remove(slice);
  }

  /** Emits the next page of a slice to all streams that want it. True if the slice has more. */
  async #readPage(slice: SliceReader): Promise<boolean> {
    const page = await slice.fetch(this.#access());
    this.#listed += page.items.length;
    this.#context.offer();
    const open = slice.streams.filter(isOpen);
    const takers = open.map((stream) => ({ stream, position: slice.beginPage(stream, page.items) }));
    await this.#writer.write({ ...page, slice: slice.slice }, takers);
    const hasMore = slice.leavePage();
    await this.#noteProgress();
    this.#context.signal.throwIfAborted();
    return hasMore;
  }

  #add(slice: SliceReader): void {
    this.#slices.add(slice);
    for (const stream of slice.streams) stream.add(slice);
  }

  #remove(slice: SliceReader): void {
    this.#slices.delete(slice);
    for (const stream of slice.streams) stream.remove(slice);
  }

  /** The slices that wait or are being read. */
  #unended(): readonly SliceReader[] {
    return [...this.#slices].filter(({ isEnded }) => !isEnded);
  }

  /** Writes a STATE of each stream for which one is due, and an estimate of its rows if that is news. */
  async #noteProgress(): Promise<void> {
    await Promise.all(this.#open().map((stream) => stream.noteProgress()));
    const ahead = this.#unended().map((slice) => slice.expected(this.#context.account.floor));
    for (const stream of this.#open()) {
      const rows = estimateRows(stream.rows, this.#listed, ahead);
      if (rows !== undefined) await stream.tellEstimate(rows);
    }
  }

  #start(): Promise<void> {
    this.#started ??= Promise.all(this.#streams.map((stream) => stream.start())).then(() => {});
    return this.#started;
  }

  #open(): readonly AccountStream[] {
    return this.#streams.filter(isOpen);
  }

  /** Counts requests for the list for its own stream, else for its first child stream. All streams wait for them. */
  #access(): Access {
    const open = this.#open();
    const counted = open.find(({ definition }) => definition === this.#list) ?? open[0];
    if (!counted) return this.#context.account;
    const waiting = (untilMs: number) => {
      for (const { tally } of this.#open()) tally.waiting(untilMs);
    };
    return observed(this.#context.account, { ...counted.tally, waiting });
  }

  /**
   * Ends the streams of a list that cannot be read. A refusal that says that the account lacks a product is believed
   * only of streams that belong to one, and only before anything of the list was read, in this sync or in one that it
   * continues. What was pending stays in the state, because the account may get the product.
   */
  async #endList(error: unknown): Promise<void> {
    if (endsTheSync(error)) this.#context.account.ending.note(error);
    if (this.#listed === 0 && error instanceof StripeError && reaction(error.kind, 'list') === 'no_product') {
      for (const stream of this.#open().filter(mayLackProduct)) {
        await this.#context.account.say('WARN', withoutProduct(stream, error));
        await stream.complete();
      }
    }
    for (const stream of this.#open()) await stream.fail(error);
  }
}

/**
 * Whether a stream belongs to a product, nothing of it was read, and the destination keeps its rows. A destination that
 * overwrites would, at exit code 0, drop the rows from the time when the account had the product.
 */
function mayLackProduct({ definition, planned, isOverwritten }: AccountStream): boolean {
  return productOf(definition) !== undefined && isUnread(planned) && !isOverwritten;
}

function withoutProduct({ definition, descriptor }: AccountStream, { message }: StripeError): string {
  return `${descriptor.name}: the account does not have this product (${productOf(definition)}). ${message}`;
}

function streamsIn(wanted: ReadonlyMap<number, StoredPosition | undefined>, streams: readonly AccountStream[]) {
  return streams.flatMap((stream, index): readonly (readonly [AccountStream, StoredPosition | undefined])[] =>
    wanted.has(index) ? [[stream, wanted.get(index)]] : [],
  );
}

function isOpen(stream: AccountStream): boolean {
  return stream.isOpen;
}

function newestFirst(a: SliceReader, b: SliceReader): number {
  return (b.slice.lte ?? Number.POSITIVE_INFINITY) - (a.slice.lte ?? Number.POSITIVE_INFINITY);
}
