import type { StreamDefinition } from '../../streams/definition.js';
import { type ExpandedFields, expandedFields, isExpanded } from '../../streams/expand.js';

/**
 * The fields that the requests for an account's lists ask Stripe to expand. Fields that only the children of a list
 * need can be given up if Stripe refuses them: the refusal concerns the children, not the parent, and the children have
 * lists of their own.
 */
export class Expansions {
  readonly #children: readonly StreamDefinition[];
  readonly #expand: ExpandedFields;
  readonly #givenUp = new Set<StreamDefinition>();
  readonly #answered = new Set<StreamDefinition>();

  /** `children` are the child streams that the sync reads; `expand` names the fields that the user wants expanded. */
  constructor(children: readonly StreamDefinition[], expand: ExpandedFields) {
    this.#children = children;
    this.#expand = expand;
  }

  /** The expanded fields of a stream's objects, as paths in the object. */
  fieldsOf(stream: StreamDefinition): readonly string[] {
    const children = this.#givenUp.has(stream) ? [] : this.#children;
    return expandedFields(stream, children, this.#expand);
  }

  /** Notes that Stripe answered with a page or an object of this list, with all fields expanded. */
  noteAnswered(stream: StreamDefinition): void {
    this.#answered.add(stream);
  }

  /**
   * Whether the fields that only the children of a list need can be given up: only before Stripe has answered with
   * them, because all rows must have one shape.
   */
  mayGiveUpChildrenOf(stream: StreamDefinition): boolean {
    if (this.#answered.has(stream) || this.#givenUp.has(stream)) return false;
    return this.fieldsOf(stream).length > expandedFields(stream, [], this.#expand).length;
  }

  /** Gives up the fields that only the children of a list need. False if they cannot be given up, or already were. */
  giveUpChildrenOf(stream: StreamDefinition): boolean {
    if (!this.mayGiveUpChildrenOf(stream)) return false;
    this.#givenUp.add(stream);
    return true;
  }

  areChildrenGivenUp(stream: StreamDefinition): boolean {
    return this.#givenUp.has(stream);
  }

  /**
   * Whether the parent embeds the items as the child needs them: not if the user expands them, or the list was given
   * up.
   */
  isEmbedded(child: StreamDefinition): boolean {
    const { parent } = child;
    if (parent?.embeddedIn === undefined || isExpanded(child, this.#expand)) return false;
    return !(parent.expand && this.#givenUp.has(parent.stream));
  }
}
