import { log, type Write } from '../protocol/messages.js';

/** How long to stay silent: a closed pipe is only noticed by writing. */
const SILENCE_MS = 5_000;

/** Platforms give a source up that has sent neither record nor state for long: 3 h in Airbyte, 1 h in Estuary. */
const HEARTBEAT_MS = 180_000;

/** Sees to it that the reader hears of us. */
export class Pulse {
  readonly #write: Write;
  readonly #now: () => number;
  #lastWrite: number;
  #lastData: number;
  /** Messages that the reader has not taken. */
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
   * Writes the states again after minutes without a record or a state, and a line after seconds without anything. A
   * reader that has not taken what it was sent before is left alone.
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
