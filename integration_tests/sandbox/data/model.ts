import type { Collection } from './collection.js';
import type { Seconds, Timeline } from './timeline.js';

/** The data of one account. Two worlds of the same options are the same. */
export interface World {
  readonly account: string;
  readonly seed: number;
  /** When the account, and with it its history, began. */
  readonly start: Seconds;
  readonly children: ChildCounts;
  readonly eventApiVersion: string;
  /** "Now" for the data; moves only when a test moves it. */
  readonly now: () => Seconds;
  /** How many objects a collection is to have at the start. */
  readonly rows: (name: string) => number;
  readonly advance: (seconds: Seconds) => void;
  readonly collection: (name: string) => Collection;
  readonly row: (name: string, index: number) => Row;
  /** A list that belongs to objects, by its name. */
  readonly list: (name: string) => Sublist;
  /** How a list is embedded, if not as usual. */
  readonly embeddingOf: (list: Sublist) => Embedding | undefined;
  /** Computes a value once for this world. */
  readonly once: <T>(key: string, compute: () => T) => T;
}

/** One object before it is written: its position, and its own source of randomness. */
export interface Row {
  readonly world: World;
  readonly index: number;
  readonly id: string;
  readonly created: Seconds;
  /** A hash that depends on the object and on `salt` alone. */
  readonly hash: (salt: number) => number;
  /** An integer from `low` to `high`, both included. */
  readonly between: (salt: number, low: number, high: number) => number;
  readonly chance: (salt: number, probability: number) => boolean;
  readonly pick: <T>(salt: number, from: readonly [T, ...T[]]) => T;
}

/** A list that belongs to an object: embedded in it, at a path under it, or asked for by a parameter. */
export interface Sublist {
  readonly name: string;
  /** Its other names: several streams may be parts of one list. */
  readonly aliases?: readonly string[];
  /** Kind of the parent. */
  readonly parent: string;
  readonly object: string | readonly string[];
  /** `{id}` stands for the parent's id. */
  readonly path: string;
  /** The parameter that carries the parent's id, where the path does not. */
  readonly query?: string;
  /** Further parameters that must be sent, each with the field of the parent that it must be equal to. */
  readonly needs?: Readonly<Record<string, string>>;
  /** `false` where the list takes no paging parameters and gives everything at once. */
  readonly paginates?: false;
  /** What a restricted key needs for it. Default: what it needs for the parent. */
  readonly permission?: readonly [code: string, label: string];
  /** Why there is no such list for a parent. */
  readonly refusal?: (world: World, parent: number) => string | undefined;
  /** Where an item is, if it can be read by its id alone. */
  readonly find?: (world: World, id: string) => { readonly parent: number; readonly n: number } | undefined;
  readonly count: (world: World, parent: number) => number;
  readonly idOf: (world: World, parent: number, n: number) => string;
  readonly write: (world: World, parent: number, n: number, indent: number) => string;
}

/** What places a kind of object in the world. */
export interface Placement {
  readonly name: string;
  /** What ids start with. */
  readonly prefix: string;
  /** For ids that do not look like Stripe's: what comes before the part that holds the index. */
  readonly idHead?: (index: number, letters: string) => string;
  /** Ids that are names, by index. */
  readonly nameOf?: (index: number) => string;
  /** Another kind that has the same ids: a plan and its price share theirs. */
  readonly idsOf?: string;
  /** When its objects were created, if other collections decide that. */
  readonly timeline?: (world: World) => Timeline;
}

/** How many items a parent has, by the parent's index; for lists without a name here, by the name of their stream. */
export interface ChildCounts {
  readonly [list: string]: (parent: number) => number;
  readonly invoiceLines: (invoice: number) => number;
  readonly subscriptionItems: (subscription: number) => number;
  readonly transferReversals: (transfer: number) => number;
  readonly creditNoteLines: (creditNote: number) => number;
  readonly schedulePhases: (schedule: number) => number;
}

/**
 * How a list is embedded in its parent. Stripe promises nothing about it: its order may differ from that of the list's
 * own endpoint, the embedded items may be older than the list, and the `url` was seen to lead nowhere (2025).
 */
export interface Embedding {
  /**
   * `first`: the first items of the endpoint, in its order. `last`: its last items, in reverse: oldest first if the
   * endpoint has the newest first. `stale`: if there are more items than are embedded, some that the endpoint no longer
   * has, so that no page can start after them. Default: `first`.
   */
  readonly items?: 'first' | 'last' | 'stale';
  /** The `url` for a parent. Default: the endpoint of the whole list. */
  readonly url?: (parent: string) => string;
}
