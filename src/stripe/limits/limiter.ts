import { createAlarm } from './alarm.js';
import type { Clock } from './clock.js';
import { createLevel, type Level } from './level.js';

/** Requests per second: for the account as a whole, and for each endpoint of it. */
export interface Rates {
  readonly account: number;
  readonly endpoint: number;
}

/** Decides when each request may be sent. */
export interface Limiter {
  /**
   * Resolves when it is the turn of a request to this endpoint, which must then be sent at once. Call the function
   * that it resolves with when the answer has arrived or will not come; further calls do nothing. Rejects with the
   * signal's reason if the signal is aborted first.
   */
  readonly take: (endpoint: string, signal: AbortSignal) => Promise<() => void>;
  /**
   * Stripe answered 429: send less for a while. `reason` is its `Stripe-Rate-Limited-Reason`. Without one, both rates
   * are lowered; one that names neither rate nor concurrency changes nothing.
   */
  readonly slowDown: (endpoint: string, reason: string | undefined) => void;
  /**
   * How long a request to this endpoint would wait for its turn if it were made now; `Infinity` while too many are in
   * flight. Reserves nothing.
   */
  readonly delayMs: (endpoint: string) => number;
}

/**
 * Holds requests back on two levels, as Stripe counts them: by their rate and, once Stripe has asked for it, by their
 * number in flight. Waiting requests are sent in the order in which they were made, except that none waits for
 * another endpoint.
 */
export function createLimiter(rates: Rates, clock: Clock): Limiter {
  const { now } = clock;
  const account = createLevel(rates.account, now);
  const endpointOf = createEndpoints(() => createLevel(rates.endpoint, now));
  const queue = createQueue(admit);
  const alarm = createAlarm(clock, admit);

  /** Starts every request that may start, and sets the alarm for the next one. A full level needs no alarm. */
  function admit(): void {
    if (account.opensAt() <= now()) queue.start(enters);
    alarm.set(Math.max(account.opensAt(), Math.min(...queue.waiting().map(({ level }) => level.opensAt()))));
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

  return {
    take: async (endpoint, signal) => {
      signal.throwIfAborted();
      const level = endpointOf(endpoint);
      if (queue.waiting().length > 0 || !enters(level)) await queue.wait(level, signal);
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
      const ahead = queue.waiting().filter((waiter) => waiter.level === level).length;
      // Requests that wait for an endpoint of their own are overtaken.
      const aheadOfAll = queue.waiting().filter((waiter) => waiter.level.opensAt() <= now()).length;
      return Math.max(0, account.opensAt(aheadOfAll) - now(), level.opensAt(ahead) - now());
    },
  };
}

interface Waiter {
  /** The level of its endpoint. */
  readonly level: Level;
  readonly start: () => void;
}

/** The requests that wait for their turn, in the order in which they were made. */
interface Queue {
  readonly waiting: () => readonly Waiter[];
  /** Resolves when the request is started. Rejects with the signal's reason if the signal is aborted first. */
  readonly wait: (level: Level, signal: AbortSignal) => Promise<void>;
  /** Offers each request its turn, and starts those that take it. */
  readonly start: (takesTurn: (level: Level) => boolean) => void;
}

/** Calls back when a request has joined the queue or given up. */
function createQueue(onChange: () => void): Queue {
  let waiting: readonly Waiter[] = [];

  return {
    waiting: () => waiting,
    wait: (level, signal) =>
      new Promise((resolve, reject) => {
        const giveUp = () => {
          waiting = waiting.filter((other) => other !== waiter);
          onChange();
          reject(signal.reason);
        };
        const start = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const waiter = { level, start };
        signal.addEventListener('abort', giveUp, { once: true });
        waiting = [...waiting, waiter];
        onChange();
      }),
    start: (takesTurn) => {
      const left: Waiter[] = [];
      for (const waiter of waiting) {
        if (takesTurn(waiter.level)) waiter.start();
        else left.push(waiter);
      }
      waiting = left;
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
