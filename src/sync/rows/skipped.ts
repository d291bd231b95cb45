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

/** Enough to find out why. */
const IDS_TOLD = 5;

/** Counts what is left out, by stream and reason, so that nothing is left out without a word. */
export class Skipped {
  readonly #counts = new Map<string, Entry>();

  /** A parent that has no such children by its own account. */
  addUnmet({ name, parent }: StreamDefinition, why: string): void {
    const say = (count: number) => `${name}: no rows for ${count} of ${parent?.stream.name}: ${why}.`;
    const isKnown = parent?.only !== undefined && isExpected(parent.only, why);
    this.#count(`${name} ${why}`, { level: isKnown ? 'INFO' : 'WARN', say });
  }

  /** A parent whose children are not read. */
  add({ name, parent }: StreamDefinition, why: string, id: string): void {
    const say = (count: number, ids: string) =>
      `${name}: no rows for ${count} of ${parent?.stream.name} (${ids}): ${why}.`;
    this.#count(`${name} ${why}`, { level: 'WARN', say, id });
  }

  /** A row whose embedded lists stay as they came because the object, or its items, are gone. */
  noteCut({ name }: StreamDefinition, id: string): void {
    const say = (count: number, ids: string) =>
      `${name}: ${count} rows lack items of their embedded lists (${ids}): the rows were deleted meanwhile, or Stripe has lost the items.`;
    this.#count(`${name} cut`, { level: 'WARN', say, id });
  }

  /** A row that was listed, and gone when it was to be read again with its expanded fields. */
  noteGone({ name }: StreamDefinition, id: string): void {
    const say = (count: number, ids: string) =>
      `${name}: rows that were left out because they were deleted while they were read: ${count} (${ids}).`;
    this.#count(`${name} gone`, { level: 'WARN', say, id });
  }

  /** A row with embedded lists that are longer than a row may hold. */
  noteTruncated({ name }: StreamDefinition, id: string, fields: readonly string[]): void {
    const say = (count: number, ids: string) =>
      `${name}: ${count} of its rows have more than ${MOST_EMBEDDED_ITEMS} items in ${fields.join(', ')} (${ids}). The rest is ` +
      'left out of the row, and has_more stays true. Where the items are a stream, it has them all.';
    this.#count(`${name} truncated ${fields.join()}`, { level: 'WARN', say, id });
  }

  /**
   * Objects of another kind are not rows. A page of nothing else is no list of this stream at all: a StripeError, for the
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
      const say = (count: number) => `${name}: ${count} objects of kind ${kind} were ignored: not rows of this stream.`;
      // Some lists hold the rows of several streams, as a parent's external accounts.
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
    if (id !== undefined && entry.ids.length < IDS_TOLD) entry.ids.push(id);
    this.#counts.set(key, entry);
  }
}
