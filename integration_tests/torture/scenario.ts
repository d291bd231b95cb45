import type { SyncMode } from '../../src/protocol/messages.js';
import type { Embedding } from '../sandbox/data/model.js';
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
  /** The attempts with troubles, followed by the calm ones, each of which must be complete. */
  readonly attempts: readonly TroubledPlan[];
  readonly calm: readonly [Settings, Settings];
}

/** What a top-level list has at the start. */
export interface ListPlan {
  /** The stream of the list. */
  readonly name: string;
  readonly rows: number;
  readonly shape: ShapeName;
  /** One object in `oneIn` is up to `by` seconds further down in the list than it should be; null: none is. */
  readonly late: { readonly oneIn: number; readonly by: Seconds } | null;
  /** How many items each parent has, in each list of items. */
  readonly items: number;
  /** One parent with very many items. */
  readonly many: number;
  /** How lists of items are embedded in the parents. */
  readonly embedded: EmbeddedPlan;
  /** Whether fields that Stripe leaves out unless asked are expanded: the payments of an invoice. */
  readonly isExpanded: boolean;
  /** One object out of order, in lists that are documented to have the newest first; null: none is. */
  readonly straggler: StragglerPlan | null;
  /** Ids that a user chose, of the oldest objects. */
  readonly chosenIds: readonly string[];
}

export interface EmbeddedPlan {
  readonly items: NonNullable<Embedding['items']>;
  /**
   * `nowhere`: a path that does not exist, such as `/v1/invoices/payments`; `template`: one with a placeholder left in
   * it.
   */
  readonly url: 'right' | 'nowhere' | 'template';
}

/**
 * An object at the end of a page, above its proper position: the `page`-th page of a reading from the top, and the
 * object's rank (0 to 1) among those that should follow. After it `created` rises, which a reader can notice. Never the
 * other way round: to a reader who stopped above it, a new object below a whole page of older ones looks like one that
 * was created meanwhile.
 */
export interface StragglerPlan {
  readonly page: number;
  readonly rank: number;
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
  /** The same stream may be configured under several namespaces. */
  readonly namespace: string | null;
  readonly destination: 'append' | 'overwrite';
}

/**
 * How the state is handed back: as it was written; with its numbers as texts; as one entry by itself, where only one
 * stream has a state; under a key of Airbyte's; as a map, by itself or under Singer's key.
 */
export type StateForm = 'messages' | 'texts' | 'entry' | 'airbyte_state' | 'map' | 'bookmarks';

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
  readonly stateForm: StateForm;
}

export interface TroubledPlan extends Settings {
  readonly ending: Ending;
  readonly faults: readonly FaultPlan[];
  readonly changes: readonly ChangePlan[];
  readonly account: AccountView;
}

/**
 * What the key may know about its account: everything; only a refusal that names the account; not even that. `other`:
 * the refusal names another account than the state does; only if every stream has a state with an account.
 */
export type AccountView = 'seen' | 'named' | 'unnamed' | 'other';

/** How an attempt ends unless it ends by itself before: after how many lines, as a share of all rows. */
export type Ending =
  | { readonly kind: 'itself' }
  | { readonly kind: 'SIGKILL'; readonly share: number }
  | { readonly kind: 'SIGTERM'; readonly share: number };

/** A fault, and the stream whose requests it hits, by index; null for all requests. */
export interface FaultPlan {
  readonly fault: Fault;
  readonly stream: number | null;
  readonly target: Target;
}

/**
 * Which requests of the stream: those for its list; for a page of its top-level list with an expand; those for the lists of one
 * object of that list, or for that object with an expand. Objects by their rank (0 to 1).
 */
export type Target =
  | { readonly kind: 'list' }
  | { readonly kind: 'expanded pages' }
  | { readonly kind: 'lists of' | 'expanded object'; readonly rank: number };

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
  /** The item that the next page of a parent starts after is missing for this one request. */
  | { readonly kind: 'lose_item' }
  /** Removes the first embedded item of a parent when its list is first requested in the attempt. */
  | { readonly kind: 'remove_item' }
);

export const QUIET = { ending: { kind: 'itself' }, faults: [], changes: [], account: 'seen' } as const;
