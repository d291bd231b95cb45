import { type StreamDefinition, unmet } from '../../streams/definition.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import { StripeError } from '../../stripe/errors.js';
import { type Miss, Misses } from '../failures/misses.js';
import { type Meaning, reaction } from '../failures/reaction.js';
import { type Family, isOfRoot, type WalkContext } from '../family.js';
import { childItems, type ListedPage, observed, retrieve } from '../lists/lists.js';
import type { Reading } from '../output/reading.js';
import type { Place } from '../progress/page-position.js';
import type { Slice } from '../progress/progress.js';
import { complete, hasCutList } from './completion.js';
import { meaningOf } from './meaning.js';
import { Job, type Work } from './page-work.js';
import { childRowOf, createdOf, type Emitted, isInWindow, isRowOf, valueAt } from './rows.js';
import { Skipped } from './skipped.js';
import { isOnTestClock, testClockWarning } from './test-clocks.js';

/** What a delivery needs of the walk that it belongs to. */
export interface Walker {
  /** Writes STATEs of what was emitted, if it is time to. */
  readonly note: () => Promise<void>;
  /** Ends one stream that cannot be read on. Throws on what ends the whole sync. */
  readonly fail: (reading: Reading, error: unknown) => Promise<void>;
}

/** A stream that is given a page, and how far it is in it. */
export interface Taker {
  readonly reading: Reading;
  readonly place: Place;
}

/** A page of a family's list, and the slice that it came from. */
export interface Delivered extends ListedPage {
  readonly slice: Slice;
}

/** What a stream is given of a page. */
interface Share extends Taker {
  readonly page: Delivered;
}

/** The same, while the children of one parent are read. */
interface ChildShare extends Share {
  readonly parent: StripeObject;
  readonly isOver: () => boolean;
}

/** An object of a list, as whole as it can be; or why it cannot be a row. */
type Whole = Emitted & {
  readonly data: StripeObject;
  readonly missed?: Pick<Miss, 'error' | 'meaning'>;
  readonly isGone?: true;
};

/** Which items of a page are to be whole, and whether all of them lack what was to be expanded. */
interface Care {
  readonly isWanted: (index: number, item: StripeObject) => boolean;
  readonly isBare: boolean;
}

const WITH_CARE: Care = { isWanted: () => true, isBare: false };

/** What is known of one parent for good and says nothing of the others. */
const WHY_NO_CHILDREN: Partial<Record<Meaning, string>> = {
  gone: 'Stripe does not have them any more',
  revoked: 'the key may not read these accounts (any more)',
  uncontrolled: 'the platform does not control these accounts',
  no_items: 'Stripe has lost their items',
};

/**
 * Gives the pages of a family's list to its streams: rows with their embedded lists whole, and the children of each
 * parent. What is written is noted as emitted in the same step, in the stream's `Place` in the page. An object that cannot
 * be read costs itself: it is noted among the stream's misses, and the rest goes on.
 */
export class Delivery {
  /** What was left out. */
  readonly skipped = new Skipped();
  readonly #context: WalkContext;
  readonly #family: Family;
  readonly #walker: Walker;
  readonly #toldOfClocks = new Set<StreamDefinition>();
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

  /** Gives a page to all who take it; resolves when it was emitted, or its streams have ended. */
  async giveOut(page: Delivered, takers: readonly Taker[]): Promise<void> {
    this.skipped.noteForeign(this.#family.root, page.items);
    const owners = takers.filter(({ reading }) => isOfRoot(this.#family, reading));
    const whole = await this.#wholePage(page, owners);
    for (const taker of owners) await this.#settle(taker, () => this.#emitRows({ ...taker, page }, whole));
    const parents = whole.map(({ data }) => data);
    for (const taker of takers.filter(({ reading }) => !isOfRoot(this.#family, reading)))
      await this.#settle(taker, () => this.#emitChildrenOfPage({ ...taker, page }, parents));
  }

  /** Does something for one stream: if it fails, that stream leaves the walk, and the others go on. */
  async #settle({ reading }: Taker, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#walker.fail(reading, error);
    }
  }

  async #emitRows({ reading, place, page }: Share, whole: readonly Whole[]): Promise<void> {
    const { misses } = reading;
    const todo = whole.filter(({ data }, index) => !place.isDone(index) && this.#isWanted(data));
    const rows = todo.filter(({ missed, isGone }) => !missed && !isGone);
    for (const { data, missed } of todo) {
      if (missed) misses.note({ ...missed, id: data.id, slice: this.#sliceOf(data, page) });
    }
    if (rows.length > 0) misses.noteAnswered();
    const written = reading.emit(rows);
    place.noteAll();
    await written;
    misses.throwIfHopeless();
    await this.#warnOfTestClocks(reading, rows);
  }

  /** Whether an object of the list is a row that the user asked for. */
  #isWanted(item: StripeObject): boolean {
    const { root } = this.#family;
    return isRowOf(root, item) && isInWindow(root, item, this.#context.window);
  }

  /** What has to be read to find an object of a page again. */
  #sliceOf(item: StripeObject, { slice: { gte, lte } }: Delivered): Slice {
    const created = lte === undefined ? undefined : createdOf(this.#family.root, item);
    if (created !== undefined) return { gte: created, lte: created };
    return { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) };
  }

  /** The children of a page of parents. */
  async #emitChildrenOfPage(share: Share, parents: readonly StripeObject[]): Promise<void> {
    const todo = parents.filter((_, index) => !share.place.isDone(index));
    await this.#forEach(share.reading.definition.path, todo, (parent, isOver) =>
      this.#emitChildren({ ...share, parent, isOver }),
    );
  }

  async #emitChildren(share: ChildShare): Promise<void> {
    const { reading, place, parent } = share;
    const { definition } = reading;
    const only = definition.parent?.only;
    const isWanted = this.#isWanted(parent);
    const why = only && unmet(only, (path) => valueAt(parent, path));
    if (isWanted && why !== undefined) this.skipped.addUnmet(definition, why);
    if (!isWanted || why !== undefined || (await this.#emitItems(share))) place.note(parent.id, null);
  }

  /** True when nothing of the parent is left to emit; false when the rest is no longer wanted. */
  async #emitItems(share: ChildShare): Promise<boolean> {
    const { reading, parent } = share;
    try {
      if (!(await this.#emitPages(share))) return false;
      reading.misses.noteAnswered();
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const context = observed(this.#context, reading.tally);
      const meaning = await meaningOf(context, error, { stream: this.#family.root, object: parent });
      const why = WHY_NO_CHILDREN[meaning];
      const what = reaction(meaning, 'children');
      if (what === 'skip' && why !== undefined) this.skipped.add(reading.definition, why, parent.id);
      else if (what === 'miss') this.#miss(share, { error, meaning, id: parent.id });
      else throw error;
    }
    return true;
  }

  /** False when the page has failed or the stream has ended in between. */
  async #emitPages({ reading, place, page, parent, isOver }: ChildShare): Promise<boolean> {
    const { definition } = reading;
    const context = observed(this.#context, reading.tally);
    for await (const { items, next } of childItems(context, definition, { parent, after: place.afterOf(parent.id) })) {
      this.skipped.noteForeign(definition, items);
      const rows = items.filter((item) => isRowOf(definition, item));
      const whole = await this.#wholeItems(reading, rows);
      for (const { data, missed } of whole) {
        if (missed) this.#miss({ reading, parent, page }, { ...missed, id: data.id });
      }
      const complete = whole.filter(({ missed, isGone }) => !missed && !isGone);
      const written = reading.emit(complete.map((row) => ({ ...row, data: childRowOf(definition, row.data, parent) })));
      place.note(parent.id, next ?? null);
      await written;
      await this.#warnOfTestClocks(reading, complete);
      await this.#walker.note();
      context.signal.throwIfAborted();
      if (isOver() || reading.outcome !== undefined) return false;
      context.pool.offer();
    }
    return true;
  }

  /** Notes what could not be read under one parent. */
  #miss({ reading, page, parent }: Pick<ChildShare, 'reading' | 'page' | 'parent'>, missed: Omit<Miss, 'slice'>): void {
    reading.misses.note({ ...missed, slice: this.#sliceOf(parent, page) });
    reading.misses.throwIfHopeless();
  }

  /** The objects of a page, whole where rows of them are wanted: children then need no request for the same items. */
  async #wholePage(page: Delivered, owners: readonly Taker[]): Promise<readonly Whole[]> {
    const [first] = owners;
    if (!first) return page.items.map((data) => ({ data }));
    const isWanted = (index: number, item: StripeObject) =>
      this.#isWanted(item) && owners.some(({ place }) => !place.isDone(index));
    try {
      return await this.#wholeItems(first.reading, page.items, { isWanted, isBare: page.isBare });
    } catch (error) {
      for (const { reading } of owners) await this.#walker.fail(reading, error);
      return page.items.map((data) => ({ data }));
    }
  }

  /**
   * The items with their expanded fields and their embedded lists whole, in their order. Throws when it is not the items
   * that are refused: the others would be asked for in vain, each with its retries.
   */
  async #wholeItems(
    reading: Reading,
    items: readonly StripeObject[],
    { isWanted, isBare }: Care = WITH_CARE,
  ): Promise<readonly Whole[]> {
    const whole: Whole[] = items.map((data) => ({ data }));
    const { snapshots } = reading.definition;
    const needsCare = (item: StripeObject) => isBare || (!snapshots && hasCutList(item));
    const todo = [...items.entries()].filter(([index, item]) => isWanted(index, item) && needsCare(item));
    if (todo.length === 0) return whole;
    const misses = new Misses();
    if (!reading.misses.areAll || todo.length < items.length) misses.noteAnswered();
    await this.#forEach('', todo, async ([index, item]) => {
      const result = await this.#whole(reading, item, isBare);
      const { missed } = result;
      whole[index] = result;
      if (missed) misses.note({ ...missed, id: item.id, slice: {} });
      else misses.noteAnswered();
      if (missed && misses.isHopeless) throw missed.error;
    });
    return whole;
  }

  async #whole(reading: Reading, item: StripeObject, isBare: boolean): Promise<Whole> {
    const context = observed(this.#context, reading.tally);
    const { definition } = reading;
    try {
      const full = isBare ? await retrieve(context, definition, item) : item;
      if (definition.snapshots) return { data: full };
      const { row, changes, isCut } = await complete(context, full, context.expansions.paramsOf(definition));
      if (isCut) this.skipped.noteCut(definition, item.id);
      if (changes.length === 0) return { data: row };
      this.skipped.noteTruncated(
        definition,
        item.id,
        changes.map(({ field }) => field),
      );
      return { data: row, changes };
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const meaning = await meaningOf(context, error, isBare ? { stream: definition, object: item } : undefined);
      const what = reaction(meaning, 'row');
      if (what === 'miss') return { data: item, missed: { error, meaning } };
      if (what !== 'skip') throw error;
      if (meaning === 'no_items') {
        this.skipped.noteCut(definition, item.id);
        return { data: item };
      }
      this.skipped.noteGone(definition, item.id);
      return { data: item, isGone: true };
    }
  }

  /** Rows on a test clock may arrive behind the cursor: said once of each stream. */
  async #warnOfTestClocks({ definition }: Reading, rows: readonly Emitted[]): Promise<void> {
    const { livemode, now, say } = this.#context;
    if (livemode !== false || this.#toldOfClocks.has(definition)) return;
    const seconds = Math.floor(now() / 1000);
    if (!rows.some(({ data }) => isOnTestClock(definition, data, seconds))) return;
    this.#toldOfClocks.add(definition);
    await say('WARN', testClockWarning(definition.name));
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
