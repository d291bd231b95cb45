import type { LimitReason } from './errors.js';

/** Requests per second of the wall clock, and in flight; none by default. Each account has its own. */
export interface Limits {
  readonly account?: number;
  readonly endpoint?: number;
  readonly concurrency?: number;
  readonly endpointConcurrency?: number;
}

/** A request as the limits see it. */
export interface Counted {
  readonly account: string;
  readonly endpoint: string;
}

export interface Gate {
  /** Why a request is refused; undefined when it may pass, and then `leave` must follow. */
  readonly enter: (request: Counted) => LimitReason | undefined;
  readonly leave: (request: Counted) => void;
}

const NONE = { account: Infinity, endpoint: Infinity, concurrency: Infinity, endpointConcurrency: Infinity };

/** Counts as Stripe does: from zero each second, and refused requests count, too. */
export function createGate(limits: Limits, nowMs: () => number): Gate {
  const most = { ...NONE, ...limits };
  let second = 0;
  const inSecond = createCounter();
  const inFlight = createCounter();

  function enter({ account, endpoint }: Counted): LimitReason | undefined {
    const current = Math.floor(nowMs() / 1000);
    if (current !== second) inSecond.clear();
    second = current;
    const own = `${account} ${endpoint}`;
    if (inSecond.add(account, 1) > most.account) return 'global-rate';
    if (inSecond.add(own, 1) > most.endpoint) return 'endpoint-rate';
    if (inFlight.get(account) >= most.concurrency) return 'global-concurrency';
    if (inFlight.get(own) >= most.endpointConcurrency) return 'endpoint-concurrency';
    inFlight.add(account, 1);
    inFlight.add(own, 1);
    return undefined;
  }

  return {
    enter,
    leave: ({ account, endpoint }) => {
      inFlight.add(account, -1);
      inFlight.add(`${account} ${endpoint}`, -1);
    },
  };
}

function createCounter() {
  const counts = new Map<string, number>();
  const get = (key: string) => counts.get(key) ?? 0;
  return {
    get,
    add: (key: string, step: 1 | -1) => {
      counts.set(key, get(key) + step);
      return get(key);
    },
    clear: () => counts.clear(),
  };
}
