import { type Bucket, createBucket } from './bucket.js';
import { createGate, type Gate } from './gate.js';

/** Requests per second: for the account as a whole, and for each endpoint of it. */
export interface Rates {
  readonly account: number;
  readonly endpoint: number;
}

/** Time as an argument. Milliseconds. */
export interface Clock {
  /** Never goes back. */
  readonly now: () => number;
  /** Rejects when the signal is aborted. May be late, and may be early. */
  readonly sleep: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

export interface Limiter {
  /**
   * Resolves when a request to this endpoint may be sent, which has to be done at once. The function that it gives is to
   * be called when the answer is in or will not come; calling it again does nothing. Rejects with the signal's reason
   * when that is aborted before.
   */
  readonly take: (endpoint: string, signal: AbortSignal) => Promise<() => void>;
  /**
   * Stripe answered 429: send less for a while. `reason` is its `Stripe-Rate-Limited-Reason`; without one, the rate of
   * both levels is taken as meant. One that names neither rate nor concurrency changes nothing.
   */
  readonly slowDown: (endpoint: string, reason: string | undefined) => void;
  /**
   * How long a request to this endpoint would wait for its turn if it were asked for now; Infinity while too many are in
   * flight. Reserves nothing.
   */
  readonly delayMs: (endpoint: string) => number;
}

/** Where Stripe counts: the account, or an endpoint of it. */
interface Level {
  readonly bucket: Bucket;
  readonly gate: Gate;
}

interface Waiter {
  readonly level: Level;
  readonly start: () => void;
}

/**
 * Holds requests back on two levels, as Stripe counts them: by their rate, and, once Stripe asked for it, by their number
 * in flight. Those that wait start in the order that they came in, except that nobody waits for an endpoint of others.
 */
export function createLimiter(rates: Rates, { now, sleep }: Clock): Limiter {
  const account = createLevel(rates.account, now);
  const endpoints = new Map<string, Level>();
  const alarm = createAlarm({ now, sleep }, admit);
  let waiting: readonly Waiter[] = [];

  function levelOf(endpoint: string): Level {
    const known = endpoints.get(endpoint);
    if (known) return known;
    const level = createLevel(rates.endpoint, now);
    endpoints.set(endpoint, level);
    return level;
  }

  function isOpen({ gate, bucket }: Level): boolean {
    return !gate.isFull() && bucket.readyAt() <= now();
  }

  function admit(): void {
    if (waiting.length > 0 && isOpen(account)) waiting = waiting.filter((waiter) => !admits(waiter));
    alarm.set(nextTurn());
  }

  function admits({ level, start }: Waiter): boolean {
    if (!isOpen(account) || !isOpen(level)) return false;
    for (const { gate, bucket } of [account, level]) {
      gate.enter();
      bucket.spend();
    }
    start();
    return true;
  }

  /** When somebody who waits may start if no place is left before: there is always one who leaves a full gate. */
  function nextTurn(): number {
    if (waiting.length === 0 || account.gate.isFull()) return Number.POSITIVE_INFINITY;
    const turns = waiting.map(({ level: { gate, bucket } }) => (gate.isFull() ? Infinity : bucket.readyAt()));
    return Math.max(account.bucket.readyAt(), Math.min(...turns));
  }

  function wait(level: Level, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiting = waiting.filter((other) => other !== waiter);
        admit();
        reject(signal.reason);
      };
      const start = () => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      const waiter = { level, start };
      signal.addEventListener('abort', giveUp, { once: true });
      waiting = [...waiting, waiter];
      admit();
    });
  }

  function leave(level: Level): void {
    account.gate.leave();
    level.gate.leave();
    admit();
  }

  return {
    take: async (endpoint, signal) => {
      signal.throwIfAborted();
      const level = levelOf(endpoint);
      await wait(level, signal);
      return once(() => leave(level));
    },
    slowDown: (endpoint, reason) => {
      const level = levelOf(endpoint);
      if (reason === undefined || reason === 'global-rate') account.bucket.slowDown();
      if (reason === undefined || reason === 'endpoint-rate') level.bucket.slowDown();
      if (reason === 'global-concurrency') account.gate.shrink();
      if (reason === 'endpoint-concurrency') level.gate.shrink();
    },
    delayMs: (endpoint) => {
      const level = levelOf(endpoint);
      const ahead = waiting.filter((waiter) => waiter.level === level).length;
      // Who waits for an endpoint of its own is overtaken.
      const aheadOfAll = waiting.filter((waiter) => isOpen(waiter.level)).length;
      if (account.gate.isFull(aheadOfAll) || level.gate.isFull(ahead)) return Number.POSITIVE_INFINITY;
      return Math.max(0, account.bucket.readyAt(aheadOfAll) - now(), level.bucket.readyAt(ahead) - now());
    },
  };
}

function createLevel(ratePerSecond: number, now: () => number): Level {
  return { bucket: createBucket(ratePerSecond, now), gate: createGate(now) };
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}

interface Alarm {
  /** Rings at this time or before, and once; Infinity: not at all. */
  readonly set: (at: number) => void;
}

function createAlarm({ now, sleep }: Clock, ring: () => void): Alarm {
  let at = Number.POSITIVE_INFINITY;
  let sleeping = new AbortController();

  async function wake(): Promise<void> {
    const { signal } = sleeping;
    try {
      await sleep(Math.max(0, Math.ceil(at - now())), signal);
    } catch {
      return;
    }
    if (signal.aborted) return;
    at = Number.POSITIVE_INFINITY;
    ring();
  }

  return {
    set: (time) => {
      if (time === at || (time > at && time !== Number.POSITIVE_INFINITY)) return;
      sleeping.abort();
      sleeping = new AbortController();
      at = time;
      if (at !== Number.POSITIVE_INFINITY) void wake();
    },
  };
}
