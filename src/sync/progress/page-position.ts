/** A PagePosition as stored. For a child stream the page holds parents, which may have very many children each. */
export interface StoredPosition {
  /** Id of an object of the page: it and all before it were emitted. For a child stream, their children were. */
  readonly through?: string;
  /** For parents after that one: the child up to which their children were emitted, or null if all were. */
  readonly partly?: Readonly<Record<string, string | null>>;
}

/**
 * How far a stream is inside one page. Objects may be finished in any order: one id stands for all objects before the
 * first unfinished one, and objects after it are stored one by one.
 */
export class PagePosition {
  readonly #ids: readonly string[];
  /** How many objects from the top of the page are finished. */
  #done: number;
  /** For objects after those: the child up to which their children were emitted, or null if the object is finished. */
  readonly #partly: Map<string, string | null>;
  /** Where an earlier sync was, if new objects have since moved that into a later page. */
  readonly #elsewhere: string | undefined;

  /** `before` is where an earlier sync left the page; without `ids`, the page has not come yet. */
  constructor(ids: readonly string[], before: StoredPosition | undefined) {
    const through = before?.through;
    this.#ids = ids;
    this.#done = through === undefined ? 0 : ids.indexOf(through) + 1;
    this.#elsewhere = this.#done === 0 ? through : undefined;
    this.#partly = new Map(Object.entries(before?.partly ?? {}));
    this.#close();
  }

  /** Whether the object at this index of the page is finished. */
  isDone(index: number): boolean {
    return index < this.#done || this.#partly.get(this.#ids[index] ?? '') === null;
  }

  /** The child up to which the children of an object were emitted. */
  afterOf(id: string): string | undefined {
    return this.#partly.get(id) ?? undefined;
  }

  /** Notes that the children of an object were emitted up to `after`, or that the object is finished (null). */
  note(id: string, after: string | null): void {
    const index = this.#ids.indexOf(id);
    if (index >= 0 && index < this.#done) return;
    this.#partly.set(id, after);
    this.#close();
  }

  /** Notes that the whole page was emitted. */
  noteAll(): void {
    for (const id of this.#ids) this.#partly.set(id, null);
    this.#close();
  }

  /** Undefined at the top of the page. */
  get stored(): StoredPosition | undefined {
    return positionOf(this.#elsewhere ?? this.#ids[this.#done - 1], this.#partly);
  }

  /** What is known about the page after this one. */
  get beyond(): StoredPosition | undefined {
    const here = new Set(this.#ids);
    return positionOf(this.#elsewhere, new Map([...this.#partly].filter(([id]) => !here.has(id))));
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

function positionOf(
  through: string | undefined,
  partly: ReadonlyMap<string, string | null>,
): StoredPosition | undefined {
  if (through === undefined && partly.size === 0) return undefined;
  return {
    ...(through === undefined ? {} : { through }),
    ...(partly.size === 0 ? {} : { partly: Object.fromEntries(partly) }),
  };
}
