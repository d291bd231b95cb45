/** Work for one object of a page. `isOver` says whether the page has failed, so that its rest is no longer wanted. */
export type Work<T> = (item: T, isOver: () => boolean) => Promise<void>;

/** The objects of one page that need requests of their own, begun in order, several at a time if workers help. */
export class PageWork<T> {
  /** The endpoint that the requests go to; empty if there are several. */
  readonly endpoint: string;
  readonly #items: readonly T[];
  readonly #work: Work<T>;
  #next = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #helpers = new Set<Promise<void>>();

  constructor(endpoint: string, items: readonly T[], work: Work<T>) {
    this.endpoint = endpoint;
    this.#items = items;
    this.#work = work;
  }

  get hasMore(): boolean {
    return this.#next < this.#items.length && !this.#failure;
  }

  /** Does one item. Never rejects, because `done` does. */
  help(): Promise<void> {
    const help = this.#doNext().finally(() => this.#helpers.delete(help));
    this.#helpers.add(help);
    return help;
  }

  /** Does what is left; resolves when all is done. Rejects with the first failure, once nothing is under way. */
  async done(): Promise<void> {
    while (this.hasMore) await this.#doNext();
    await Promise.all(this.#helpers);
    if (this.#failure) throw this.#failure.error;
  }

  async #doNext(): Promise<void> {
    const item = this.#items[this.#next] as T;
    this.#next += 1;
    try {
      await this.#work(item, () => this.#failure !== undefined);
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}

/** The work of all pages in hand, with which idle workers can help. */
export class SharedWork {
  readonly #offer: () => void;
  readonly #open = new Set<Pick<PageWork<unknown>, 'endpoint' | 'hasMore' | 'help'>>();

  /** `offer` is called when there is something to help with. */
  constructor(offer: () => void) {
    this.#offer = offer;
  }

  /** Helps with one object; undefined if there is nothing to help with. */
  help(hasCapacity: (endpoint: string) => boolean): Promise<void> | undefined {
    return [...this.#open].find(({ hasMore, endpoint }) => hasMore && hasCapacity(endpoint))?.help();
  }

  /** Does the work for each item, begun in order. `endpoint` is empty if the requests go to several. */
  async forEach<T>(endpoint: string, items: readonly T[], work: Work<T>): Promise<void> {
    const pageWork = new PageWork(endpoint, items, work);
    this.#open.add(pageWork);
    try {
      if (items.length > 1) this.#offer();
      await pageWork.done();
    } finally {
      this.#open.delete(pageWork);
    }
  }
}
