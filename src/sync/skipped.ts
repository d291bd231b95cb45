import type { LogLevel } from '../protocol/messages.js';
import { isExpected, kindsOf, type StreamDefinition } from '../streams/definition.js';
import { StripeError } from '../stripe/errors.js';
import { isRowOf } from './records.js';

interface Entry {
  readonly level: LogLevel;
  readonly say: (count: number) => string;
  count: number;
}

/** Counts what is left out, by stream and reason, so that nothing is left out without a word. */
export class Skipped {
  readonly #counts = new Map<string, Entry>();

  /** A parent whose children are not read. */
  add({ name, parent }: StreamDefinition, why: string): void {
    const say = (count: number) => `${name}: no rows for ${count} of ${parent?.stream.name}: ${why}.`;
    const isNormal = parent?.only !== undefined && isExpected(parent.only, why);
    this.#count(`${name} ${why}`, isNormal ? 'INFO' : 'WARN', say);
  }

  /** A row whose embedded lists could not be completed, for it is gone. */
  noteCut({ name }: StreamDefinition): void {
    const say = (count: number) =>
      `${name}: ${count} rows were deleted before their embedded lists were read to the end.`;
    this.#count(`${name} cut`, 'WARN', say);
  }

  /**
   * Objects of another kind are no rows. A page of nothing else is no list of this stream at all: a StripeError, for the
   * rows must be somewhere.
   */
  noteForeign(stream: StreamDefinition, items: readonly { readonly object: string }[]): void {
    const { name, path, parent } = stream;
    const foreign = items.filter((item) => !isRowOf(stream, item));
    if (foreign.length > 0 && foreign.length === items.length && parent === undefined) {
      const kinds = kindsOf(stream).join(', ');
      throw new StripeError('request', `GET ${path} lists objects of kind ${foreign[0]?.object} instead of ${kinds}.`);
    }
    for (const item of foreign) {
      const kind = item.object;
      const say = (count: number) => `${name}: ${count} objects of kind ${kind} in the list are no rows.`;
      // Some lists hold the rows of several streams, as a parent's external accounts.
      this.#count(`${name} ${kind}`, parent ? 'INFO' : 'WARN', say);
    }
  }

  /** One sentence for each reason. */
  sentences(): readonly { readonly level: LogLevel; readonly text: string }[] {
    return [...this.#counts.values()].map(({ level, say, count }) => ({ level, text: say(count) }));
  }

  #count(key: string, level: LogLevel, say: (count: number) => string): void {
    const entry = this.#counts.get(key) ?? { level, say, count: 0 };
    entry.count += 1;
    this.#counts.set(key, entry);
  }
}
