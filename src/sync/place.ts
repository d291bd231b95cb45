import type { Within } from './progress.js';

/**
 * How far a stream is within a page in hand. The objects of the page may be finished in any order: what the page has
 * before the first unfinished one is said with one id, what comes behind it one by one.
 */
export class Place {
  readonly #ids: readonly string[];
  /** How many objects from the top of the page are finished. */
  #done = 0;
  /** Behind them: the child up to which the children of an object are out, or null where it is finished. */
  readonly #partly: Map<string, string | null>;

  /** `before` is where an earlier sync left the page; what it says of objects that are gone by now does not count. */
  constructor(ids: readonly string[], before: Within | undefined) {
    this.#ids = ids;
    this.#done = before?.through === undefined ? 0 : ids.indexOf(before.through) + 1;
    const open = new Set(ids.slice(this.#done));
    this.#partly = new Map(Object.entries(before?.partly ?? {}).filter(([id]) => open.has(id)));
    this.#close();
  }

  /** Whether nothing of the object is to come. Objects of one page are told apart by their place in it. */
  isDone(index: number): boolean {
    return index < this.#done || this.#partly.get(this.#ids[index] ?? '') === null;
  }

  /** The child up to which the children of an object are out. */
  afterOf(id: string): string | undefined {
    return this.#partly.get(id) ?? undefined;
  }

  /** The children of an object are out up to this one; null: it is finished. */
  note(id: string, after: string | null): void {
    this.#partly.set(id, after);
    this.#close();
  }

  /** The whole page is out. */
  noteAll(): void {
    this.#done = this.#ids.length;
    this.#partly.clear();
  }

  /** Undefined at the top of the page. */
  get within(): Within | undefined {
    if (this.#done === 0 && this.#partly.size === 0) return undefined;
    const through = this.#ids[this.#done - 1];
    return {
      ...(through === undefined ? {} : { through }),
      ...(this.#partly.size === 0 ? {} : { partly: Object.fromEntries(this.#partly) }),
    };
  }

  #close(): void {
    for (
      let id = this.#ids[this.#done];
      id !== undefined && this.#partly.get(id) === null;
      id = this.#ids[this.#done]
    ) {
      this.#partly.delete(id);
      this.#done += 1;
    }
  }
}
