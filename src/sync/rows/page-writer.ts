import { type StreamDefinition, unmet } from '../../streams/definition.js';
import type { StripeObject } from '../../stripe/api.generated.js';
import { StripeError } from '../../stripe/errors.js';
import type { Account } from '../account/account.js';
import type { Miss } from '../failures/misses.js';
import { type Meaning, reaction } from '../failures/reaction.js';
import type { AccountStream } from '../output/account-stream.js';
import type { PagePosition } from '../progress/page-position.js';
import type { Slice } from '../progress/slice.js';
import { childItems } from './children.js';
import { meaningOf } from './meaning.js';
import { SharedWork } from './page-work.js';
import { childRowOf, createdOf, isInWindow, isRowOf, valueAt, type Window } from './rows.js';
import { Skipped } from './skipped.js';
import { TestClockWarnings } from './test-clocks.js';
import { isRow, type Whole, wholeRows } from './whole-rows.js';

/** What a page writer needs of its sync. */
export interface PageContext {
  readonly account: Account;
  readonly window: Window;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted when the sync is to stop. */
  readonly signal: AbortSignal;
  /** Tells that there is something to help with. */
  readonly offer: () => void;
}

/** Objects of a list, to be emitted to its streams. */
export interface PageOfObjects {
  readonly items: readonly StripeObject[];
  /** Whether they lack what was to be expanded. */
  readonly isBare: boolean;
  /** The slice that they came from. */
  readonly slice: Slice;
}

/** A stream that is given a page, and how far it is in it. */
export interface Taker {
  readonly stream: AccountStream;
  readonly position: PagePosition;
}

/** What a stream is given of a page. */
interface Share extends Taker {
  readonly page: PageOfObjects;
}

/** The same, while the children of one parent are read. */
interface ChildShare extends Share {
  readonly parent: StripeObject;
  readonly isOver: () => boolean;
}

/** What is known of one parent for good and says nothing of the others. */
const WHY_NO_CHILDREN: Partial<Record<Meaning, string>> = {
  gone: 'Stripe does not have them any more',
  revoked: 'the key may not read these accounts (any more)',
  uncontrolled: 'the platform does not control these accounts',
  no_items: 'Stripe has lost their items',
};

/**
 * Turns the objects of a list into rows of its streams: rows with their embedded lists whole, and the children of each
 * parent. What is written is noted as emitted in the same step, in the stream's position in the page. An object that cannot
 * be read costs itself: it is noted among the stream's misses, and the rest goes on. A stream that cannot be read on is
 * ended, and the others go on.
 */
export class PageWriter {
  readonly #context: PageContext;
  readonly #list: StreamDefinition;
  readonly #skipped = new Skipped();
  readonly #work: SharedWork;
  readonly #testClocks: TestClockWarnings;

  constructor(context: PageContext, list: StreamDefinition) {
    this.#context = context;
    this.#list = list;
    this.#work = new SharedWork(context.offer);
    this.#testClocks = new TestClockWarnings(context.account, context.now);
  }

  /** Helps with a page whose objects need requests of their own; undefined when there is none to help with. */
  help(hasCapacity: (endpoint: string) => boolean): Promise<void> | undefined {
    return this.#work.help(hasCapacity);
  }

  /** Says what was left out. */
  async tellSkipped(): Promise<void> {
    for (const { level, text } of this.#skipped.sentences()) await this.#context.account.say(level, text);
  }

  /** Gives a page to all who take it; resolves when it was emitted, or its streams have ended. */
  async write(page: PageOfObjects, takers: readonly Taker[]): Promise<void> {
    this.#skipped.noteForeign(this.#list, page.items);
    const owners = takers.filter(({ stream }) => this.#isOfList(stream));
    const whole = await this.#wholePage(page, owners);
    for (const taker of owners) await orEnd(taker, () => this.#emitRows({ ...taker, page }, whole));
    const parents = whole.map(({ data }) => data);
    for (const taker of takers.filter(({ stream }) => !this.#isOfList(stream)))
      await orEnd(taker, () => this.#emitChildrenOfPage({ ...taker, page }, parents));
  }

  #isOfList({ definition }: AccountStream): boolean {
    return definition === this.#list;
  }

  /** The objects of a page, whole where rows of them are wanted: children then need no request for the same items. */
  async #wholePage({ items, isBare }: PageOfObjects, owners: readonly Taker[]): Promise<readonly Whole[]> {
    const [first] = owners;
    if (!first) return items.map((data) => ({ data }));
    const isWanted = (index: number, item: StripeObject) =>
      this.#isWanted(item) && owners.some(({ position }) => !position.isDone(index));
    try {
      return await this.#wholeRows(first.stream, { items, isWanted, isBare });
    } catch (error) {
      for (const { stream } of owners) await stream.fail(error);
      return items.map((data) => ({ data }));
    }
  }

  #wholeRows(stream: AccountStream, objects: Parameters<typeof wholeRows>[1]): Promise<readonly Whole[]> {
    return wholeRows(stream, objects, { work: this.#work, skipped: this.#skipped });
  }

  async #emitRows({ stream, position, page }: Share, whole: readonly Whole[]): Promise<void> {
    const { misses } = stream;
    const todo = whole.filter(({ data }, index) => !position.isDone(index) && this.#isWanted(data));
    const rows = todo.filter(isRow);
    for (const { data, missed } of todo) {
      if (missed) misses.note({ ...missed, id: data.id, slice: this.#sliceOf(data, page) });
    }
    if (rows.length > 0) misses.noteAnswered();
    const written = stream.emit(rows);
    position.noteAll();
    await written;
    misses.throwIfHopeless();
    await this.#testClocks.look(stream.definition, rows);
  }

  /** Whether an object of the list is a row that the user asked for. */
  #isWanted(item: StripeObject): boolean {
    return isRowOf(this.#list, item) && isInWindow(this.#list, item, this.#context.window);
  }

  /** What has to be read to find an object of a page again. */
  #sliceOf(item: StripeObject, { slice: { gte, lte } }: PageOfObjects): Slice {
    const created = lte === undefined ? undefined : createdOf(this.#list, item);
    if (created !== undefined) return { gte: created, lte: created };
    return { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) };
  }

  /** The children of a page of parents. */
  async #emitChildrenOfPage(share: Share, parents: readonly StripeObject[]): Promise<void> {
    const todo = parents.filter((_, index) => !share.position.isDone(index));
    await this.#work.forEach(share.stream.definition.path, todo, (parent, isOver) =>
      this.#emitChildren({ ...share, parent, isOver }),
    );
  }

  async #emitChildren(share: ChildShare): Promise<void> {
    const { stream, position, parent } = share;
    const { definition } = stream;
    const only = definition.parent?.only;
    const isWanted = this.#isWanted(parent);
    const why = only && unmet(only, (path) => valueAt(parent, path));
    if (isWanted && why !== undefined) this.#skipped.addUnmet(definition, why);
    if (!isWanted || why !== undefined || (await this.#emitItems(share))) position.note(parent.id, null);
  }

  /** True when nothing of the parent is left to emit; false when the rest is no longer wanted. */
  async #emitItems(share: ChildShare): Promise<boolean> {
    const { stream, parent } = share;
    try {
      if (!(await this.#emitPages(share))) return false;
      stream.misses.noteAnswered();
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const meaning = await meaningOf(stream.access, error, { stream: this.#list, object: parent });
      const why = WHY_NO_CHILDREN[meaning];
      const what = reaction(meaning, 'children');
      if (what === 'skip' && why !== undefined) this.#skipped.add(stream.definition, why, parent.id);
      else if (what === 'miss') this.#miss(share, { error, meaning, id: parent.id });
      else throw error;
    }
    return true;
  }

  /** False when the page has failed or the stream has ended in between. */
  async #emitPages(share: ChildShare): Promise<boolean> {
    const { stream, position, parent, isOver } = share;
    const { access, definition } = stream;
    const after = position.afterOf(parent.id);
    for await (const { items, next } of childItems(access, definition, { parent, after })) {
      await this.#emitPageOfChildren(share, items, next ?? null);
      await stream.noteProgress();
      this.#context.signal.throwIfAborted();
      if (isOver() || !stream.isOpen) return false;
      this.#context.offer();
    }
    return true;
  }

  async #emitPageOfChildren(share: ChildShare, items: readonly StripeObject[], next: string | null): Promise<void> {
    const { stream, position, parent } = share;
    const { definition } = stream;
    this.#skipped.noteForeign(definition, items);
    const children = items.filter((item) => isRowOf(definition, item));
    const whole = await this.#wholeRows(stream, { items: children, isWanted: () => true, isBare: false });
    for (const { data, missed } of whole) {
      if (missed) this.#miss(share, { ...missed, id: data.id });
    }
    const complete = whole.filter(isRow);
    const written = stream.emit(complete.map((row) => ({ ...row, data: childRowOf(definition, row.data, parent) })));
    position.note(parent.id, next);
    await written;
    await this.#testClocks.look(definition, complete);
  }

  /** Notes what could not be read under one parent. */
  #miss({ stream, page, parent }: ChildShare, missed: Omit<Miss, 'slice'>): void {
    stream.misses.note({ ...missed, slice: this.#sliceOf(parent, page) });
    stream.misses.throwIfHopeless();
  }
}

/** Does something for one stream: if it fails, that stream ends, and the others go on. */
async function orEnd({ stream }: Taker, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await stream.fail(error);
  }
}
