/** What is done for one object of a page. `isOver` tells when the page has failed, so that the rest of it is no longer wanted. */
export type Work<T> = (item: T, isOver: () => boolean) => Promise<void>;

/** The objects of one page that need requests of their own: begun in their order, several at a time with help. */
export class PageWork<T> {
  /** Which endpoint the requests go to; empty where to several. */
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

  /** Does one item. Never rejects: `done` does. */
  help(): Promise<void> {
    const help = this.#doNext().finally(() => this.#helpers.delete(help));
    this.#helpers.add(help);
    return help;
  }

  /** Does what is left; resolves when all is done. Rejects with the first failure, when nothing is under way. */
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

/** Work of pages in hand, which workers that have nothing else to do can help with. */
export class SharedWork {
  readonly #offer: () => void;
  readonly #open = new Set<Pick<PageWork<unknown>, 'endpoint' | 'hasMore' | 'help'>>();

  /** `offer` is called when there is something to help with. */
  constructor(offer: () => void) {
    this.#offer = offer;
  }

  /** Helps with one object; undefined when there is nothing to help with. */
  help(hasCapacity: (endpoint: string) => boolean): Promise<void> | undefined {
    return [...this.#open].find(({ hasMore, endpoint }) => hasMore && hasCapacity(endpoint))?.help();
  }

  /** Does the work for each item. They are begun in their order; the endpoint is empty where requests go to several. */
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
