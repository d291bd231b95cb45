import { log, type Write } from '../protocol/messages.js';

/** How long to stay silent: a closed pipe is only noticed by writing. */
const SILENCE_MS = 5_000;

/** Platforms give up on a source that sends neither a record nor a state for long: 3 h in Airbyte, 1 h in Estuary. */
const HEARTBEAT_MS = 180_000;

/** Makes sure that the reader hears from the connector regularly. */
export class Pulse {
  readonly #write: Write;
  readonly #now: () => number;
  #lastWrite: number;
  #lastData: number;
  /** How many messages the reader has not taken yet. */
  #waiting = 0;

  constructor(write: Write, now: () => number) {
    this.#write = write;
    this.#now = now;
    this.#lastWrite = now();
    this.#lastData = now();
  }

  readonly write: Write = async (message) => {
    this.#lastWrite = this.#now();
    if (message.type === 'RECORD' || message.type === 'STATE') this.#lastData = this.#lastWrite;
    this.#waiting += 1;
    try {
      await this.#write(message);
    } finally {
      this.#waiting -= 1;
    }
  };

  /**
   * Repeats the states as a heartbeat after minutes without a record or a state, and writes a log line after seconds
   * without any message. Does nothing while the reader has not taken what it was sent before.
   */
  async beat(tellStates: () => Promise<void>, describe: () => string): Promise<void> {
    if (this.#waiting > 0) return;
    const now = this.#now();
    if (now - this.#lastData >= HEARTBEAT_MS) {
      this.#lastData = now;
      await tellStates();
    }
    if (now - this.#lastWrite >= SILENCE_MS) await this.write(log('DEBUG', describe()));
  }
}
