import { isDeepStrictEqual } from 'node:util';
import {
  type Change,
  estimate,
  log,
  type Message,
  rateLimited,
  type StreamDescriptor,
  streamStatus,
  type Write,
} from '../../protocol/messages.js';
import type { Seconds } from '../progress/slice.js';
import { lengthOf, type StoredState, type StreamState, toStored } from '../progress/stream-state.js';

/** STATEs may take this many characters per row: a small share of the output, because few rows have fewer than 400. */
const STATE_LENGTH_PER_ROW = 12;
/** The longest time for which a kill may cost progress, however few the rows are. */
const STATE_EVERY_MS = 60_000;

/** A shorter wait for Stripe's limits is not reported. */
const NOTEWORTHY_WAIT_SECONDS = 10;

/** An estimate that is off by less is not worth another message. */
const NOTEWORTHY_SHARE = 0.1;

/** A row to emit. */
export interface Emitted {
  readonly data: Readonly<Record<string, unknown>>;
  /** What the row lacks; absent if it is whole. */
  readonly changes?: readonly Change[];
}

/** What the output of a stream needs from its sync. */
export interface OutputContext {
  readonly write: Write;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A defect of ours, found before the reader was told something false. It ends the sync. */
export class BrokenContract extends Error {
  override readonly name = 'BrokenContract';
}

/**
 * The only writer of one stream's messages, in the order that readers rely on: STARTED, RUNNING, records before the
 * STATE that covers them, the last STATE before COMPLETE, and nothing after it. Each message is built and serialised
 * before the next await, so that several workers may write at once. Breaking the order throws an Error, so that the
 * sync stops before the reader believes something false.
 */
export class StreamOutput {
  readonly #descriptor: StreamDescriptor;
  readonly #write: Write;
  readonly #now: () => number;
  #rows = 0;
  #rowsSinceState = 0;
  #expectedRows: number | undefined;
  #lastState: StoredState | undefined;
  /** The cursor of the last STATE, which may be of an earlier sync. */
  #cursor: Seconds;
  /** When the last STATE was due, in epoch milliseconds. */
  #stateAt: number;
  #phase: 'new' | 'started' | 'ended' = 'new';

  /** `cursor` is that of the stored state, if the stream goes on from it. */
  constructor(descriptor: StreamDescriptor, { write, now }: OutputContext, cursor = 0) {
    this.#descriptor = descriptor;
    this.#write = write;
    this.#now = now;
    this.#stateAt = now();
    this.#cursor = cursor;
  }

  get rows(): number {
    return this.#rows;
  }

  /** How many rows the stream will have, going by those so far; undefined while nothing is known. */
  get expectedRows(): number | undefined {
    return this.#expectedRows;
  }

  async start(): Promise<void> {
    if (this.#phase !== 'new') throw this.#broken('it is started twice');
    this.#phase = 'started';
    await this.#send(streamStatus(this.#descriptor, 'STARTED', this.#now()));
  }

  /**
   * Writes rows. All are handed over before this returns, so that the caller can note them as emitted in the same step:
   * a STATE covers the rows before it, and no others. Resolves when the reader can take more.
   */
  async writeRows(rows: readonly Emitted[]): Promise<void> {
    if (rows.length === 0) return;
    const { name: stream, namespace } = this.#descriptor;
    const emitted_at = this.#now();
    const isFirst = this.#rows === 0;
    this.#rows += rows.length;
    this.#rowsSinceState += rows.length;
    const where = namespace === undefined ? { stream } : { stream, namespace };
    const records = rows.map(({ data, changes }): Message => {
      const record = { ...where, data, emitted_at };
      return { type: 'RECORD', record: changes ? { ...record, meta: { changes } } : record };
    });
    const running = isFirst ? [streamStatus(this.#descriptor, 'RUNNING', emitted_at)] : [];
    await Promise.all([...running, ...records].map((message) => this.#send(message)));
  }

  /** Whether a STATE may be due: rows were written since the last one, or the last one was long ago. */
  get mayNeedState(): boolean {
    return this.#rowsSinceState > 0 || this.#isLongAgo;
  }

  /** Writes a STATE if the rows since the last one are worth its length, or the last was long ago. */
  async writeStateIfDue(state: StreamState): Promise<void> {
    if (this.#rowsSinceState * STATE_LENGTH_PER_ROW < lengthOf(state) && !this.#isLongAgo) return;
    this.#stateAt = this.#now();
    await this.#writeState(state, 'news');
  }

  /** Repeats the STATE as a heartbeat. If records came since, it is only written if it has changed. */
  async repeatState(state: StreamState): Promise<void> {
    await this.#writeState(state, this.#rowsSinceState > 0 ? 'news' : 'anything');
  }

  /** Writes how many rows there will be, if that has changed noticeably. */
  async writeEstimate(rows: number): Promise<void> {
    const told = this.#expectedRows;
    if (told === undefined || Math.abs(rows - told) > told * NOTEWORTHY_SHARE) await this.#estimate(rows);
  }

  /** Writes the last STATE and COMPLETE, even if there was nothing to read. */
  async complete(state: StreamState): Promise<void> {
    if (this.#expectedRows !== undefined && this.#expectedRows !== this.#rows) await this.#estimate(this.#rows);
    await this.#end('COMPLETE', state);
  }

  /** Writes the last STATE and INCOMPLETE. If nothing was emitted, the stream keeps the state that it has. */
  async abandon(state: StreamState): Promise<void> {
    const isUntouched = this.#rows === 0 && this.#lastState === undefined;
    await this.#end('INCOMPLETE', isUntouched ? undefined : state);
  }

  /** Logs why the stream ended. */
  async explain(text: string): Promise<void> {
    await this.#write(log('ERROR', text));
  }

  /** Says that the stream waits for Stripe's limits until `untilMs` (epoch milliseconds), if that is long. */
  tellLimited(untilMs: number): void {
    // Rounded, because the clock has moved since the wait was decided on.
    const isLong = Math.round((untilMs - this.#now()) / 1000) >= NOTEWORTHY_WAIT_SECONDS;
    if (!isLong || this.#phase !== 'started') return;
    // If this cannot be written, the next message fails, too.
    this.#send(rateLimited(this.#descriptor, Math.round(untilMs), this.#now())).catch(() => {});
  }

  get #isLongAgo(): boolean {
    return this.#now() - this.#stateAt >= STATE_EVERY_MS;
  }

  async #end(status: 'COMPLETE' | 'INCOMPLETE', state: StreamState | undefined): Promise<void> {
    const last = state && this.#stateMessage(state, 'news');
    const messages = [...(last ? [last] : []), streamStatus(this.#descriptor, status, this.#now())];
    const written = messages.map((message) => this.#send(message));
    this.#phase = 'ended';
    await Promise.all(written);
  }

  async #writeState(state: StreamState, which: 'news' | 'anything'): Promise<void> {
    const message = this.#stateMessage(state, which);
    if (message) await this.#send(message);
  }

  /** The STATE, noted as written; undefined if it is no news. */
  #stateMessage(state: StreamState, which: 'news' | 'anything'): Message | undefined {
    const stored = toStored(state);
    if (which === 'news' && isDeepStrictEqual(stored, this.#lastState)) return undefined;
    if (stored.created < this.#cursor) throw this.#broken('its cursor goes back');
    const sourceStats = { recordCount: this.#rowsSinceState };
    this.#cursor = stored.created;
    this.#rowsSinceState = 0;
    this.#lastState = stored;
    const stream = { stream_descriptor: this.#descriptor, stream_state: stored };
    return { type: 'STATE', state: { type: 'STREAM', stream, sourceStats } };
  }

  async #estimate(rows: number): Promise<void> {
    this.#expectedRows = rows;
    await this.#send(estimate(this.#descriptor, rows, this.#now()));
  }

  #send(message: Message): Promise<void> {
    if (this.#phase !== 'started') return Promise.reject(this.#broken(`a message was written in phase ${this.#phase}`));
    return this.#write(message);
  }

  #broken(what: string): BrokenContract {
    return new BrokenContract(`The output of stream ${this.#descriptor.name} is out of order: ${what}.`);
  }
}
