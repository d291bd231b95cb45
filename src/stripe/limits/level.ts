import { createBucket } from './bucket.js';
import { createGate } from './gate.js';

/** Something that Stripe counts requests of, by rate and in flight: the account, or one endpoint of it. */
export interface Level {
  /**
   * When a request may be sent if `ahead` others are sent before it, in the clock's milliseconds. `Infinity` while
   * too many are in flight, which only ends when one of them leaves.
   */
  readonly opensAt: (ahead?: number) => number;
  /** A request is sent now; `leave` follows. */
  readonly enter: () => void;
  readonly leave: () => void;
  /** Stripe refused a request, which has left already, for this reason. */
  readonly slowDown: (reason: 'rate' | 'concurrency') => void;
}

/** A level is a bucket for the rate and a gate for the requests in flight. */
export function createLevel(ratePerSecond: number, now: () => number): Level {
  const bucket = createBucket(ratePerSecond, now);
  const gate = createGate(now);
  return {
    opensAt: (ahead) => (gate.isFull(ahead) ? Number.POSITIVE_INFINITY : bucket.readyAt(ahead)),
    enter: () => {
      gate.enter();
      bucket.spend();
    },
    leave: gate.leave,
    slowDown: (reason) => (reason === 'rate' ? bucket.slowDown() : gate.shrink()),
  };
}
