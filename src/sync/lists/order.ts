import type { StreamDefinition } from '../../streams/definition.js';

/**
 * Whether a list is in the order of `created`, newest first. That is trusted where Stripe documents it, and watched: once an
 * object was newer than the one before it, the list counts as one of undocumented order until the end of the sync.
 */
export class Order {
  readonly stream: StreamDefinition;
  #isTrusted: boolean;

  constructor(stream: StreamDefinition) {
    this.stream = stream;
    this.#isTrusted = stream.newestFirst === true;
  }

  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  break(): void {
    this.#isTrusted = false;
  }
}
