import { createAlarm } from './alarm.js';
import { createLevel, type Level } from './level.js';

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

interface Waiter {
  readonly level: Level;
  readonly start: () => void;
}

/**
 * Holds requests back on two levels, as Stripe counts them: by their rate, and, once Stripe asked for it, by their number
 * in flight. Those that wait start in the order that they came in, except that none waits for another's endpoint.
 */
export function createLimiter(rates: Rates, clock: Clock): Limiter {
  const { now } = clock;
  const account = createLevel(rates.account, now);
  const endpointOf = createEndpoints(() => createLevel(rates.endpoint, now));
  const alarm = createAlarm(clock, admit);
  let waiting: readonly Waiter[] = [];

  /** Starts all that may start, and sets the alarm for the next one. A full level needs none: it opens when one leaves. */
  function admit(): void {
    if (waiting.length > 0 && account.opensAt() <= now()) waiting = waiting.filter((waiter) => !starts(waiter));
    alarm.set(Math.max(account.opensAt(), Math.min(...waiting.map(({ level }) => level.opensAt()))));
  }

  function starts({ level, start }: Waiter): boolean {
    if (!enters(level)) return false;
    start();
    return true;
  }

  function enters(level: Level): boolean {
    if (Math.max(account.opensAt(), level.opensAt()) > now()) return false;
    account.enter();
    level.enter();
    return true;
  }

  function leave(level: Level): void {
    account.leave();
    level.leave();
    admit();
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

  return {
    take: async (endpoint, signal) => {
      signal.throwIfAborted();
      const level = endpointOf(endpoint);
      if (waiting.length > 0 || !enters(level)) await wait(level, signal);
      return once(() => leave(level));
    },
    slowDown: (endpoint, reason) => {
      if (reason === undefined || reason === 'global-rate') account.slowDown('rate');
      if (reason === undefined || reason === 'endpoint-rate') endpointOf(endpoint).slowDown('rate');
      if (reason === 'global-concurrency') account.slowDown('concurrency');
      if (reason === 'endpoint-concurrency') endpointOf(endpoint).slowDown('concurrency');
    },
    delayMs: (endpoint) => {
      const level = endpointOf(endpoint);
      const ahead = waiting.filter((waiter) => waiter.level === level).length;
      // Who waits for an endpoint of its own is overtaken.
      const aheadOfAll = waiting.filter((waiter) => waiter.level.opensAt() <= now()).length;
      return Math.max(0, account.opensAt(aheadOfAll) - now(), level.opensAt(ahead) - now());
    },
  };
}

function createEndpoints(create: () => Level): (endpoint: string) => Level {
  const levels = new Map<string, Level>();
  return (endpoint) => {
    const level = levels.get(endpoint) ?? create();
    levels.set(endpoint, level);
    return level;
  };
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}
