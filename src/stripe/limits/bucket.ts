import { createRefusals } from './refusals.js';

/** Limits how many requests are sent per second. Times are the clock's milliseconds. */
export interface Bucket {
  /** When a request may be sent if `ahead` others are sent before it; in the past if it need not have waited. */
  readonly readyAt: (ahead?: number) => number;
  /** A request is sent now. */
  readonly spend: () => void;
  /** Stripe refused a request because too many were sent. */
  readonly slowDown: () => void;
}

/** No span of this length exceeds the rate, wherever it begins, because Stripe counts afresh each second. */
const SECOND_MS = 1000;
/** Requests that come late may catch up by this much time, so that the jitter of timers costs no throughput. */
const SLACK_MS = 100;

/**
 * Spaces requests evenly, and allows no more than the rate (rounded up) within any 1000 ms, so that the rate may be
 * exactly what Stripe allows. A lowered rate recovers by itself.
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

/** However often Stripe refuses requests, this share of the rate is kept. */
const SMALLEST = 0.05;
/** How fast a share recovers, relative to its present size. */
const RECOVERY_PER_MS = 0.025 / 1000;

interface Share {
  readonly current: () => number;
  readonly cut: (kept: number) => void;
}

/** The share of a rate that is used: all of it, until it is cut. */
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
    cut: (kept) => {
      share = Math.max(SMALLEST, current() * kept);
    },
  };
}

interface Times {
  readonly add: (at: number) => void;
  /** The nth time from the end; `-Infinity` if that is more than a second before the latest one, or never was. */
  readonly last: (nth: number) => number;
}

/** Times that are no longer needed are removed once there are this many of them. */
const FORGOTTEN = 1000;

/** The times of the last second. */
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
