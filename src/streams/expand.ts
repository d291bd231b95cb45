import type { StreamDefinition } from './definition.js';

/** For each stream, the fields that the user wants expanded. */
export type ExpandedFields = Readonly<Record<string, readonly string[]>>;

/**
 * What the list requests of a sync ask to expand. What children add to their parent's list can be given up: where Stripe
 * refuses it, it is their problem and not the parent's, and their own lists can be asked instead.
 */
export class Expansions {
  readonly #children: readonly StreamDefinition[];
  readonly #expand: ExpandedFields;
  readonly #givenUp = new Set<StreamDefinition>();
  readonly #answered = new Set<StreamDefinition>();

  /** `children` are those that the sync reads. */
  constructor(children: readonly StreamDefinition[], expand: ExpandedFields) {
    this.#children = children;
    this.#expand = expand;
  }

  paramsOf(stream: StreamDefinition): readonly (readonly [string, string])[] {
    const children = this.#givenUp.has(stream) ? [] : this.#children;
    return expandParams(stream, children, this.#expand);
  }

  /** A page of this list, or an object of it, came with all that was asked for. */
  noteAnswered(stream: StreamDefinition): void {
    this.#answered.add(stream);
  }

  /**
   * Whether what the children of a list add to it can be given up: all rows are to have one shape, so only before a page
   * came with it.
   */
  mayGiveUpChildrenOf(stream: StreamDefinition): boolean {
    if (this.#answered.has(stream) || this.#givenUp.has(stream)) return false;
    return this.paramsOf(stream).length > expandParams(stream, [], this.#expand).length;
  }

  /** Gives up what the children of a list add to it; false when that may not be (any more), or was done before. */
  giveUpChildrenOf(stream: StreamDefinition): boolean {
    if (!this.mayGiveUpChildrenOf(stream)) return false;
    this.#givenUp.add(stream);
    return true;
  }

  areChildrenGivenUp(stream: StreamDefinition): boolean {
    return this.#givenUp.has(stream);
  }

  /** Whether what the parent embeds is what the child wants: not if the user wants it expanded, or it was given up. */
  isEmbedded(child: StreamDefinition): boolean {
    const { parent } = child;
    if (parent?.embeddedIn === undefined || isExpanded(child, this.#expand)) return false;
    return !(parent.expand && this.#givenUp.has(parent.stream));
  }
}

/**
 * The `expand[]` parameters of a stream's list requests: its own fields, and the lists of the children that are read with
 * it. Children in which the user wants fields expanded are read by their own lists: their parent's rows are to stay as
 * they are.
 */
export function expandParams(
  stream: StreamDefinition,
  children: readonly StreamDefinition[],
  expand: ExpandedFields,
): readonly (readonly [string, string])[] {
  const own = [...(stream.expand ?? []), ...(expand[stream.name] ?? [])];
  const embedded = children
    .filter(({ parent }) => parent?.stream === stream && parent.expand)
    .filter((child) => !isExpanded(child, expand))
    .flatMap(({ parent }) => parent?.embeddedIn ?? []);
  return [...new Set([...own, ...embedded])].map((field) => ['expand[]', `data.${field}`]);
}

function isExpanded({ name }: StreamDefinition, expand: ExpandedFields): boolean {
  return (expand[name] ?? []).length > 0;
}
