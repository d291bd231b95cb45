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

  /** `children` are those that the sync reads. */
  constructor(children: readonly StreamDefinition[], expand: ExpandedFields) {
    this.#children = children;
    this.#expand = expand;
  }

  paramsOf(stream: StreamDefinition): readonly (readonly [string, string])[] {
    const children = this.#givenUp.has(stream) ? [] : this.#children;
    return expandParams(stream, children, this.#expand);
  }

  /** Gives up what the children of a list add to it; false when they add nothing (any more). */
  giveUpChildrenOf(stream: StreamDefinition): boolean {
    const before = this.paramsOf(stream).length;
    this.#givenUp.add(stream);
    return this.paramsOf(stream).length < before;
  }

  /** Whether what the parent embeds is what the child wants. */
  isEmbedded({ name, parent }: StreamDefinition): boolean {
    const isAsked = parent?.expand === true || (this.#expand[name] ?? []).length > 0;
    return parent?.embeddedIn !== undefined && !(isAsked && this.#givenUp.has(parent.stream));
  }
}

/**
 * The `expand[]` parameters of a stream's list requests: its own fields, the lists of the children that are read with
 * it, and, through the list that embeds them, the fields of those children. Stripe follows four levels
 * (docs.stripe.com/api/expanding_objects).
 */
export function expandParams(
  stream: StreamDefinition,
  children: readonly StreamDefinition[],
  expand: ExpandedFields,
): readonly (readonly [string, string])[] {
  const own = [...(stream.expand ?? []), ...(expand[stream.name] ?? [])].map((field) => `data.${field}`);
  const embedded = children
    .filter(({ parent }) => parent?.stream === stream && parent.embeddedIn !== undefined)
    .flatMap(({ name, parent }) => [
      ...(parent?.expand ? [`data.${parent.embeddedIn}`] : []),
      ...(expand[name] ?? []).map((field) => `data.${parent?.embeddedIn}.data.${field}`),
    ]);
  return [...new Set([...own, ...embedded])].map((field) => ['expand[]', field]);
}
