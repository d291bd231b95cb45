import type { Query } from '../api/query.js';
import type { Row } from '../data/row.js';
import type { Template } from '../data/template.js';
import type { Seconds } from '../data/timeline.js';
import type { Placement, World } from '../data/world.js';

/** A kind of object that has a list of its own. A field that is left out means the common case. */
export interface Kind extends Placement {
  readonly path: string;
  readonly object: string;
  /** Parameters that choose this kind among those whose lists have one path. */
  readonly when?: Readonly<Record<string, string>>;
  /** `false` where the list takes no paging parameters and gives everything at once. */
  readonly paginates?: false;
  /** Parameters without which the list is refused. */
  readonly required?: readonly string[];
  /** The field that orders the list, if it is not `created`. */
  readonly timeField?: 'date';
  /** `false` where the list takes no `created` filter. */
  readonly createdFilter?: false;
  /** Further filters: the parameter, and the field that must be equal to it. */
  readonly filters?: Readonly<Record<string, string>>;
  /** Objects that the list leaves out unless a parameter asks for them, by a value of a field. */
  readonly leavesOut?: LeftOut;
  /** Filters that do more than compare: their parameters, and the test that these make. */
  readonly search?: {
    readonly params: readonly string[];
    readonly matches: (query: Query) => (row: Row) => boolean;
  };
  /** How far back the list goes. Older objects are gone, and no page can start after one. */
  readonly since?: (world: World) => Seconds;
  readonly write: Template<Row>;
  /** What a restricted key needs: its code, and what the Dashboard calls it. */
  readonly permission: readonly [code: string, label: string];
  /** Event types; if one is missing, the kind has no such event. */
  readonly events?: {
    readonly created?: (row: Row) => string;
    readonly updated?: string;
    readonly deleted?: string;
  };
  /** Whether a removed object can still be read as `{id, object, deleted: true}`; otherwise it is a 404. */
  readonly leavesTombstone?: true;
  /** Fields that an object has only when they are expanded. */
  readonly includable?: Readonly<Record<string, Includable>>;
}

export interface LeftOut {
  readonly field: string;
  readonly value: string;
  /** The parameter that changes this, and the value of it that asks for everything. */
  readonly param: string;
  readonly all?: string;
}

/** The value of a field that must be expanded: the name of a sublist, or a value of its own. */
export type Includable = string | ((row: Row) => unknown);

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
  readonly permission?: Kind['permission'];
  /** Why there is no such list for a parent. */
  readonly refusal?: (world: World, parent: number) => string | undefined;
  /** Where an item is, if it can be read by its id alone. */
  readonly find?: (world: World, id: string) => { readonly parent: number; readonly n: number } | undefined;
  readonly count: (world: World, parent: number) => number;
  readonly idOf: (world: World, parent: number, n: number) => string;
  readonly write: (world: World, parent: number, n: number, indent: number) => string;
}
