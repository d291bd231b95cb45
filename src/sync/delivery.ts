import { unmet } from '../streams/definition.js';
import type { StripeObject } from '../stripe/api.generated.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';
import { complete, hasCutList } from './embedded.js';
import { type Family, isOfRoot, type WalkContext } from './family.js';
import { Job, type Work } from './job.js';
import { childItems, observed } from './lists.js';
import type { Place } from './place.js';
import type { Reading } from './reading.js';
import { childRowsOf, isInWindow, rowsOf, valueAt } from './records.js';
import { Skipped } from './skipped.js';

/** What a delivery needs of the walk that it belongs to. */
export interface Walker {
  /** Says in STATEs what is out, if it is time to. */
  readonly note: () => Promise<void>;
  /** Ends one stream that cannot be read on. Throws on what ends the whole sync. */
  readonly fail: (reading: Reading, error: unknown) => Promise<void>;
}

/** A stream that is given a page, and how far it is in it. */
export interface Taker {
  readonly reading: Reading;
  readonly place: Place;
}

/** A page of parents whose children a stream is given. */
interface ChildPage extends Taker {
  readonly isOver: () => boolean;
}

/** What may be wrong with one parent and says nothing of the others. */
const WHY_NO_CHILDREN: Partial<Record<StripeErrorKind, string>> = {
  not_found: 'Stripe does not have them any more',
  uncontrolled: 'the platform does not control these accounts',
  unavailable: 'the account does not have this product',
};

/**
 * Gives the pages of a family's list to its streams: rows with their embedded lists whole, and the children of each
 * parent. What is written is noted as out in the same step, in the stream's `Place` in the page.
 */
export class Delivery {
  /** What was left out. */
  readonly skipped = new Skipped();
  readonly #context: WalkContext;
  readonly #family: Family;
  readonly #walker: Walker;
  readonly #jobs = new Set<Pick<Job<unknown>, 'endpoint' | 'hasMore' | 'help'>>();

  constructor(context: WalkContext, family: Family, walker: Walker) {
    this.#context = context;
    this.#family = family;
    this.#walker = walker;
  }

  /** A hand for a page whose objects need requests of their own; undefined when there is none to help. */
  help(hasCapacity: (endpoint: string) => boolean): Promise<void> | undefined {
    return [...this.#jobs].find(({ hasMore, endpoint }) => hasMore && hasCapacity(endpoint))?.help();
  }

  /** Gives a page to all who take it; resolves when it is out, or its streams have ended. */
  async giveOut(items: readonly StripeObject[], takers: readonly Taker[]): Promise<void> {
    const own = takers.find(({ reading }) => isOfRoot(this.#family, reading));
    const whole = own ? await this.#completed(own, items) : items;
    for (const { reading, place } of takers) {
      const todo = whole.filter((_, index) => !place.isDone(index));
      if (reading !== own?.reading) {
        await this.#emitChildrenOfPage({ reading, place }, todo);
        continue;
      }
      this.skipped.noteForeign(reading.definition, whole);
      const written = reading.emit(rowsOf(reading.definition, todo, this.#context.window));
      place.noteAll();
      await written;
    }
  }

  /** Emits the children of a page of parents. A child that fails leaves the walk; the others go on. */
  async #emitChildrenOfPage(taker: Taker, parents: readonly StripeObject[]): Promise<void> {
    try {
      await this.#forEach(taker.reading.definition.path, parents, (parent, isOver) =>
        this.#emitChildren({ ...taker, isOver }, parent),
      );
    } catch (error) {
      await this.#walker.fail(taker.reading, error);
    }
  }

  async #emitChildren(page: ChildPage, parent: StripeObject): Promise<void> {
    const { root } = this.#family;
    const { definition } = page.reading;
    const only = definition.parent?.only;
    const isWanted = isInWindow(root, parent, this.#context.window);
    const why = only && unmet(only, (path) => valueAt(parent, path));
    if (isWanted && why !== undefined) this.skipped.add(definition, why);
    if (!isWanted || why !== undefined || (await this.#emitItems(page, parent))) page.place.note(parent.id, null);
  }

  /** True when all items of the parent are out; false when nobody wants the rest. */
  async #emitItems({ reading, place, isOver }: ChildPage, parent: StripeObject): Promise<boolean> {
    const { definition } = reading;
    const context = observed(this.#context, reading.tally);
    try {
      for await (const { items, next } of childItems(context, definition, {
        parent,
        after: place.afterOf(parent.id),
      })) {
        this.skipped.noteForeign(definition, items);
        const whole = await this.#completeItems(reading, items);
        const written = reading.emit(childRowsOf(definition, whole, parent));
        place.note(parent.id, next ?? null);
        await written;
        await this.#walker.note();
        context.signal.throwIfAborted();
        if (isOver() || reading.outcome !== undefined) return false;
        context.pool.offer();
      }
    } catch (error) {
      const why = error instanceof StripeError ? WHY_NO_CHILDREN[error.kind] : undefined;
      if (why === undefined) throw error;
      this.skipped.add(definition, why);
    }
    return true;
  }

  /** The page with rows that are whole, where rows of it are wanted; children then need no request for the same items. */
  async #completed({ reading, place }: Taker, items: readonly StripeObject[]): Promise<readonly StripeObject[]> {
    try {
      return await this.#completeItems(reading, items, place);
    } catch (error) {
      await this.#walker.fail(reading, error);
      return items;
    }
  }

  /** The items with their embedded lists whole, in their order. */
  async #completeItems(
    reading: Reading,
    items: readonly StripeObject[],
    place?: Place,
  ): Promise<readonly StripeObject[]> {
    if (reading.definition.snapshots) return items;
    const whole = [...items];
    const cut = [...items.keys()].filter((index) => !place?.isDone(index) && hasCutList(items[index]));
    if (cut.length === 0) return items;
    await this.#forEach('', cut, async (index) => {
      const item = items[index];
      if (item) whole[index] = await this.#completeItem(reading, item);
    });
    return whole;
  }

  /**
   * One that is gone by now is left as it is, and counted. Any other refusal is one of the row and not of its parent: the
   * row is there, and must not be skipped.
   */
  async #completeItem(reading: Reading, item: StripeObject): Promise<StripeObject> {
    const context = observed(this.#context, reading.tally);
    try {
      return await complete(context, item, context.expansions.paramsOf(reading.definition));
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      if (error.kind === 'unavailable' || error.kind === 'uncontrolled') {
        throw new StripeError('request', error.message);
      }
      if (error.kind !== 'not_found') throw error;
      this.skipped.noteCut(reading.definition);
      return item;
    }
  }

  /** Does the work for each item, in their order, with the help of workers that have nothing else to do. */
  async #forEach<T>(endpoint: string, items: readonly T[], work: Work<T>): Promise<void> {
    const job = new Job(endpoint, items, work);
    this.#jobs.add(job);
    try {
      if (items.length > 1) this.#context.pool.offer();
      await job.done();
    } finally {
      this.#jobs.delete(job);
    }
  }
}
