import type { Within } from './progress.js';

/**
 * How far a stream is within a page in hand. The objects of the page may be finished in any order: what the page has
 * before the first unfinished one is said with one id, what comes behind it one by one.
 */
export class Place {
  readonly #ids: readonly string[];
  /** How many objects from the top of the page are finished. */
  #done: number;
  /** Behind them: the child up to which the children of an object were emitted, or null where it is finished. */
  readonly #partly: Map<string, string | null>;
  /** Where an earlier sync was, if that is not in this page: on a later one, for others were listed before it since. */
  readonly #elsewhere: string | undefined;

  /** `before` is where an earlier sync left the page that begins here. */
  constructor(ids: readonly string[], before: Within | undefined) {
    const through = before?.through;
    this.#ids = ids;
    this.#done = through === undefined ? 0 : ids.indexOf(through) + 1;
    this.#elsewhere = this.#done === 0 ? through : undefined;
    this.#partly = new Map(Object.entries(before?.partly ?? {}));
    this.#close();
  }

  /** Whether nothing of the object at this index of the page is to come. */
  isDone(index: number): boolean {
    return index < this.#done || this.#partly.get(this.#ids[index] ?? '') === null;
  }

  /** The child up to which the children of an object were emitted. */
  afterOf(id: string): string | undefined {
    return this.#partly.get(id) ?? undefined;
  }

  /** The children of an object were emitted up to this one; null: it is finished. */
  note(id: string, after: string | null): void {
    const index = this.#ids.indexOf(id);
    if (index >= 0 && index < this.#done) return;
    this.#partly.set(id, after);
    this.#close();
  }

  /** The whole page was emitted. */
  noteAll(): void {
    for (const id of this.#ids) this.#partly.set(id, null);
    this.#close();
  }

  /** Undefined at the top of the page. */
  get within(): Within | undefined {
    return withinOf(this.#elsewhere ?? this.#ids[this.#done - 1], this.#partly);
  }

  /** What is known of the page after this one. */
  get beyond(): Within | undefined {
    const here = new Set(this.#ids);
    return withinOf(this.#elsewhere, new Map([...this.#partly].filter(([id]) => !here.has(id))));
  }

  #close(): void {
    if (this.#elsewhere !== undefined) return;
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

function withinOf(through: string | undefined, partly: ReadonlyMap<string, string | null>): Within | undefined {
  if (through === undefined && partly.size === 0) return undefined;
  return {
    ...(through === undefined ? {} : { through }),
    ...(partly.size === 0 ? {} : { partly: Object.fromEntries(partly) }),
  };
}
