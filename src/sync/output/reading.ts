import { traceOf } from '../../failure.js';
import {
  estimate,
  log,
  type Message,
  rateLimited,
  type StreamDescriptor,
  streamStatus,
  type Write,
} from '../../protocol/messages.js';
import type { StreamDefinition } from '../../streams/definition.js';
import type { Failures } from '../failures/failures.js';
import { Misses } from '../failures/misses.js';
import type { Progress, Slice } from '../progress/progress.js';
import { type Checkpoint, toState } from '../progress/stream-state.js';
import type { Emitted } from '../rows/rows.js';
import { Tally } from './tally.js';

export type Outcome = 'complete' | 'failed' | 'stopped';

/** A shorter wait for Stripe's limits is not reported. */
const NOTEWORTHY_WAIT_SECONDS = 10;

/** An estimate that is off by less is not worth another message. */
const NOTEWORTHY_SHARE = 0.1;

/**
 * One configured stream in one sync. It alone writes the stream's messages, so their order holds: STARTED, RUNNING,
 * records before the STATE that covers them, the last STATE before COMPLETE, and nothing after it. Several workers may
 * emit at once: whatever a message says is gathered and serialised in one step.
 */
export class Reading {
  readonly descriptor: StreamDescriptor;
  readonly definition: StreamDefinition;
  /** What the sync had to do when it began, and whose data it is about. */
  readonly checkpoint: Checkpoint;
  /** Whether the destination drops the rows that it has when this stream is complete. */
  readonly isOverwritten: boolean;
  readonly tally: Tally;
  /** What could not be read while the rest is. */
  readonly misses: Misses;
  /** Undefined while the stream is being read. */
  outcome: Outcome | undefined;
  rows = 0;
  rowsSinceState = 0;
  /** How many rows there will be, going by what was seen so far; undefined while nothing is known. */
  expectedRows: number | undefined;
  #isStarted = false;
  #lastState: string | undefined;
  readonly #write: Write;
  readonly #now: () => number;
  readonly #failures: Failures;

  constructor(stream: {
    readonly descriptor: StreamDescriptor;
    readonly definition: StreamDefinition;
    readonly checkpoint: Checkpoint;
    readonly isOverwritten: boolean;
    readonly write: Write;
    readonly now: () => number;
    readonly failures: Failures;
  }) {
    this.descriptor = stream.descriptor;
    this.definition = stream.definition;
    this.checkpoint = stream.checkpoint;
    this.isOverwritten = stream.isOverwritten;
    this.#write = stream.write;
    this.#now = stream.now;
    this.#failures = stream.failures;
    // All but the slice that every sync has: each may be one object.
    this.misses = new Misses(Math.max(0, this.progress.pending.length - 1));
    this.tally = new Tally((untilMs) => this.#tellLimited(untilMs));
  }

  get progress(): Progress {
    return this.checkpoint.progress;
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#write(streamStatus(this.descriptor, 'STARTED', this.#now()));
  }

  /**
   * Emits rows; none once the stream has ended. All are written before this returns, so that the caller can move on in
   * the same step: a STATE covers the rows before it, and no others. Resolves when the reader can take more.
   */
  emit(rows: readonly Emitted[]): Promise<unknown> {
    if (this.outcome !== undefined || rows.length === 0) return Promise.resolve();
    const { name: stream, namespace } = this.descriptor;
    const emitted_at = this.#now();
    const isFirst = this.rows === 0;
    this.rows += rows.length;
    this.rowsSinceState += rows.length;
    const where = namespace === undefined ? { stream } : { stream, namespace };
    const records = rows.map(({ data, changes }): Message => {
      const record = { ...where, data, emitted_at };
      return { type: 'RECORD', record: changes ? { ...record, meta: { changes } } : record };
    });
    const running = isFirst ? [streamStatus(this.descriptor, 'RUNNING', emitted_at)] : [];
    return Promise.all([...running, ...records].map(this.#write));
  }

  /** How long a STATE with these slices would be, in characters. */
  stateLength(pending: readonly Slice[]): number {
    return this.#stateWith(pending).text.length;
  }

  /** Writes a STATE that says that everything but `pending` was emitted, unless it has been said. */
  async note(pending: readonly Slice[]): Promise<void> {
    if (this.outcome === undefined && this.#stateWith(pending).text !== this.#lastState)
      await this.#writeState(pending);
  }

  /** Repeats the STATE as a heartbeat, but never the same with records in between. */
  async repeat(pending: readonly Slice[]): Promise<void> {
    if (this.rowsSinceState > 0) return this.note(pending);
    if (this.outcome === undefined) await this.#writeState(pending);
  }

  /** What the stream gave, and what that took. */
  get summary(): string {
    const { requests, retries, waitedMs } = this.tally;
    const waited = `${(waitedMs / 1000).toFixed(1)} s waited for limits`;
    return `${this.descriptor.name}: ${this.rows} rows, ${requests} requests, ${retries} retries, ${waited}`;
  }

  async tellEstimate(rows: number): Promise<void> {
    const told = this.expectedRows;
    if (told === undefined || Math.abs(rows - told) > told * NOTEWORTHY_SHARE) await this.#writeEstimate(rows);
  }

  /** All that was to read was emitted, but what is `pending` because the account cannot have it now. */
  async complete(pending: readonly Slice[]): Promise<void> {
    if (this.expectedRows !== undefined && this.expectedRows !== this.rows) await this.#writeEstimate(this.rows);
    await this.#end('complete', 'COMPLETE', pending);
  }

  /** Cannot go on. What was emitted is said first; the TRACE ERROR comes at the end of the sync. */
  async fail(pending: readonly Slice[], cause: unknown, trace = traceOf(cause, this.descriptor.name)): Promise<void> {
    if (this.outcome !== undefined) return;
    const isNews = this.#failures.note(this.descriptor, cause, trace);
    await this.#end('failed', 'INCOMPLETE', pending);
    if (isNews) await this.#write(log('ERROR', trace.message));
  }

  /** The sync was told to stop: says what was emitted; the rest comes next time. */
  async stop(pending: readonly Slice[]): Promise<void> {
    await this.#end('stopped', 'INCOMPLETE', pending);
  }

  async #end(outcome: Outcome, status: 'COMPLETE' | 'INCOMPLETE', pending: readonly Slice[]): Promise<void> {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    const isUntouched = this.rows === 0 && this.#lastState === undefined;
    const isNews = this.#stateWith(pending).text !== this.#lastState;
    // A stream with nothing to read still tells where it stands; one that could not be read leaves that as it was.
    if (isNews && (outcome === 'complete' || !isUntouched)) await this.#writeState(pending);
    await this.#write(streamStatus(this.descriptor, status, this.#now()));
  }

  async #writeState(pending: readonly Slice[]): Promise<void> {
    const { state, text } = this.#stateWith(pending);
    const sourceStats = { recordCount: this.rowsSinceState };
    this.rowsSinceState = 0;
    this.#lastState = text;
    const stream = { stream_descriptor: this.descriptor, stream_state: state };
    await this.#write({ type: 'STATE', state: { type: 'STREAM', stream, sourceStats } });
  }

  async #writeEstimate(rows: number): Promise<void> {
    if (this.outcome !== undefined) return;
    this.expectedRows = rows;
    await this.#write(estimate(this.descriptor, rows, this.#now()));
  }

  #stateWith(pending: readonly Slice[]) {
    const state = toState({ ...this.checkpoint, progress: { ...this.progress, pending } });
    return { state, text: JSON.stringify(state) };
  }

  #tellLimited(untilMs: number): void {
    // Rounded, because the clock has gone on since the wait was decided on.
    const isLong = Math.round((untilMs - this.#now()) / 1000) >= NOTEWORTHY_WAIT_SECONDS;
    if (!isLong || !this.#isStarted || this.outcome !== undefined) return;
    // What cannot be written fails the next message, too.
    this.#write(rateLimited(this.descriptor, Math.round(untilMs), this.#now())).catch(() => {});
  }
}
