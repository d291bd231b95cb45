import { traceOf, traceOfMisses } from '../../failure.js';
import { OutputError } from '../../protocol/errors.js';
import type { StreamDescriptor, TraceError, Write } from '../../protocol/messages.js';
import { hasCreatedFilter, listOf, type StreamDefinition } from '../../streams/definition.js';
import { type Access, type Account, observed } from '../account/account.js';
import type { Failures } from '../failures/failures.js';
import { AllMissed, Misses } from '../failures/misses.js';
import { endsTheSync } from '../failures/reaction.js';
import type { Progress } from '../progress/plan.js';
import { range, type Slice } from '../progress/slice.js';
import type { StreamState } from '../progress/stream-state.js';
import { type Emitted, StreamOutput } from './stream-output.js';
import { Tally } from './tally.js';

export type Outcome = 'complete' | 'failed' | 'stopped';

/** Something that a stream still has to get a part of its rows from. */
export interface Part {
  /** What of it was not emitted for this stream yet; undefined when nothing is left. */
  readonly leftFor: (stream: AccountStream) => Slice | undefined;
}

/** What a stream is made of. */
export interface StreamPlan {
  readonly descriptor: StreamDescriptor;
  readonly definition: StreamDefinition;
  /** What the sync has to do, and whose data it is about. */
  readonly state: StreamState;
  /** Whether the destination drops the rows that it has when this stream is complete. */
  readonly isOverwritten: boolean;
}

/** What a stream needs of its sync. */
export interface StreamContext {
  readonly account: Account;
  readonly write: Write;
  readonly now: () => number;
  /** Aborted when the sync is to stop. */
  readonly signal: AbortSignal;
  readonly failures: Failures;
}

/**
 * One configured stream of one account in one sync: it knows what is left of it at any moment, and how it ended. What is
 * left is what its parts say, and what it missed; every STATE is made of that.
 */
export class AccountStream {
  readonly descriptor: StreamDescriptor;
  readonly definition: StreamDefinition;
  readonly isOverwritten: boolean;
  /** Its requests are counted for this stream. */
  readonly access: Access;
  readonly tally: Tally;
  /** What could not be read while the rest is. */
  readonly misses: Misses;
  readonly #plan: StreamState;
  readonly #context: StreamContext;
  readonly #parts = new Set<Part>();
  readonly #output: StreamOutput;
  #outcome: Outcome | undefined;

  constructor(plan: StreamPlan, context: StreamContext) {
    this.descriptor = plan.descriptor;
    this.definition = plan.definition;
    this.isOverwritten = plan.isOverwritten;
    this.#plan = plan.state;
    this.#context = context;
    // All but the slice that every sync has: each may be one object.
    this.misses = new Misses(Math.max(0, this.planned.pending.length - 1));
    this.#output = new StreamOutput(plan.descriptor, context.write, context.now);
    this.tally = new Tally((untilMs) => this.#output.tellLimited(untilMs));
    this.access = observed(context.account, this.tally);
  }

  /** What the sync had to do when it began. */
  get planned(): Progress {
    return this.#plan.progress;
  }

  /** Undefined while the stream is being read. */
  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  get isOpen(): boolean {
    return this.#outcome === undefined;
  }

  get rows(): number {
    return this.#output.rows;
  }

  /** How many rows there will be, going by what was seen so far; undefined while nothing is known. */
  get expectedRows(): number | undefined {
    return this.#output.expectedRows;
  }

  /** All that the stream has still to give. */
  get pending(): readonly Slice[] {
    return this.misses.withPending([...this.#parts].flatMap((part) => part.leftFor(this) ?? []));
  }

  /** What the stream gave, and what that took. */
  get summary(): string {
    const { requests, retries, waitedMs } = this.tally;
    const waited = `${(waitedMs / 1000).toFixed(1)} s waited for limits`;
    return `${this.descriptor.name}: ${this.rows} rows, ${requests} requests, ${retries} retries, ${waited}`;
  }

  /** Something is still to be read for it. */
  add(part: Part): void {
    this.#parts.add(part);
  }

  /** Nothing of it is left for this stream, whatever comes. */
  remove(part: Part): void {
    this.#parts.delete(part);
  }

  async start(): Promise<void> {
    await this.#output.start();
  }

  /**
   * Emits rows; none once the stream has ended. All are written before this returns, so that the caller can note them as
   * emitted in the same step. Resolves when the reader can take more.
   */
  async emit(rows: readonly Emitted[]): Promise<void> {
    if (this.isOpen) await this.#output.writeRows(rows);
  }

  /** Writes a STATE of what is left, if it is due. True if it was. */
  async noteProgress(): Promise<boolean> {
    if (!this.isOpen || !this.#output.mayNeedState) return false;
    return this.#output.writeStateIfDue(this.#stateWith(this.pending));
  }

  async tellEstimate(rows: number): Promise<void> {
    if (this.isOpen) await this.#output.writeEstimate(rows);
  }

  /** Repeats the STATE as a heartbeat. */
  async beat(): Promise<void> {
    if (this.isOpen) await this.#output.repeatState(this.#stateWith(this.pending));
  }

  /**
   * Nothing is left to be read but what was missed. The next sync reads that again; a full refresh without a job to go on
   * with begins again, because its rows would otherwise stay as they are for as long as one object is refused.
   */
  async finish(): Promise<void> {
    if (this.misses.count === 0) {
      if (this.pending.length > 0) return this.fail(new Error('A part of the list was not read.'));
      return this.complete();
    }
    this.#context.signal.throwIfAborted();
    const { from, created } = this.planned;
    const isRepeated = this.#plan.fullRefresh?.job === null && hasCreatedFilter(listOf(this.definition));
    await this.#fail(new AllMissed(), isRepeated ? range(from, created) : this.pending);
  }

  /** Everything was emitted, but what is left because the account cannot have it now. */
  async complete(): Promise<void> {
    if (!this.isOpen) return;
    this.#outcome = 'complete';
    await this.#output.complete(this.#stateWith(this.pending));
  }

  /**
   * Ends a stream that cannot be read on; its TRACE ERROR comes at the end of the sync. Throws on being told to stop, and
   * when the reader is gone.
   */
  async fail(cause: unknown): Promise<void> {
    this.#context.signal.throwIfAborted();
    if (cause instanceof OutputError) throw cause;
    if (endsTheSync(cause)) this.#context.account.ending.note(cause);
    await this.#fail(cause, this.pending);
  }

  /** The sync was told to stop: says what was emitted; the rest comes next time. */
  async stop(): Promise<void> {
    if (!this.isOpen) return;
    this.#outcome = 'stopped';
    await this.#output.abandon(this.#stateWith(this.pending));
  }

  async #fail(cause: unknown, pending: readonly Slice[]): Promise<void> {
    if (!this.isOpen) return;
    this.#outcome = 'failed';
    const trace = this.#traceOf(cause);
    const isNews = this.#context.failures.note(this.descriptor, cause, trace);
    await this.#output.abandon(this.#stateWith(pending));
    if (isNews) await this.#output.explain(trace.message);
  }

  #traceOf(cause: unknown): TraceError {
    return cause instanceof AllMissed ? traceOfMisses(this) : traceOf(cause, this.descriptor.name);
  }

  #stateWith(pending: readonly Slice[]): StreamState {
    return { ...this.#plan, progress: { ...this.planned, pending } };
  }
}
