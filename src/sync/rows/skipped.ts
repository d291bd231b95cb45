import type { LogLevel } from '../../protocol/messages.js';
import { isExpected, kindsOf, type StreamDefinition } from '../../streams/definition.js';
import { StripeError } from '../../stripe/errors.js';
import { MOST_EMBEDDED_ITEMS } from './completion.js';
import { isRowOf } from './rows.js';

interface Entry {
  readonly level: LogLevel;
  readonly say: (count: number, ids: string) => string;
  count: number;
  readonly ids: string[];
}

/** Enough ids to find the cause. */
const MOST_IDS = 5;

/** Counts what is left out, by stream and reason, so that nothing is left out silently. */
export class Skipped {
  readonly #counts = new Map<string, Entry>();

  /** Counts a parent whose own fields say that it has no such children. */
  addUnmet({ name, parent }: StreamDefinition, why: string): void {
    const say = (count: number) => `${name}: no rows for ${count} of the ${parent?.stream.name}: ${why}.`;
    const isKnown = parent?.only !== undefined && isExpected(parent.only, why);
    this.#count(`${name} ${why}`, { level: isKnown ? 'INFO' : 'WARN', say });
  }

  /** Counts a parent whose children are not read. */
  add({ name, parent }: StreamDefinition, why: string, id: string): void {
    const say = (count: number, ids: string) =>
      `${name}: no rows for ${count} of the ${parent?.stream.name} (${ids}): ${why}.`;
    this.#count(`${name} ${why}`, { level: 'WARN', say, id });
  }

  /** Counts a row whose embedded lists stay incomplete because the object, or its items, are gone. */
  noteCut({ name }: StreamDefinition, id: string): void {
    const say = (count: number, ids: string) =>
      `${name}: ${count} of the rows did not get all items of their embedded lists (${ids}), ` +
      'because the objects were deleted during the sync, or Stripe has lost the items.';
    this.#count(`${name} cut`, { level: 'WARN', say, id });
  }

  /** Counts a row that was listed, but gone when it was read again with its expanded fields. */
  noteGone({ name }: StreamDefinition, id: string): void {
    const say = (count: number, ids: string) =>
      `${name}: ${count} of the objects did not become rows, because they were deleted during the sync (${ids}).`;
    this.#count(`${name} gone`, { level: 'WARN', say, id });
  }

  /** Counts a row with embedded lists that are longer than a row may hold. */
  noteTruncated({ name }: StreamDefinition, id: string, fields: readonly string[]): void {
    const say = (count: number, ids: string) =>
      `${name}: ${count} of the rows have more than ${MOST_EMBEDDED_ITEMS} items in ${fields.join(', ')} (${ids}). ` +
      'The rows leave out the rest, and has_more stays true. If the items have a stream of their own, it has all of them.';
    this.#count(`${name} truncated ${fields.join()}`, { level: 'WARN', say, id });
  }

  /**
   * Counts objects of another kind, which are not rows. Throws a StripeError if a page holds nothing else, because the
   * rows must then be elsewhere.
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
      const say = (count: number) => `${name}: ${count} objects of kind ${kind} were ignored: not rows of this stream.`;
      // Some lists hold the rows of several streams, like the external accounts of a parent.
      this.#count(`${name} ${kind}`, { level: parent ? 'INFO' : 'WARN', say });
    }
  }

  /** One sentence for each reason. */
  sentences(): readonly { readonly level: LogLevel; readonly text: string }[] {
    return [...this.#counts.values()].map(({ level, say, count, ids }) => ({
      level,
      text: say(count, `${ids.join(', ')}${count > ids.length ? ', …' : ''}`),
    }));
  }

  #count(key: string, { id, ...what }: Pick<Entry, 'level' | 'say'> & { readonly id?: string }): void {
    const entry = this.#counts.get(key) ?? { ...what, count: 0, ids: [] };
    entry.count += 1;
    if (id !== undefined && entry.ids.length < MOST_IDS) entry.ids.push(id);
    this.#counts.set(key, entry);
  }
}
