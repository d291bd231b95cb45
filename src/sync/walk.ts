import { OutputError } from '../protocol/errors.js';
import type { StreamDefinition } from '../streams/definition.js';
import type { StripeObject } from '../stripe/api.generated.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';
import { complete } from './embedded.js';
import { traceOf } from './failure.js';
import { childItems, type ListContext, pagesOf, type SlicePage } from './lists.js';
import { align, type Slice } from './progress.js';
import type { Reading } from './reading.js';
import { childRowsOf, isInWindow, type Row, rowsOf, valueAt, type Window } from './records.js';
import type { Skipped } from './skipped.js';

export interface WalkContext extends ListContext {
  readonly window: Window;
  /** Aborted when the sync is to stop: the page in hand is finished, no other is begun. */
  readonly signal: AbortSignal;
  readonly skipped: Skipped;
}

/** A top-level list and the configured streams that live on it: its own and its children. */
export interface Family {
  readonly root: StreamDefinition;
  readonly readings: readonly Reading[];
}

/** What may be wrong with one parent and says nothing of the others. */
const WHY_NO_CHILDREN: Partial<Record<StripeErrorKind, string>> = {
  not_found: 'Stripe does not have them any more',
  uncontrolled: 'the platform does not control these accounts',
  unavailable: 'the account does not have this product',
};

/** Children of one page of parents can be many: a STATE comes at the latest after so many rows. */
const ROWS_PER_STATE = 1_000;

/** Reads a family in one walk over its list. Rejects only when the whole sync cannot go on. */
export async function walk(context: WalkContext, family: Family): Promise<void> {
  const { readings } = family;
  for (const reading of readings) await reading.start();
  recutAll(readings);
  try {
    for (const slice of slicesOf(readings)) await walkSlice(context, family, slice);
  } catch (error) {
    await endFamily(context, readings, error);
  }
  for (const reading of unfinished(readings)) await reading.complete();
}

function recutAll(readings: readonly Reading[]): void {
  const progresses = align(readings.map(({ progress }) => progress));
  for (const [index, reading] of readings.entries()) reading.recut(progresses[index] ?? reading.progress);
}

/** Every slice that somebody wants, once, newest first. */
function slicesOf(readings: readonly Reading[]): readonly Slice[] {
  const slices = new Set(readings.flatMap(({ progress }) => progress.pending));
  return [...slices].sort((a, b) => (b.lte ?? Number.POSITIVE_INFINITY) - (a.lte ?? Number.POSITIVE_INFINITY));
}

/** Gives each page to all streams that want it; each says in a STATE that it has it, once its rows are out. */
async function walkSlice(context: WalkContext, { root, readings }: Family, slice: Slice): Promise<void> {
  let wanting: readonly Reading[] = readings.filter((reading) => reading.wants(slice));
  if (wanting.length === 0) return;
  let current = slice;
  for await (const listed of pagesOf(context, root, slice)) {
    const page = await completePage(
      context,
      listed,
      wanting.find(({ definition }) => definition === root),
    );
    wanting = unfinished(wanting);
    for (const reading of wanting) {
      if (reading.definition === root) await emitPage(context, reading, page);
      else await emitChildrenOfPage(context, reading, { page, slice: current });
      if (reading.outcome === undefined) await reading.moveOn(current, page.left);
    }
    context.signal.throwIfAborted();
    wanting = unfinished(wanting);
    if (!page.left || wanting.length === 0) return;
    current = page.left;
  }
}

/** The page with rows that are whole, where rows of it are wanted; children then need no request for the same items. */
async function completePage(context: WalkContext, page: SlicePage, reading?: Reading): Promise<SlicePage> {
  if (!reading) return page;
  try {
    return { ...page, items: await completeItems(context, reading.definition, page.items) };
  } catch (error) {
    await endAll(context, [reading], error);
    return page;
  }
}

/**
 * The items with their embedded lists whole. One that is gone by now is left as it is, and counted. Any other refusal is
 * one of the row and not of its parent: the row is there, and must not be skipped.
 */
async function completeItems(context: WalkContext, stream: StreamDefinition, items: readonly StripeObject[]) {
  if (stream.snapshots) return items;
  const expand = context.expansions.paramsOf(stream);
  const whole: StripeObject[] = [];
  for (const item of items) {
    try {
      whole.push(await complete(context, item, expand));
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      if (error.kind === 'unavailable' || error.kind === 'uncontrolled') {
        throw new StripeError('request', error.message);
      }
      if (error.kind !== 'not_found') throw error;
      context.skipped.noteCut(stream);
      whole.push(item);
    }
  }
  return whole;
}

async function emitPage(context: WalkContext, reading: Reading, { items }: SlicePage): Promise<void> {
  const { definition } = reading;
  context.skipped.noteForeign(definition, items);
  await reading.emit(rowsOf(definition, items, context.window));
}

/** Emits the children of a page of parents. A child that fails leaves the walk; the others go on. */
async function emitChildrenOfPage(
  context: WalkContext,
  reading: Reading,
  { page, slice }: { readonly page: SlicePage; readonly slice: Slice },
): Promise<void> {
  const root = reading.definition.parent?.stream ?? reading.definition;
  let done = 0;
  const note = async () => {
    if (done > 0 && page.leftAfter) await reading.noteWithin(slice, page.leftAfter(done));
  };
  try {
    for (const parent of page.items) {
      if (reading.rowsSinceState >= ROWS_PER_STATE) await note();
      if (isInWindow(root, parent, context.window)) await emitChildren(context, reading, parent);
      done += 1;
    }
  } catch (error) {
    if (error instanceof OutputError) throw error;
    await note();
    await endAll(context, [reading], error);
  }
}

async function emitChildren(context: WalkContext, reading: Reading, parent: Row): Promise<void> {
  const { definition } = reading;
  const only = definition.parent?.only;
  if (only && valueAt(parent, only.field) !== only.is) return context.skipped.add(definition, only.otherwise);
  try {
    for await (const items of childItems(context, definition, parent)) {
      context.skipped.noteForeign(definition, items);
      const whole = await completeItems(context, definition, items);
      await reading.emit(childRowsOf(definition, whole, parent));
    }
  } catch (error) {
    const why = error instanceof StripeError ? WHY_NO_CHILDREN[error.kind] : undefined;
    if (why === undefined) throw error;
    context.skipped.add(definition, why);
  }
}

/**
 * Ends streams that cannot be read on. Throws on what ends the whole sync: being told to stop, and a reader that is gone.
 */
async function endAll(context: WalkContext, readings: readonly Reading[], error: unknown): Promise<void> {
  context.signal.throwIfAborted();
  if (error instanceof OutputError) throw error;
  for (const reading of unfinished(readings)) await reading.fail(traceOf(error, reading.descriptor.name));
}

/** Ends a family whose own list cannot be read: without rows and complete, where the account lacks the product. */
async function endFamily(context: WalkContext, readings: readonly Reading[], error: unknown): Promise<void> {
  if (error instanceof StripeError && error.kind === 'unavailable') {
    for (const reading of unfinished(readings).filter(({ isUntouched }) => isUntouched)) {
      await context.warn(`${reading.descriptor.name}: the account does not have this product. ${error.message}`);
      await reading.complete();
    }
  }
  await endAll(context, readings, error);
}

function unfinished(readings: readonly Reading[]): readonly Reading[] {
  return readings.filter(({ outcome }) => outcome === undefined);
}
