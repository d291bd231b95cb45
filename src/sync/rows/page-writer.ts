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

/** What a page writer needs from its sync. */
export interface PageContext {
  readonly account: Account;
  readonly window: Window;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted to stop the sync. */
  readonly signal: AbortSignal;
  /** Tells the pool that there is something to help with. */
  readonly offer: () => void;
}

/** A page of objects of a list, to be emitted to its streams. */
export interface PageOfObjects {
  readonly items: readonly StripeObject[];
  /** Whether the objects lack their expanded fields. */
  readonly isBare: boolean;
  /** The slice that the objects came from. */
  readonly slice: Slice;
}

/** A stream that takes a page, and its position in the page. */
export interface Taker {
  readonly stream: AccountStream;
  readonly position: PagePosition;
}

/** A taker together with the page that it takes. */
interface TakenPage extends Taker {
  readonly page: PageOfObjects;
}

/** The same, while the children of one parent are read. */
interface TakenParent extends TakenPage {
  readonly parent: StripeObject;
  readonly isOver: () => boolean;
}

/** Why one parent has no children to read: reasons that are final and say nothing about other parents. */
const WHY_NO_CHILDREN: Partial<Record<Meaning, string>> = {
  gone: 'Stripe no longer has them',
  revoked: 'the key has no access to these accounts, or has lost it',
  uncontrolled: 'the platform does not control these accounts',
  no_items: 'Stripe has lost their items',
};

/**
 * Turns the objects of a list into rows of its streams: rows with complete embedded lists, and the children of each
 * parent. Rows are written and noted as emitted, in the stream's position in the page, in one step. An object that
 * cannot be read is noted among the stream's misses, and the rest of the page goes on. A stream that cannot be read any
 * further ends, and the others go on.
 */
export class PageWriter {
  readonly #context: PageContext;
  readonly #list: StreamDefinition;
  readonly #streams: readonly AccountStream[];
  readonly #skipped = new Skipped();
  readonly #work: SharedWork;
  readonly #testClocks: TestClockWarnings;

  /** `streams` are all those that live on the list. */
  constructor(context: PageContext, list: StreamDefinition, streams: readonly AccountStream[]) {
    this.#context = context;
    this.#list = list;
    this.#streams = streams;
    this.#work = new SharedWork(context.offer);
    this.#testClocks = new TestClockWarnings(context.account, context.now);
  }

  /** Helps with a page whose objects need requests of their own; undefined if there is none to help with. */
  help(hasCapacity: (endpoint: string) => boolean): Promise<void> | undefined {
    return this.#work.help(hasCapacity);
  }

  /** Logs what was left out. */
  async tellSkipped(): Promise<void> {
    for (const { level, text } of this.#skipped.sentences()) await this.#context.account.say(level, text);
  }

  /** Emits a page to all its takers. Resolves when each of them has emitted it or ended. */
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

  /** The objects of a page, completed if they become rows, so that children need no request for the same items. */
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

  async #emitRows({ stream, position, page }: TakenPage, whole: readonly Whole[]): Promise<void> {
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

  /** The slice to read to find an object of a page again. */
  #sliceOf(item: StripeObject, { slice: { gte, lte } }: PageOfObjects): Slice {
    const created = lte === undefined ? undefined : createdOf(this.#list, item);
    if (created !== undefined) return { gte: created, lte: created };
    return { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) };
  }

  /** Emits the children of a page of parents. */
  async #emitChildrenOfPage(taken: TakenPage, parents: readonly StripeObject[]): Promise<void> {
    const todo = parents.filter((_, index) => !taken.position.isDone(index));
    await this.#work.forEach(taken.stream.definition.path, todo, (parent, isOver) =>
      this.#emitChildren({ ...taken, parent, isOver }),
    );
  }

  async #emitChildren(taken: TakenParent): Promise<void> {
    const { stream, position, parent } = taken;
    const { definition } = stream;
    const only = definition.parent?.only;
    const isWanted = this.#isWanted(parent);
    const why = only && unmet(only, (path) => valueAt(parent, path));
    if (isWanted && why !== undefined) this.#skipped.addUnmet(definition, why);
    if (!isWanted || why !== undefined || (await this.#emitItems(taken))) position.note(parent.id, null);
  }

  /** True if nothing of the parent is left to emit; false if the rest is no longer wanted. */
  async #emitItems(taken: TakenParent): Promise<boolean> {
    const { stream, parent } = taken;
    try {
      if (!(await this.#emitPages(taken))) return false;
      stream.misses.noteAnswered();
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      const meaning = await meaningOf(stream.access, error, { stream: this.#list, object: parent });
      const why = WHY_NO_CHILDREN[meaning];
      const what = reaction(meaning, 'children');
      if (what === 'skip' && why !== undefined) this.#skipped.add(stream.definition, why, parent.id);
      else if (what === 'miss') this.#miss(taken, { error, meaning, id: parent.id });
      else throw error;
    }
    return true;
  }

  /** False if the page failed or the stream ended meanwhile. */
  async #emitPages(taken: TakenParent): Promise<boolean> {
    const { stream, position, parent, isOver } = taken;
    const { access, definition } = stream;
    const after = position.afterOf(parent.id);
    for await (const { items, next } of childItems(access, definition, { parent, after })) {
      await this.#emitPageOfChildren(taken, items, next ?? null);
      // The children of one parent may take long, and the others have STATEs that are due, too.
      await Promise.all(this.#streams.map((each) => each.noteProgress()));
      this.#context.signal.throwIfAborted();
      if (isOver() || !stream.isOpen) return false;
      this.#context.offer();
    }
    return true;
  }

  async #emitPageOfChildren(taken: TakenParent, items: readonly StripeObject[], next: string | null): Promise<void> {
    const { stream, position, parent } = taken;
    const { definition } = stream;
    this.#skipped.noteForeign(definition, items);
    const children = items.filter((item) => isRowOf(definition, item));
    const whole = await this.#wholeRows(stream, { items: children, isWanted: () => true, isBare: false });
    for (const { data, missed } of whole) {
      if (missed) this.#miss(taken, { ...missed, id: data.id });
    }
    const complete = whole.filter(isRow);
    const written = stream.emit(complete.map((row) => ({ ...row, data: childRowOf(definition, row.data, parent) })));
    position.note(parent.id, next);
    await written;
    await this.#testClocks.look(definition, complete);
  }

  /** Notes what could not be read under one parent. */
  #miss({ stream, page, parent }: TakenParent, missed: Omit<Miss, 'slice'>): void {
    stream.misses.note({ ...missed, slice: this.#sliceOf(parent, page) });
    stream.misses.throwIfHopeless();
  }
}

/** Does work for one stream. If it fails, that stream ends, and the others go on. */
async function orEnd({ stream }: Taker, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await stream.fail(error);
  }
}
