import type { Query } from '../api/query.js';
import type { Placement, Row, World } from '../data/model.js';
import type { Template } from '../data/template.js';
import type { Seconds } from '../data/timeline.js';

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
