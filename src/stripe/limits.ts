/** Requests per second: for the account as a whole, and for each endpoint of it. */
export interface Rates {
  readonly account: number;
  readonly endpoint: number;
}

/** Time as an argument. Milliseconds. */
export interface Clock {
  readonly now: () => number;
  /** Rejects when the signal is aborted. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

export interface Limiter {
  /** Resolves when a request to this endpoint may be sent. Rejects when the signal is aborted. */
  readonly take: (endpoint: string, signal: AbortSignal) => Promise<void>;
  /** Stripe answered 429: send less for a while. `reason` is its `Stripe-Rate-Limited-Reason`. */
  readonly slowDown: (endpoint: string, reason: string | undefined) => void;
}

/** An idle bucket may catch up on this much time, so that the jitter of timers costs no throughput. */
const SLACK_MS = 100;
const SLOWER = 0.7;
const SLOWEST = 0.05;
/** Share of the full rate that comes back with each second. */
const RECOVERY_PER_MS = 0.02 / 1000;

/**
 * Spaces requests evenly over two levels, as Stripe counts them. A lowered rate recovers by itself. `lock_timeout` and
 * concurrency are no matter of rate, so only a `*-rate` reason slows a bucket; without one both are taken as meant.
 */
export function createLimiter(rates: Rates, { now, sleep }: Clock): Limiter {
  const account = createBucket(rates.account, now);
  const endpoints = new Map<string, Bucket>();

  function bucketOf(endpoint: string): Bucket {
    const known = endpoints.get(endpoint);
    if (known) return known;
    const bucket = createBucket(rates.endpoint, now);
    endpoints.set(endpoint, bucket);
    return bucket;
  }

  return {
    take: async (endpoint, signal) => {
      const delayMs = Math.max(bucketOf(endpoint).reserve(), account.reserve());
      if (delayMs > 0) await sleep(delayMs, signal);
    },
    slowDown: (endpoint, reason) => {
      if (reason === undefined || reason === 'global-rate') account.slowDown();
      if (reason === undefined || reason === 'endpoint-rate') bucketOf(endpoint).slowDown();
    },
  };
}

interface Bucket {
  /** Takes the next free place; returns how long to wait for it, in milliseconds. */
  readonly reserve: () => number;
  readonly slowDown: () => void;
}

function createBucket(ratePerSecond: number, now: () => number): Bucket {
  let next = 0;
  let share = 1;
  let measured = now();

  function currentShare(): number {
    share = Math.min(1, share + (now() - measured) * RECOVERY_PER_MS);
    measured = now();
    return share;
  }

  return {
    reserve: () => {
      const at = Math.max(next, now() - SLACK_MS);
      next = at + 1000 / (ratePerSecond * currentShare());
      return Math.max(0, at - now());
    },
    slowDown: () => {
      share = Math.max(SLOWEST, currentShare() * SLOWER);
    },
  };
}
