import { createApi } from './api/api.js';
import type { KeyRule } from './api/keys.js';
import { createGate, type Limits } from './api/limits.js';
import { createRouter } from './api/routes.js';
import { createStore, type Store } from './api/store.js';
import { type Changes, createChanges } from './changes.js';
import type { Lateness, Straggler } from './data/collection.js';
import type { Embedding } from './data/model.js';
import { letters } from './data/random.js';
import type { Seconds, Shape } from './data/timeline.js';
import { createFaults, type Fault } from './faults.js';
import { createInspection, type Inspection } from './inspection.js';
import { KINDS, SUBLISTS } from './kinds/registry.js';
import { createLog, type LoggedRequest, type LogSummary } from './log.js';
import { listen } from './server.js';
import { DEFAULT_CHILDREN, rowsOf } from './shop.js';

export interface SandboxOptions {
  /** The same seed and the same `now` give the same bytes. Default: 1. */
  readonly seed?: number;
  /** The present for the data, in Unix seconds. Default: the time at the start. Only `advance` moves it. */
  readonly now?: Seconds;
  /** How far the `Date` header is ahead of the real time. Default: 0. */
  readonly clockSkewSeconds?: number;
  /** Objects of each collection, by stream name, or one number for all. Default: as in a small shop. */
  readonly rows?: number | Readonly<Record<string, number>>;
  /** The same for each connected account. Default: a twentieth of the small shop. */
  readonly connectedRows?: number | Readonly<Record<string, number>>;
  /** How `created` is spread, by stream name. Default: `uniform`. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** Lists in disorder, by stream name: how much too far down each object is. Default: none is. */
  readonly lateness?: Readonly<Record<string, Lateness>>;
  /** Single objects that are out of order in their list, by stream name. */
  readonly stragglers?: Readonly<Record<string, readonly Straggler[]>>;
  /** Ids that a user chose, by stream name: of the oldest objects. Anything may be in them. */
  readonly chosenIds?: Readonly<Record<string, readonly string[]>>;
  /** How lists are embedded in their parents, by a name that the list has: `subscription_items`, `customer_sources`. */
  readonly embedded?: Readonly<Record<string, Embedding>>;
  /** How long before `now` the history began. Default: 730. */
  readonly historyDays?: number;
  readonly latencyMs?: number | ((path: string) => number);
  readonly limits?: Limits;
  /**
   * How many items a parent has, by its index: of the lists that `ChildCounts` names, and of others by the name of their
   * stream. Default: a few, and now and then more than are embedded.
   */
  readonly children?: Readonly<Record<string, (parent: number) => number>>;
  /** The version that events are rendered in. Default: the sandbox's own. */
  readonly eventApiVersion?: string;
  /** Keys besides `apiKey`, and what they may do. */
  readonly keys?: Readonly<Record<string, KeyRule>>;
  /** Requests that the log holds. Default: 100,000. */
  readonly logLimit?: number;
  /** Default: any free port. */
  readonly port?: number;
}

/** A running sandbox. Collections have the names of the streams of their lists. */
export interface Sandbox extends Changes, Inspection {
  readonly url: string;
  /** A secret key that may read everything. */
  readonly apiKey: string;
  /** The account that the keys belong to. */
  readonly account: string;
  readonly requests: () => readonly LoggedRequest[];
  readonly summary: () => LogSummary;
  readonly resetLog: () => void;
  readonly fault: (fault: Fault) => void;
  readonly clearFaults: () => void;
  /** Calls the listener with each request before it is answered; returns a function that ends this. */
  readonly onRequest: (listener: (request: LoggedRequest) => void) => () => void;
  readonly close: () => Promise<void>;
}

const API_VERSION = '2026-10-28.endive';
const LOG_LIMIT = 100_000;
const HISTORY_DAYS = 730;

/** Starts a sandbox on the loopback interface. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { seed = 1, clockSkewSeconds = 0, latencyMs = 0, limits = {}, keys = {}, port = 0 } = options;
  const account = `acct_1${letters(seed, 15)}`;
  const apiKey = `sk_test_${letters(seed + 1, 24)}`;
  const store = storeOf(options, seed, account);
  const faults = createFaults();
  const log = createLog(options.logLimit ?? LOG_LIMIT);
  const listeners = new Set<(request: LoggedRequest) => void>();
  const rules = new Map<string, KeyRule>([[apiKey, {}], ...Object.entries(keys)]);
  const server = await listen(
    {
      api: createApi(store, rules),
      route: createRouter(KINDS, SUBLISTS),
      gate: createGate(limits, Date.now),
      faults,
      log,
      listeners,
      latencyMs: typeof latencyMs === 'function' ? latencyMs : () => latencyMs,
      clockSkewSeconds,
      account,
      version: API_VERSION,
    },
    port,
  );
  return {
    url: server.url,
    apiKey,
    account,
    requests: log.requests,
    summary: log.summary,
    resetLog: log.reset,
    fault: faults.add,
    clearFaults: faults.clear,
    onRequest: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ...createChanges(store),
    ...createInspection(store),
    close: server.close,
  };
}

function storeOf(options: SandboxOptions, seed: number, account: string): Store {
  return createStore(KINDS, SUBLISTS, {
    account,
    seed,
    now: options.now ?? Math.floor(Date.now() / 1000),
    historyDays: options.historyDays ?? HISTORY_DAYS,
    rows: rowsOf(options.rows, 1),
    connectedRows: rowsOf(options.connectedRows, 20),
    shapeOf: (name) => options.shapes?.[name] ?? 'uniform',
    latenessOf: (name) => options.lateness?.[name],
    stragglersOf: (name) => options.stragglers?.[name] ?? [],
    chosenIdsOf: (name) => options.chosenIds?.[name] ?? [],
    embeddings: options.embedded ?? {},
    eventApiVersion: options.eventApiVersion ?? API_VERSION,
    children: { ...DEFAULT_CHILDREN, ...options.children },
  });
}
