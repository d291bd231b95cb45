import { compact, isFresh, range, type Seconds, type Slice } from './slice.js';

/** How far a stream is. Immutable, so that every value is a snapshot. */
export interface Progress {
  /** Everything created since this time is wanted. */
  readonly from: Seconds;
  /** The cursor: everything created up to here was emitted, except what `pending` still lists. */
  readonly created: Seconds;
  /** Slices that are not finished; they do not overlap. */
  readonly pending: readonly Slice[];
  /** The end date of a full refresh, or of a list that cannot be cut: emitted pages left out rows after it. */
  readonly end?: Seconds;
}

/** What the configuration and the clock ask of a stream. */
export interface Want {
  /** The start date, 0 for all history. */
  readonly from: Seconds;
  /** The horizon of this sync, or the end date if that is earlier. */
  readonly to: Seconds;
  /** The end date, if there is one. */
  readonly end?: Seconds;
  /** Whether the list can be cut by `created`. If not, it is one slice without bounds. */
  readonly bounded: boolean;
  /** How many seconds before the cursor to read again. */
  readonly lookback: Seconds;
}

/** What this sync has to do, given what earlier ones did; `before` is undefined for a stream that starts afresh. */
export function plan(before: Progress | undefined, want: Want): Progress {
  if (!want.bounded) return planWhole(before, want);
  const hasRead = before !== undefined && before.from <= before.created;
  if (!hasRead) return { from: want.from, created: want.to, pending: range(want.from, want.to) };
  const next = Math.max(before.created + 1, want.from);
  // Time between the cursor and a later start date stays unread: `from` moves up, so moving the date back reads it.
  const from = next > before.created + 1 ? want.from : Math.min(before.from, want.from);
  // The gap reaches up to what was read, even beyond an end date, because `from` will say that nothing is missing.
  const gap = range(want.from, before.from - 1);
  const again = range(Math.max(next - want.lookback, want.from, before.from), Math.min(before.created, want.to));
  const older = without([...gap, ...again], before.pending);
  return {
    from,
    created: Math.max(before.created, want.to),
    pending: joined([...before.pending, ...older, ...range(next, want.to)]),
  };
}

/**
 * A list that cannot be cut is read whole, or from where an interrupted sync left it, unless that sync left out rows
 * that are wanted now. A continued read misses the objects that came to the top since it began, so the cursor stays
 * where it was, and the next sync reads everything again.
 */
function planWhole(before: Progress | undefined, want: Want): Progress {
  const { from, to, end } = want;
  if (before !== undefined && before.pending.length > 0 && isWithin(want, before)) {
    const isWhole = before.pending.some((slice) => Object.keys(slice).length === 0);
    const pending = isWhole ? [{}] : before.pending;
    return { ...before, pending, from, ...(end === undefined ? {} : { end }) };
  }
  return { from, created: Math.max(before?.created ?? 0, to), pending: [{}], ...(end === undefined ? {} : { end }) };
}

function isWithin({ from, to }: Want, before: Progress): boolean {
  return from >= before.from && (before.end === undefined || to <= before.end);
}

/** Merges neighbours that were not begun, so that a stream that fails for long does not collect ever more slices. */
function joined(slices: readonly Slice[]): readonly Slice[] {
  const out: Slice[] = [];
  for (const slice of slices) {
    const below = out.findIndex((each) => isFresh(each) && isFresh(slice) && each.lte === (slice.gte ?? 0) - 1);
    if (below < 0) out.push(slice);
    else out[below] = compact({ gte: out[below]?.gte, lte: slice.lte });
  }
  return out;
}

/** Whether no wanted row was read: all of them are pending, and no slice was begun. */
export function isUnread({ from, created, pending }: Progress): boolean {
  return pending.every(isFresh) && without(range(from, created), pending).length === 0;
}

/** `slices` without what `taken` will still read. */
function without(slices: readonly Slice[], taken: readonly Slice[]): readonly Slice[] {
  return taken.reduce<readonly Slice[]>((left, slice) => left.flatMap((each) => subtract(each, slice)), slices);
}

function subtract(slice: Slice, taken: Slice): readonly Slice[] {
  const [gte, lte] = [slice.gte ?? 0, slice.lte ?? 0];
  const from = taken.stop ?? taken.gte ?? 0;
  const to = taken.seen ?? taken.lte ?? lte;
  if (to < gte || from > lte) return [slice];
  return [...range(gte, from - 1), ...range(to + 1, lte)];
}
