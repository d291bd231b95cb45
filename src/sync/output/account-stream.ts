import { traceOf, traceOfMisses } from '../../failure.js';
import { OutputError } from '../../protocol/errors.js';
import type { StreamDescriptor, TraceError, Write } from '../../protocol/messages.js';
import { hasCreatedFilter, listOf, type StreamDefinition } from '../../streams/definition.js';
import { type Access, type Account, observed } from '../account/account.js';
import type { Failures } from '../failures/failures.js';
import { AllMissed, Misses } from '../failures/misses.js';
import { endsTheSync } from '../failures/reaction.js';
import type { Progress } from '../progress/plan.js';
import { range, type Seconds, type Slice } from '../progress/slice.js';
import type { StreamState } from '../progress/stream-state.js';
import { BrokenContract, type Emitted, StreamOutput } from './stream-output.js';
import { Tally } from './tally.js';

export type Outcome = 'complete' | 'failed' | 'stopped';

/** Something that may still have rows for a stream. */
export interface Part {
  /** What this stream has not emitted of it yet; undefined if nothing is left. */
  readonly leftFor: (stream: AccountStream) => Slice | undefined;
}

/** What an AccountStream is made from. */
export interface StreamPlan {
  readonly descriptor: StreamDescriptor;
  readonly definition: StreamDefinition;
  /** What the sync has to do for the stream, and whose data it reads. */
  readonly state: StreamState;
  /** The cursor of the stored state, where the stream goes on from it: the next one is never less. */
  readonly cursor?: Seconds | undefined;
  /** Whether the destination drops its old rows when this stream is complete. */
  readonly isOverwritten: boolean;
}

/** What a stream needs from its sync. */
export interface StreamContext {
  readonly account: Account;
  readonly write: Write;
  readonly now: () => number;
  /** Aborted to stop the sync. */
  readonly signal: AbortSignal;
  readonly failures: Failures;
}

/**
 * One configured stream of one account in one sync. It knows what is left of it at any moment, and how it ended. Its
 * parts and its misses say what is left, and every STATE is made from that.
 */
export class AccountStream {
  readonly descriptor: StreamDescriptor;
  readonly definition: StreamDefinition;
  readonly isOverwritten: boolean;
  /** Counts its requests for this stream. */
  readonly access: Access;
  readonly tally: Tally;
  /** The objects that could not be read. */
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
    // Every sync has one slice; each further one may be a missed object.
    this.misses = new Misses(Math.max(0, this.planned.pending.length - 1));
    this.#output = new StreamOutput(plan.descriptor, context, plan.cursor);
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

  /** How many rows the stream will have, going by those so far; undefined while nothing is known. */
  get expectedRows(): number | undefined {
    return this.#output.expectedRows;
  }

  /** All that is still to be read for the stream. */
  get pending(): readonly Slice[] {
    return this.misses.withPending([...this.#parts].flatMap((part) => part.leftFor(this) ?? []));
  }

  /** How many rows the stream had, and what they cost. */
  get summary(): string {
    const { requests, retries, waitedMs } = this.tally;
    const waited = `${(waitedMs / 1000).toFixed(1)} s waited for limits`;
    return `${this.descriptor.name}: ${this.rows} rows, ${requests} requests, ${retries} retries, ${waited}`;
  }

  /** Adds something that may still have rows for this stream. */
  add(part: Part): void {
    this.#parts.add(part);
  }

  /** Removes a part that will never have rows for this stream again. */
  remove(part: Part): void {
    this.#parts.delete(part);
  }

  async start(): Promise<void> {
    await this.#output.start();
  }

  /**
   * Emits rows, unless the stream has ended. All are written before this returns, so that the caller can note them as
   * emitted in the same step. Resolves when the reader can take more.
   */
  async emit(rows: readonly Emitted[]): Promise<void> {
    if (this.isOpen) await this.#output.writeRows(rows);
  }

  /** Writes a STATE of what is left, if one is due. */
  async noteProgress(): Promise<void> {
    if (!this.isOpen || !this.#output.mayNeedState) return;
    await this.#output.writeStateIfDue(this.#stateWith(this.pending));
  }

  async tellEstimate(rows: number): Promise<void> {
    if (this.isOpen) await this.#output.writeEstimate(rows);
  }

  /** Repeats the STATE as a heartbeat. */
  async beat(): Promise<void> {
    if (this.isOpen) await this.#output.repeatState(this.#stateWith(this.pending));
  }

  /**
   * Ends a stream that has nothing left to read except what it missed. The next sync reads that again. A full refresh
   * without a job number begins again instead, because its rows would otherwise stay as they are while one object is
   * refused.
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

  /** Ends a stream as complete. What is still pending is what the account cannot have now. */
  async complete(): Promise<void> {
    if (!this.isOpen) return;
    this.#outcome = 'complete';
    await this.#output.complete(this.#stateWith(this.pending));
  }

  /**
   * Ends a stream that cannot be read any further; its TRACE ERROR comes at the end of the sync. Throws if the sync was
   * told to stop, or if the reader is gone.
   */
  async fail(cause: unknown): Promise<void> {
    this.#context.signal.throwIfAborted();
    if (endsEverything(cause)) throw cause;
    if (endsTheSync(cause)) this.#context.account.ending.note(cause);
    await this.#fail(cause, this.pending);
  }

  /** Ends a stream because the sync was told to stop. The next sync reads the rest. */
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

/** Whether an error ends the sync at once: the reader is gone, or it would be told something false. */
export function endsEverything(error: unknown): boolean {
  return error instanceof OutputError || error instanceof BrokenContract;
}
