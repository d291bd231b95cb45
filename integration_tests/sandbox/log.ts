/** A request as it arrived. Holds no key, only its beginning. */
export interface LoggedRequest {
  /** 0 for the first request since the start. */
  readonly n: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Decoded parameters, names as they were sent. If a name occurs more than once, its last value. */
  readonly query: Readonly<Record<string, string>>;
  /** All parameters, in order. */
  readonly params: readonly (readonly [name: string, value: string])[];
  /** Method and path with a placeholder for ids: what the limits count by. */
  readonly endpoint: string;
  /** The `Stripe-Account` header. */
  readonly account: string | undefined;
  readonly apiVersion: string | undefined;
  readonly userAgent: string | undefined;
  /** `sk_test_`, `rk_live_` and so on. */
  readonly keyPrefix: string | undefined;
  /** Undefined until the request is answered; stays so if a fault leaves it unanswered. */
  readonly status: number | undefined;
  /** The fault that hit it. */
  readonly fault: string | undefined;
}

export interface LogSummary {
  readonly requests: number;
  /** By `<endpoint> <status>`. */
  readonly byEndpoint: Readonly<Record<string, number>>;
  readonly byStatus: Readonly<Record<string, number>>;
  /** The largest number of requests in flight at the same time. */
  readonly mostInFlight: number;
}

/** An entry while its request is under way. */
export type Entry = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

export interface Log {
  readonly open: (request: Omit<LoggedRequest, 'n' | 'status' | 'fault'>) => Entry;
  readonly close: (entry: Entry) => void;
  readonly requests: () => readonly LoggedRequest[];
  readonly reset: () => void;
  readonly summary: () => LogSummary;
}

/** Remembers the last `limit` requests, and counts all of them. */
export function createLog(limit: number): Log {
  let entries: Entry[] = [];
  let n = 0;
  let count = 0;
  let inFlight = 0;
  let mostInFlight = 0;
  const byEndpoint = new Map<string, number>();
  const byStatus = new Map<string, number>();

  function open(request: Omit<LoggedRequest, 'n' | 'status' | 'fault'>): Entry {
    const entry: Entry = { n, ...request, status: undefined, fault: undefined };
    n += 1;
    count += 1;
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    entries.push(entry);
    if (entries.length > 2 * limit) entries = entries.slice(-limit);
    return entry;
  }

  function close({ endpoint, status }: Entry): void {
    const outcome = status === undefined ? 'unanswered' : String(status);
    inFlight -= 1;
    byStatus.set(outcome, (byStatus.get(outcome) ?? 0) + 1);
    const key = `${endpoint} ${outcome}`;
    byEndpoint.set(key, (byEndpoint.get(key) ?? 0) + 1);
  }

  function reset(): void {
    entries = [];
    count = 0;
    mostInFlight = inFlight;
    byEndpoint.clear();
    byStatus.clear();
  }

  return {
    open,
    close,
    requests: () => entries.slice(-limit).map((entry) => ({ ...entry })),
    reset,
    summary: () => ({
      requests: count,
      byEndpoint: Object.fromEntries(byEndpoint),
      byStatus: Object.fromEntries(byStatus),
      mostInFlight,
    }),
  };
}
