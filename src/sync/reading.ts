import { type StreamDescriptor, streamStatus, type TraceError, traceError, type Write } from '../protocol/messages.js';
import type { StreamDefinition } from '../streams/definition.js';
import { type Checkpoint, toState } from './checkpoint.js';
import { advance, type Progress, type Slice } from './progress.js';
import type { Row } from './records.js';

export type Outcome = 'complete' | 'failed' | 'stopped';

/**
 * One configured stream in one sync: what it has emitted and how far it is. It alone writes the stream's messages, so
 * their order holds: STARTED, RUNNING, records before the STATE that covers them, the last STATE before COMPLETE.
 */
export class Reading {
  readonly descriptor: StreamDescriptor;
  readonly definition: StreamDefinition;
  /** Undefined while the stream is being read. */
  outcome: Outcome | undefined;
  rows = 0;
  #checkpoint: Checkpoint;
  #rowsSinceState = 0;
  #hasState = false;
  readonly #write: Write;
  readonly #now: () => number;

  constructor(stream: {
    readonly descriptor: StreamDescriptor;
    readonly definition: StreamDefinition;
    readonly checkpoint: Checkpoint;
    readonly write: Write;
    readonly now: () => number;
  }) {
    this.descriptor = stream.descriptor;
    this.definition = stream.definition;
    this.#checkpoint = stream.checkpoint;
    this.#write = stream.write;
    this.#now = stream.now;
  }

  get progress(): Progress {
    return this.#checkpoint.progress;
  }

  /** Takes the same progress, cut otherwise: see `align`. */
  recut(progress: Progress): void {
    this.#checkpoint = { ...this.#checkpoint, progress };
  }

  wants(slice: Slice): boolean {
    return this.outcome === undefined && this.progress.pending.includes(slice);
  }

  async start(): Promise<void> {
    await this.#write(streamStatus(this.descriptor, 'STARTED', this.#now()));
  }

  /** Emits rows. They count as out only with the next `moveOn`. */
  async emit(rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    if (this.rows === 0) await this.#write(streamStatus(this.descriptor, 'RUNNING', this.#now()));
    const { name: stream, namespace } = this.descriptor;
    const emitted_at = this.#now();
    for (const data of rows) {
      this.rows += 1;
      this.#rowsSinceState += 1;
      const record = namespace === undefined ? { stream, data, emitted_at } : { stream, namespace, data, emitted_at };
      await this.#write({ type: 'RECORD', record });
    }
  }

  /** Everything of `slice` but `left` is out: says so in a STATE. */
  async moveOn(slice: Slice, left: Slice | undefined): Promise<void> {
    this.recut(advance(this.progress, slice, left));
    await this.#writeState(this.progress);
  }

  /** The same in the middle of a page: a STATE for whoever goes on if this sync does not get to the end of the page. */
  async noteWithin(slice: Slice, left: Slice | undefined): Promise<void> {
    await this.#writeState(advance(this.progress, slice, left));
  }

  /** Whether this sync has given nothing of the stream yet, neither a row nor a state. */
  get isUntouched(): boolean {
    return this.rows === 0 && !this.#hasState;
  }

  get rowsSinceState(): number {
    return this.#rowsSinceState;
  }

  async complete(): Promise<void> {
    // A stream with nothing to read still tells where it stands.
    if (!this.#hasState || this.#rowsSinceState > 0) await this.#writeState(this.progress);
    this.outcome = 'complete';
    await this.#write(streamStatus(this.descriptor, 'COMPLETE', this.#now()));
  }

  async fail(error: Omit<TraceError, 'stream_descriptor'>): Promise<void> {
    this.outcome = 'failed';
    await this.#write(streamStatus(this.descriptor, 'INCOMPLETE', this.#now()));
    await this.#write(traceError({ ...error, stream_descriptor: this.descriptor }, this.#now()));
  }

  /** The sync was told to stop. What is written already holds; the rest comes next time. */
  async stop(): Promise<void> {
    this.outcome = 'stopped';
    await this.#write(streamStatus(this.descriptor, 'INCOMPLETE', this.#now()));
  }

  async #writeState(progress: Progress): Promise<void> {
    const sourceStats = { recordCount: this.#rowsSinceState };
    this.#rowsSinceState = 0;
    this.#hasState = true;
    const stream = { stream_descriptor: this.descriptor, stream_state: toState({ ...this.#checkpoint, progress }) };
    await this.#write({ type: 'STATE', state: { type: 'STREAM', stream, sourceStats } });
  }
}
