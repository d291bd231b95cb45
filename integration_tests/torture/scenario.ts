import type { SyncMode } from '../../src/protocol/messages.js';
import type { Seconds } from '../sandbox/data/timeline.js';
import type { Fault } from '../sandbox/faults.js';

/**
 * Everything that happens in one life of a connection, as plain data: what Stripe has, what is configured, and one attempt
 * after the other to read it. The same scenario can be run again from its JSON.
 */
export interface Scenario {
  /** Of the sandbox's data. */
  readonly seed: number;
  /** Answers take up to so long, so that they overtake each other. */
  readonly jitterMs: number;
  readonly lists: readonly ListPlan[];
  readonly streams: readonly StreamPlan[];
  /** With troubles; then come the calm ones, of which each must be complete. */
  readonly attempts: readonly TroubledPlan[];
  readonly calm: readonly [Settings, Settings];
}

/** What a top-level list has at the start. */
export interface ListPlan {
  /** The stream of the list. */
  readonly name: string;
  readonly rows: number;
  readonly shape: ShapeName;
  /** One object in so many stands up to so many seconds further down in the list than it should; null: none does. */
  readonly late: { readonly oneIn: number; readonly by: Seconds } | null;
  /** How many items each parent has, in each list of items. */
  readonly items: number;
  /** One parent with very many items. */
  readonly many: number;
}

/**
 * The sandbox's shapes, and three more: `empty_years`, a few objects to either side of years without any; `edges`,
 * objects in the very seconds around the horizon and the seconds in which attempts begin; `dense`, a few in each second
 * since the start date, so that slices are split where there are objects on both sides.
 */
export type ShapeName =
  | 'uniform'
  | 'growing'
  | 'bursty'
  | 'one_second'
  | 'two_seconds'
  | 'recent'
  | 'empty_years'
  | 'edges'
  | 'dense';

export interface StreamPlan {
  readonly name: string;
  readonly mode: SyncMode;
}

/** How a sync is configured, and when it starts. */
export interface Settings {
  readonly loading: 'async' | 'sync';
  readonly workers: number;
  /** Dates, by the rank (0 to 1) of the object of the first list that was created then. */
  readonly start: number | null;
  readonly end: number | null;
  readonly lookbackDays: number;
  /** The platform's number of the job. */
  readonly job: string | null;
  /** Seconds since the attempt before it ended. */
  readonly pause: number;
}

export interface TroubledPlan extends Settings {
  readonly ending: Ending;
  readonly faults: readonly FaultPlan[];
  readonly changes: readonly ChangePlan[];
}

/** How an attempt ends unless it ends by itself before: after how many lines, as a share of all rows there are. */
export type Ending =
  | { readonly kind: 'itself' }
  | { readonly kind: 'SIGKILL'; readonly share: number }
  | { readonly kind: 'SIGTERM'; readonly share: number };

/** A fault, and the stream whose requests it hits, by index; null for all requests. */
export interface FaultPlan {
  readonly fault: Fault;
  readonly stream: number | null;
}

/** A change of the data just before a request is answered, the `at`-th of an attempt. */
export type ChangePlan = {
  readonly at: number;
  readonly list: number;
} /** Adds objects that are shown late: 0 for at once, 1 for as late as the lag of the list just allows. */ & (
  | { readonly kind: 'append'; readonly count: number; readonly ago: number }
  /** Removes the object with this rank (0 to 1) of the list. */
  | { readonly kind: 'remove'; readonly rank: number }
  /** Removes the object that the next page starts after. */
  | { readonly kind: 'remove_cursor' }
  /** The item of a parent that the next page starts after is gone for this one request. */
  | { readonly kind: 'lose_item' }
);

export const QUIET = { ending: { kind: 'itself' }, faults: [], changes: [] } as const;
