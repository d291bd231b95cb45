import { createRefusals } from './refusals.js';

/** Room for so many requests in each second. Times are the clock's milliseconds. */
export interface Bucket {
  /** When a request may be sent that `ahead` others go before; in the past where it could have been sent already. */
  readonly readyAt: (ahead?: number) => number;
  /** A request is sent now. */
  readonly spend: () => void;
  /** Stripe refused a request because there were too many. */
  readonly slowDown: () => void;
}

/** The span that no more than the rate is sent in, whenever it begins: Stripe counts afresh each second. */
const SECOND_MS = 1000;
/** What came too late may catch up on this much time, so that the jitter of timers costs no throughput. */
const SLACK_MS = 100;

/**
 * Spaces requests evenly, and allows no more than the rate (rounded up) within any 1000 ms, so that it may be exactly
 * what Stripe allows. A lowered rate recovers by itself.
 */
export function createBucket(ratePerSecond: number, now: () => number): Bucket {
  const share = createShare(now);
  const sent = createTimes();
  const refusals = createRefusals(now);
  let due = now();

  return {
    readyAt: (ahead = 0) => {
      const rate = ratePerSecond * share.current();
      const even = Math.max(due, now()) + (ahead * SECOND_MS) / rate - SLACK_MS;
      return Math.max(even, sent.last(Math.ceil(rate) - ahead) + SECOND_MS);
    },
    spend: () => {
      due = Math.max(due, now()) + SECOND_MS / (ratePerSecond * share.current());
      sent.add(now());
      refusals.noteSent();
    },
    slowDown: () => share.cut(refusals.noteRefused()),
  };
}

/** However often Stripe refuses, this share of the rate is left. */
const SMALLEST = 0.05;
/** What comes back in a second, relative to what is left. */
const RECOVERY_PER_MS = 0.025 / 1000;

interface Share {
  readonly current: () => number;
  readonly cut: (left: number) => void;
}

/** How much of a rate is used: all, until it is cut. */
function createShare(now: () => number): Share {
  let share = 1;
  let measured = now();

  function current(): number {
    if (share < 1) share = Math.min(1, share * Math.exp((now() - measured) * RECOVERY_PER_MS));
    measured = now();
    return share;
  }

  return {
    current,
    cut: (left) => {
      share = Math.max(SMALLEST, current() * left);
    },
  };
}

interface Times {
  readonly add: (at: number) => void;
  /** The time of the nth last addition; before all time where there was none within a second of the last one. */
  readonly last: (nth: number) => number;
}

/** Forgotten times are dropped when there are so many. */
const FORGOTTEN = 1000;

/** The additions of the last second. */
function createTimes(): Times {
  const times: number[] = [];
  let first = 0;

  return {
    add: (at) => {
      times.push(at);
      while ((times[first] ?? at) <= at - SECOND_MS) first += 1;
      if (first < FORGOTTEN) return;
      times.splice(0, first);
      first = 0;
    },
    last: (nth) => times[Math.max(times.length - nth, first - 1)] ?? Number.NEGATIVE_INFINITY,
  };
}
