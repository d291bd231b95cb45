import type { StreamDefinition } from '../../streams/definition.js';
import { type ExpandedFields, expandedFields, isExpanded } from '../../streams/expand.js';

/**
 * What the requests for an account's lists ask to expand. What children add to their parent's list can be given up: where
 * Stripe refuses it, that concerns them and not the parent, and their own lists can be asked instead.
 */
export class Expansions {
  readonly #children: readonly StreamDefinition[];
  readonly #expand: ExpandedFields;
  readonly #givenUp = new Set<StreamDefinition>();
  readonly #answered = new Set<StreamDefinition>();

  /** `children` are those that the sync reads; `expand` is what the user wants expanded. */
  constructor(children: readonly StreamDefinition[], expand: ExpandedFields) {
    this.#children = children;
    this.#expand = expand;
  }

  /** The fields of a stream's objects that are expanded, by their paths in the object. */
  fieldsOf(stream: StreamDefinition): readonly string[] {
    const children = this.#givenUp.has(stream) ? [] : this.#children;
    return expandedFields(stream, children, this.#expand);
  }

  /** A page of this list, or an object of it, came with all that was asked for. */
  noteAnswered(stream: StreamDefinition): void {
    this.#answered.add(stream);
  }

  /**
   * Whether what the children of a list add to it can be given up: only before a page came with it, because all rows are to
   * have one shape.
   */
  mayGiveUpChildrenOf(stream: StreamDefinition): boolean {
    if (this.#answered.has(stream) || this.#givenUp.has(stream)) return false;
    return this.fieldsOf(stream).length > expandedFields(stream, [], this.#expand).length;
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
