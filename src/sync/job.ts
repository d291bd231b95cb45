/** The objects of one page that need requests of their own: begun in their order, several at a time with help. */
export class Job {
  /** Which endpoint the requests go to; empty where to several. */
  readonly endpoint: string;
  readonly #items: readonly unknown[];
  readonly #work: (item: unknown) => Promise<void>;
  #next = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #helpers = new Set<Promise<void>>();

  constructor(endpoint: string, items: readonly unknown[], work: (item: unknown) => Promise<void>) {
    this.endpoint = endpoint;
    this.#items = items;
    this.#work = work;
  }

  get hasMore(): boolean {
    return this.#next < this.#items.length && !this.#failure;
  }

  /** Does one item. Never rejects: `done` does. */
  help(): Promise<void> {
    const help = this.#doNext().finally(() => this.#helpers.delete(help));
    this.#helpers.add(help);
    return help;
  }

  /** Does what nobody else does; resolves when all is done. Rejects with the first failure, when nothing is under way. */
  async done(): Promise<void> {
    while (this.hasMore) await this.#doNext();
    await Promise.all(this.#helpers);
    if (this.#failure) throw this.#failure.error;
  }

  async #doNext(): Promise<void> {
    const item = this.#items[this.#next];
    this.#next += 1;
    try {
      await this.#work(item);
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}
