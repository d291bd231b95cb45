import type { StripeObject } from '../../stripe/api.generated.js';
import { StripeError } from '../../stripe/errors.js';
import { type Miss, Misses } from '../failures/misses.js';
import { reaction } from '../failures/reaction.js';
import type { AccountStream } from '../output/account-stream.js';
import type { Emitted } from '../output/stream-output.js';
import { complete, hasCutList } from './completion.js';
import { meaningOf } from './meaning.js';
import type { SharedWork } from './page-work.js';
import { retrieve } from './retrieve.js';
import type { Skipped } from './skipped.js';

/** An object of a list, as complete as it can be, or why it cannot be a row. */
export type Whole = Emitted & {
  readonly data: StripeObject;
  readonly missed?: Pick<Miss, 'error' | 'meaning'>;
  readonly isGone?: true;
};

/** Objects to turn into rows. */
export interface Objects {
  readonly items: readonly StripeObject[];
  /** Which of the objects to complete. */
  readonly isWanted: (index: number, item: StripeObject) => boolean;
  /** Whether all objects lack their expanded fields. */
  readonly isBare: boolean;
}

/** What workers help with, and what counts the objects that are left out. */
export interface WholeContext {
  readonly work: SharedWork;
  readonly skipped: Skipped;
}

/** Whether an object can be a row. */
export function isRow({ missed, isGone }: Whole): boolean {
  return !missed && !isGone;
}

/**
 * The objects in their order, with their expanded fields and complete embedded lists. Throws once the refusals cannot
 * be due to single objects, because the others would be asked for in vain, each with its retries.
 */
export async function wholeRows(
  stream: AccountStream,
  { items, isWanted, isBare }: Objects,
  context: WholeContext,
): Promise<readonly Whole[]> {
  const whole: Whole[] = items.map((data) => ({ data }));
  const isCut = (item: StripeObject) => isBare || (!stream.definition.snapshots && hasCutList(item));
  const todo = [...items.entries()].filter(([index, item]) => isWanted(index, item) && isCut(item));
  if (todo.length === 0) return whole;
  const misses = new Misses();
  if (!stream.misses.isNothingRead || todo.length < items.length) misses.noteAnswered();
  await context.work.forEach('', todo, async ([index, item]) => {
    const result = await wholeRow(stream, { item, isBare }, context);
    whole[index] = result;
    const { missed } = result;
    if (!missed) return misses.noteAnswered();
    misses.note({ ...missed, id: item.id, slice: {} });
    if (misses.isHopeless) throw missed.error;
  });
  return whole;
}

interface OneObject {
  readonly item: StripeObject;
  readonly isBare: boolean;
}

async function wholeRow(stream: AccountStream, object: OneObject, context: WholeContext): Promise<Whole> {
  const { access, definition } = stream;
  const { item, isBare } = object;
  try {
    const full = isBare ? await retrieve(access, definition, item) : item;
    return definition.snapshots ? { data: full } : await completed(stream, full, context);
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    return refused(stream, object, { ...context, error });
  }
}

/** What becomes of an object that cannot be made whole. Throws the error where it is not about this one object. */
async function refused(
  { access, definition }: AccountStream,
  { item, isBare }: OneObject,
  { skipped, error }: WholeContext & { readonly error: StripeError },
): Promise<Whole> {
  const meaning = await meaningOf(access, error, isBare ? { stream: definition, object: item } : undefined);
  const what = reaction(meaning, 'row');
  if (what === 'miss') return { data: item, missed: { error, meaning } };
  if (what !== 'skip') throw error;
  if (meaning === 'no_items') {
    skipped.noteCut(definition, item.id);
    return { data: item };
  }
  skipped.noteGone(definition, item.id);
  return { data: item, isGone: true };
}

async function completed(
  { access, definition }: AccountStream,
  item: StripeObject,
  { skipped }: WholeContext,
): Promise<Whole> {
  const { row, changes, isCut } = await complete(access, item, access.expansions.fieldsOf(definition));
  if (isCut) skipped.noteCut(definition, item.id);
  if (changes.length === 0) return { data: row };
  const fields = changes.map(({ field }) => field);
  skipped.noteTruncated(definition, item.id, fields);
  return { data: row, changes };
}
