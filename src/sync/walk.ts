import type { StreamDefinition } from '../streams/definition.js';
import { StripeError } from '../stripe/errors.js';
import { traceOf } from './failure.js';
import { childItems, type ListContext, pagesOf, type SlicePage } from './lists.js';
import { align, type Slice } from './progress.js';
import type { Reading } from './reading.js';
import { childRowsOf, isRowOf, type Row, rowsOf, valueAt, type Window } from './records.js';

export interface WalkContext extends ListContext {
  readonly window: Window;
  readonly info: (message: string) => Promise<void>;
  /** Aborted when the sync is to stop: the page in hand is finished, no other is begun. */
  readonly signal: AbortSignal;
}

/** A top-level list and the configured streams that live on it: its own and its children. */
export interface Family {
  readonly root: StreamDefinition;
  readonly readings: readonly Reading[];
}

/** Reads a family in one walk over its list. Rejects only when the whole sync cannot go on. */
export async function walk(context: WalkContext, { root, readings }: Family): Promise<void> {
  const skipped = new Skipped();
  for (const reading of readings) await reading.start();
  align(readings.map(({ progress }) => progress)).forEach((progress, index) => {
    const reading = readings[index];
    if (reading) reading.progress = progress;
  });
  try {
    for (const slice of slicesOf(readings)) await walkSlice(context, { root, readings }, slice, skipped);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof StripeError)) throw error;
    await endAll(context, readings, error);
  }
  await skipped.report(context);
  for (const reading of unfinished(readings)) await reading.complete();
}

/** Every slice that somebody wants, once, newest first. */
function slicesOf(readings: readonly Reading[]): readonly Slice[] {
  const slices = new Set(readings.flatMap(({ progress }) => progress.pending));
  return [...slices].sort((a, b) => (b.lte ?? Number.POSITIVE_INFINITY) - (a.lte ?? Number.POSITIVE_INFINITY));
}

async function walkSlice(context: WalkContext, family: Family, slice: Slice, skipped: Skipped): Promise<void> {
  let current = slice;
  const wanting = () => family.readings.filter((reading) => reading.wants(current));
  if (wanting().length === 0) return;
  for await (const page of pagesOf(context, family.root, slice)) {
    await emitPage(context, { root: family.root, readings: wanting() }, page, skipped);
    const { left } = page;
    for (const reading of wanting()) await reading.moveOn(current, left);
    context.signal.throwIfAborted();
    if (!left || family.readings.every(({ outcome }) => outcome !== undefined)) return;
    current = left;
  }
}

/** Emits a page to every stream that wants it. A child that fails leaves the walk; the others go on. */
async function emitPage(context: WalkContext, { root, readings }: Family, page: SlicePage, skipped: Skipped) {
  for (const reading of readings) {
    const { definition } = reading;
    if (definition === root) {
      const rows = rowsOf(root, page.items, context.window);
      skipped.foreign(definition, page.items);
      await reading.emit(rows);
      continue;
    }
    try {
      for (const parent of page.items) await emitChildren(context, reading, parent, skipped);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof StripeError)) throw error;
      await endAll(context, [reading], error);
    }
  }
}

async function emitChildren(context: WalkContext, reading: Reading, parent: Row, skipped: Skipped): Promise<void> {
  const { definition } = reading;
  const only = definition.parent?.only;
  if (only && valueAt(parent, only.field) !== only.is) return skipped.add(definition, only.otherwise);
  try {
    for await (const items of childItems(context, definition, parent)) {
      skipped.foreign(definition, items);
      await reading.emit(childRowsOf(definition, items, parent));
    }
  } catch (error) {
    if (!(error instanceof StripeError) || error.kind !== 'not_found') throw error;
    skipped.add(definition, 'they were deleted while they were read');
  }
}

/** Ends streams that cannot be read: failed, or complete without rows where the account lacks the product. */
async function endAll(context: WalkContext, readings: readonly Reading[], error: StripeError): Promise<void> {
  for (const reading of unfinished(readings)) {
    if (error.kind === 'unavailable') {
      await context.warn(`${reading.descriptor.name}: the account does not have this product. ${error.message}`);
      await reading.complete();
    } else {
      await reading.fail(traceOf(error, reading.descriptor.name));
    }
  }
}

function unfinished(readings: readonly Reading[]): readonly Reading[] {
  return readings.filter(({ outcome }) => outcome === undefined);
}

/** Counts what is left out, by stream and reason, so that nothing is left out without a word. */
class Skipped {
  readonly #counts = new Map<string, number>();

  add(child: StreamDefinition, why: string): void {
    this.#count(`${child.name}: no rows for N of ${child.parent?.stream.name}: ${why}.`);
  }

  foreign(stream: StreamDefinition, items: readonly { readonly object: string }[]): void {
    for (const item of items) {
      if (isRowOf(stream, item)) continue;
      this.#count(`${stream.name}: N objects of kind ${item.object} in the list are no rows.`);
    }
  }

  async report({ info }: Pick<WalkContext, 'info'>): Promise<void> {
    for (const [text, count] of this.#counts) await info(text.replace('N', String(count)));
  }

  #count(text: string): void {
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1);
  }
}
