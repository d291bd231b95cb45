import type { StreamDefinition } from '../../streams/definition.js';

/**
 * Whether a list is ordered by `created`, newest first. The order is trusted where Stripe documents it, and watched:
 * once an object is newer than the one before it, the order is not trusted any more in this sync.
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
