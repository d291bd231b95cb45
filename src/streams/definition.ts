/** A stream as an analyst would describe it. A field that is left out means the common case. */
export interface StreamDefinition {
  /** Name in the Airbyte catalog, and of the schema file. */
  readonly name: string;
  /** Path of Stripe's list endpoint; `{id}` stands for the id of the parent. */
  readonly path: string;
  /** What Stripe writes into `object` of every item: one kind, or several. Items of other kinds never become rows. */
  readonly object: string | readonly string[];
  /** Parameters that every list request carries, for example to switch off a filter that Stripe applies by itself. */
  readonly params?: Readonly<Record<string, string>>;
  /** Fields that Stripe leaves out unless `expand[]` asks for them, and without which a row would not be whole. */
  readonly expand?: readonly string[];
  /** `false` where one answer has everything and Stripe refuses paging parameters. Default: `true`. */
  readonly paginates?: false;
  /** The field that orders the list and that its `created` filter means. Default: `created`. */
  readonly cursorField?: string;
  /** `false` where the list cannot be cut by a `created` that its rows have: such a list is read whole. Default: `true`. */
  readonly createdFilter?: false;
  /** `true` where Stripe documents that this very list begins with the newest: only then may reading it stop early. */
  readonly newestFirst?: true;
  /**
   * The path that returns one object of the list; fields of its row are in braces. `false` where Stripe has none.
   * Default: the list's own path and `/{id}`, unless that path holds the id of a parent.
   */
  readonly retrieve?: string | false;
  /** Fields that tell one row from every other. Default: `id`. */
  readonly primaryKey?: readonly string[];
  /**
   * Types of the events that announce a change of a row; `*` stands for one word. Default: all types that carry an object
   * of this kind. Needed where several streams have objects of one kind.
   */
  readonly events?: readonly string[];
  /** How long after its `created` Stripe may take to show an object in the list. Default: 60 s. */
  readonly lagSeconds?: number;
  /** `true` where a row holds other objects as they once were: their lists must not be completed with today's items. */
  readonly snapshots?: true;
  /** How many days Stripe keeps the objects, where it does not keep them forever. */
  readonly keptDays?: number;
  /**
   * The name of the Stripe product without which an account is refused the list. A refusal that gives this reason is
   * believed only for such lists. Default: the parent's product; none for what every account has.
   */
  readonly product?: string;
  /** Present on a child, whose items are read together with this parent. */
  readonly parent?: Parent;
  /** What Stripe does not list here, or anything else that a reader of the table may wonder about. */
  readonly note?: string;
}

/** How a child stream depends on its parent. */
export interface Parent {
  readonly stream: StreamDefinition;
  /** Field of the parent that already holds the first items, as a Stripe list with `has_more`; a path with dots. */
  readonly embeddedIn?: string;
  /** `true` where Stripe embeds that list only if `expand[]` asks for it, as happens whenever the child is read. */
  readonly expand?: true;
  /** Query parameters beside the path: name to name of the parent's field. A parent without such a field has no items. */
  readonly query?: Readonly<Record<string, string>>;
  /** Fields that a row takes over from its parent: name in the row to name in the parent. */
  readonly copy?: Readonly<Record<string, string>>;
  /** Parents that do not meet this condition have no such list. */
  readonly only?: Condition;
}

/** What must be true of a parent for it to have children. */
export interface Condition {
  /** A field of the parent, with dots, and the value that it must have. */
  readonly field: string;
  readonly is: unknown;
  /** What to tell the user about parents with another value: one reason for all of them, or one for each value. */
  readonly otherwise: string | Readonly<Record<string, string>>;
  /** Decides where the parent lacks the field, as in API versions that are older than the field. */
  readonly unknown?: Condition;
}

/** Streams of one product of Stripe, as the documentation groups them. */
export interface Area {
  readonly name: string;
  readonly streams: readonly StreamDefinition[];
}

/** How long after its `created` Stripe may take to show an object in most lists. */
export const DEFAULT_LAG_SECONDS = 60;

/** The field that says when a row was created. */
export function cursorFieldOf(stream: StreamDefinition): string {
  return stream.cursorField ?? 'created';
}

/** The kinds of objects that are rows of the stream, as Stripe writes them into `object`. */
export function kindsOf({ object }: StreamDefinition): readonly string[] {
  return typeof object === 'string' ? [object] : object;
}

/** The fields that tell one row from every other. */
export function primaryKeyOf(stream: StreamDefinition): readonly string[] {
  return stream.primaryKey ?? ['id'];
}

/** The top-level list that a stream is read from: its own, or its parent's. */
export function listOf(stream: StreamDefinition): StreamDefinition {
  return stream.parent?.stream ?? stream;
}

/**
 * Whether Stripe filters the list by a `created` that its rows have: it can then be cut into slices of `created`, and
 * entered at any second. Never true of a child, whose list is a part of another one, parent by parent.
 */
export function hasCreatedFilter({ parent, createdFilter }: StreamDefinition): boolean {
  return parent === undefined && createdFilter !== false;
}

/**
 * Whether every new row is found by the list's `created` filter, so that a sync need not read the others again. New rows
 * of a child appear under old parents: it is never incremental. A stream that is not incremental is full refresh, because
 * it must not miss a row silently.
 */
export function isIncremental(stream: StreamDefinition): boolean {
  return hasCreatedFilter(stream);
}

/**
 * Whether the connector itself has to leave out the rows of a top-level list that lie outside the user's dates. Stripe
 * leaves them out of a list that it filters by `created`.
 */
export function needsDateFilter(list: StreamDefinition): boolean {
  return !hasCreatedFilter(list);
}

/** The path that returns one row, with fields of the row in braces; undefined where Stripe has none. */
export function retrievePathOf({ path, retrieve }: StreamDefinition): string | undefined {
  if (retrieve !== undefined) return retrieve === false ? undefined : retrieve;
  return path.includes('{id}') ? undefined : `${path}/{id}`;
}

/** The product of Stripe that an account needs for this list; undefined where every account has it. */
export function productOf({ product, parent }: StreamDefinition): string | undefined {
  return product ?? parent?.stream.product;
}

/**
 * Why a parent has no children, in the words of the literal; undefined where it may have some. `valueAt` reads a field of
 * the parent by its path with dots.
 */
export function unmet(condition: Condition, valueAt: (path: string) => unknown): string | undefined {
  const { field, is, otherwise, unknown } = condition;
  const value = valueAt(field);
  if (value === undefined && unknown) return unmet(unknown, valueAt);
  if (value === is) return undefined;
  if (typeof otherwise === 'string') return otherwise;
  return otherwise[String(value)] ?? `their ${field} is ${value}`;
}

/** Whether the literal expects this reason, so that nothing is missing that could have been read. */
export function isExpected({ otherwise, unknown }: Condition, why: string): boolean {
  const reasons = typeof otherwise === 'string' ? [otherwise] : Object.values(otherwise);
  return reasons.includes(why) || (unknown !== undefined && isExpected(unknown, why));
}
