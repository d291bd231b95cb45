/** A stream as an analyst would describe it. A field that is left out means the common case. */
export interface StreamDefinition {
  /** Name in the Airbyte catalog, and of the schema file. */
  readonly name: string;
  /** Path of Stripe's list endpoint; `{id}` stands for the id of the parent. */
  readonly path: string;
  /** What Stripe writes into `object` of every item. Items of another kind never become rows. */
  readonly object: string;
  /** Parameters that every list request carries, for example to switch off a filter that Stripe applies by itself. */
  readonly params?: Readonly<Record<string, string>>;
  /** The field in Unix seconds that orders the list and that its `created` filter means. Default: `created`. */
  readonly cursorField?: string;
  /** `false` where the list endpoint takes no `created` filter: the list is then read whole. Default: `true`. */
  readonly createdFilter?: boolean;
  /** How long after its `created` Stripe may take to show an object in the list. Default: 60 s. */
  readonly lagSeconds?: number;
  /** Present on a child: its items are read in the walk over this parent. */
  readonly parent?: Parent;
}

/** How a child stream hangs on its parent. */
export interface Parent {
  readonly stream: StreamDefinition;
  /** Field of the parent that already holds the first items, as a Stripe list with `has_more`. */
  readonly embeddedIn?: string;
  /** Query parameter that carries the parent's id, where the path does not. */
  readonly query?: string;
  /** Fields that a row takes over from its parent: name in the row to name in the parent. */
  readonly copy?: Readonly<Record<string, string>>;
  /** Parents without this value have no such list; `otherwise` tells the user why. */
  readonly only?: { readonly field: string; readonly is: unknown; readonly otherwise: string };
}

export const DEFAULT_LAG_SECONDS = 60;

/** The field that says when a row came to be, in Unix seconds. */
export function cursorFieldOf(stream: StreamDefinition): string {
  return stream.cursorField ?? 'created';
}

/**
 * Whether every new row can be found by the list's `created` filter. Children appear under old parents, and a list
 * without the filter cannot be asked: such streams are full refresh, for they must not miss a row without a word.
 */
export function growsByCreated(stream: StreamDefinition): boolean {
  return stream.parent === undefined && stream.createdFilter !== false;
}
