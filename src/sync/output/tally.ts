import type { Observer } from '../../stripe/client.js';

/** What the requests for one stream cost. */
export class Tally implements Observer {
  /** Attempts, retries included. */
  requests = 0;
  retries = 0;
  /** Milliseconds that requests waited for limits; parallel waits add up. */
  waitedMs = 0;
  readonly #tellLimited: (untilMs: number) => void;

  /** `tellLimited` is called when a request waits for a limit, with the end of the wait (epoch milliseconds). */
  constructor(tellLimited: (untilMs: number) => void) {
    this.#tellLimited = tellLimited;
  }

  readonly sent = (): void => {
    this.requests += 1;
  };

  readonly retried = (): void => {
    this.retries += 1;
  };

  readonly waited = (ms: number): void => {
    this.waitedMs += ms;
  };

  readonly waiting = (untilMs: number): void => {
    this.#tellLimited(untilMs);
  };
}
