import type { StripeObject } from './api.generated.js';
import type { Client } from './client.js';
import { StripeError } from './errors.js';
import { fetchPage, type ListRequest, type Page } from './pages.js';

/** How many times a list may lose its place, or promise more and not give it, without getting any further. */
const ATTEMPTS = 5;

/**
 * How long a list is asked on although it gives nothing new. It gets further with a page, or, once it has lost its place,
 * with a page beyond where that happened: a list that loses it again and again at one spot is given up.
 */
export class PagingPatience {
  readonly #path: string;
  #attempts = 0;
  /** Pages since the list was begun, or begun again from its top. */
  #pages = 0;
  /** Where the place was lost: in which second, or after how many pages. Undefined once the list has got further. */
  #lost: { readonly second: number } | { readonly pages: number } | undefined;
  #isOldPlace: (place: string) => boolean;

  /** `path` names the list in errors; `after` is where it goes on. */
  constructor(path: string, after?: string) {
    this.#path = path;
    this.#isOldPlace = loopDetector(after);
  }

  get pages(): number {
    return this.#pages;
  }

  /**
   * Whether a page leads nowhere: it is empty and promises more, or ends where an earlier one ended. Throws a StripeError
   * (`transient`) when that has happened too often.
   */
  isStuck({ hasMore, next }: Page): boolean {
    if (!hasMore || (next !== undefined && !this.#isOldPlace(next))) return false;
    this.#count('says that there is more, but does not give it');
    return true;
  }

  /** The object to start after is gone. Throws a StripeError (`transient`) when that has happened too often. */
  noteLost(): void {
    this.#count(
      'cannot be read to its end. Objects were deleted again and again just where the next page was to start',
    );
  }

  /** A page came that leads further. `last` is the second of its last object, where the list can be entered by it. */
  noteRead(last?: number): void {
    this.#pages += 1;
    if (!this.#isFurther(last)) return;
    this.#attempts = 0;
    this.#lost = undefined;
  }

  /** The place was lost, and the list begins again from its top. */
  restart(): void {
    const before = this.#lost && 'pages' in this.#lost ? this.#lost.pages : 0;
    this.#lost = { pages: Math.max(before, this.#pages) };
    this.#pages = 0;
    this.forgetPlaces();
  }

  /** The place was lost in this second, and the list is entered again there. */
  reenterAt(second: number): void {
    this.#lost = { second };
    this.forgetPlaces();
  }

  /** The list is asked for under other bounds: its places say nothing of those before. */
  forgetPlaces(): void {
    this.#isOldPlace = loopDetector();
  }

  #isFurther(last: number | undefined): boolean {
    if (this.#lost === undefined) return true;
    if ('pages' in this.#lost) return this.#pages > this.#lost.pages;
    return last !== undefined && last < this.#lost.second;
  }

  #count(problem: string): void {
    this.#attempts += 1;
    if (this.#attempts > ATTEMPTS) throw new StripeError('transient', `The list ${this.#path} ${problem}.`);
  }
}

/**
 * The next page that leads further. `ask` gives undefined when the object to start after is gone; `reenter` then lets it
 * ask elsewhere, and tells the patience where. Throws a StripeError when the patience ends.
 */
export async function nextPage<P extends Page>(
  patience: PagingPatience,
  ask: () => Promise<P | undefined>,
  reenter: () => void | Promise<void>,
): Promise<P> {
  for (;;) {
    const page = await ask();
    if (page === undefined) {
      patience.noteLost();
      await reenter();
    } else if (!patience.isStuck(page)) return page;
  }
}

/** One page; undefined when the object to start after is gone. */
export async function fetchPageAfter(client: Client, request: ListRequest): Promise<Page | undefined> {
  try {
    return await fetchPage(client, request);
  } catch (error) {
    if (error instanceof StripeError && error.kind === 'cursor' && request.after !== undefined) return undefined;
    throw error;
  }
}

/** Some items of a list, and the place behind them. */
export interface Items {
  readonly items: readonly StripeObject[];
  /** What the next ones start after; undefined at the end of the list. */
  readonly next: string | undefined;
  /** Whether the list begins with them: for the first time, or again because its place was lost. */
  readonly isTop: boolean;
}

/** What a list has behind `start`; from its top when that object is gone, because the list of one parent is short. */
export async function* listItems(
  client: Client,
  request: ListRequest,
  start?: string,
): AsyncGenerator<Items, void, void> {
  const patience = new PagingPatience(request.path);
  let after = start;
  const ask = () => fetchPageAfter(client, after === undefined ? request : { ...request, after });
  const reenter = () => {
    after = undefined;
    patience.restart();
  };
  for (;;) {
    const page = await nextPage(patience, ask, reenter);
    patience.noteRead();
    yield { items: page.items, next: page.hasMore ? page.next : undefined, isTop: after === undefined };
    if (!page.hasMore) return;
    after = page.next;
  }
}

/**
 * Tells whether a place was passed before, remembering one place alone: the mark moves on after 1, 2, 4, 8 … places, so
 * any loop comes back to it (Brent's algorithm).
 */
function loopDetector(start?: string): (id: string) => boolean {
  let mark = start;
  let steps = 0;
  let limit = 1;
  return (id) => {
    if (id === mark) return true;
    steps += 1;
    if (steps >= limit) {
      mark = id;
      steps = 0;
      limit *= 2;
    }
    return false;
  };
}
