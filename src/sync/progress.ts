/** Unix seconds, as Stripe counts them. */
export type Seconds = number;

/**
 * A stretch of a list that is still to be read: what was created in `[gte, lte]`, both inclusive, both open when absent.
 * Stripe lists newest first, so what is left of a slice after a page is the same slice with an `after`.
 */
export interface Slice {
  readonly gte?: Seconds;
  readonly lte?: Seconds;
  /** Id of the last object that is out. It is never used under other bounds than these. */
  readonly after?: string;
  /** When that object was created: where to go on if it is gone. */
  readonly seen?: Seconds;
}

/** How far a stream is. Immutable, so that any value of it is a snapshot. */
export interface Progress {
  /** Everything created since this time is wanted. */
  readonly from: Seconds;
  /** The cursor: everything created up to here is out, but for what `pending` still lists. */
  readonly created: Seconds;
  /** Slices that are not finished; none of them overlap. */
  readonly pending: readonly Slice[];
}

/** What the configuration and the clock ask of a stream. */
export interface Want {
  /** The start date, 0 for all history. */
  readonly from: Seconds;
  /** The horizon of this sync, or the end date if that is earlier. */
  readonly to: Seconds;
  /** Whether the list can be cut by `created`. If not, it is one slice without bounds. */
  readonly bounded: boolean;
  /** How far behind the cursor to read again. */
  readonly lookback: Seconds;
}

/** A page as far as it moves a slice on. */
export interface PageEnd {
  readonly hasMore: boolean;
  /** Id of its last object. */
  readonly lastId?: string | undefined;
  /** When its objects were created, in their order; empty where that cannot be used to enter the list again. */
  readonly times: readonly Seconds[];
}

/** What this sync has to do, given what earlier ones did; `before` is undefined for a stream that starts afresh. */
export function plan(before: Progress | undefined, want: Want): Progress {
  if (!want.bounded) return planWhole(before, want);
  const hasRead = before !== undefined && before.from <= before.created;
  if (!hasRead) return { from: want.from, created: want.to, pending: range(want.from, want.to) };
  const next = Math.max(before.created + 1, want.from);
  // Between cursor and a later start date nobody looked: forget what is older, so that moving the date back reads it.
  const from = next > before.created + 1 ? want.from : Math.min(before.from, want.from);
  // Up to where the older rows begin, even beyond an end date: `from` will say that nothing is missing from there on.
  const gap = range(want.from, before.from - 1);
  const again = range(Math.max(next - want.lookback, want.from, before.from), Math.min(before.created, want.to));
  const older = without([...gap, ...again], before.pending);
  return {
    from,
    created: Math.max(before.created, want.to),
    pending: [...before.pending, ...older, ...range(next, want.to)],
  };
}

/**
 * A list that cannot be cut is read whole, or from where an interrupted sync left it. What came to its top since that
 * sync began is not read then, so the cursor stays where it was: the next sync reads everything again.
 */
function planWhole(before: Progress | undefined, want: Want): Progress {
  if (before !== undefined && before.pending.length > 0) return { ...before, from: want.from };
  return { from: want.from, created: Math.max(before?.created ?? 0, want.to), pending: [{}] };
}

/** What is left of a slice once this page is out; undefined when the page was its last. */
export function below(page: PageEnd, slice: Slice): Slice | undefined {
  if (!page.hasMore) return undefined;
  return compact({ gte: slice.gte, lte: slice.lte, after: page.lastId, seen: lastSeen(page.times, slice) });
}

/**
 * The second to which everything newer is out: the last object's, as long as no object was newer than the one before
 * it. Once the order is broken, a slice can only be entered again from its top.
 */
function lastSeen(times: readonly Seconds[], { after, seen }: Slice): Seconds | undefined {
  const orderWasBroken = after !== undefined && seen === undefined;
  const isFalling = times.every((time, index) => time <= (times[index - 1] ?? seen ?? time));
  return orderWasBroken || !isFalling ? undefined : times.at(-1);
}

/** Where to go on when the object of `after` is gone: from its second on, which is read again, or from the top. */
export function reenter({ gte, lte, seen }: Slice): Slice {
  return compact({ gte, lte: seen ?? lte });
}

/** The state that may be written once the rows above `left` are out. `slice` is one of `pending`, the very object. */
export function advance(progress: Progress, slice: Slice, left: Slice | undefined): Progress {
  const pending = progress.pending.flatMap((each) => (each === slice ? (left ? [left] : []) : [each]));
  return { ...progress, pending };
}

/**
 * Cuts slices that nobody has begun so that those of several streams on one list either are the same object or do not
 * overlap: each can then be walked once for all streams that want it. Slices in use are the same when they are equal.
 */
export function align(streams: readonly Progress[]): readonly Progress[] {
  const edges = streams.flatMap(({ pending }) => pending.filter(isFresh)).flatMap(edgesOf);
  const shared = new Map<string, Slice>();
  const share = (slice: Slice): Slice => {
    const key = JSON.stringify([slice.gte, slice.lte, slice.after, slice.seen]);
    const same = shared.get(key) ?? slice;
    shared.set(key, same);
    return same;
  };
  return streams.map((progress) => ({
    ...progress,
    pending: progress.pending.flatMap((slice) => (isFresh(slice) ? cut(slice, edges) : [slice])).map(share),
  }));
}

function isFresh({ after }: Slice): boolean {
  return after === undefined;
}

/** The seconds at which a slice begins, or one begins behind it. */
function edgesOf({ gte, lte }: Slice): readonly Seconds[] {
  return [...(gte === undefined ? [] : [gte]), ...(lte === undefined ? [] : [lte + 1])];
}

function cut(slice: Slice, edges: readonly Seconds[]): readonly Slice[] {
  const { lte } = slice;
  const gte = slice.gte ?? 0;
  if (lte === undefined) return [slice];
  const inside = [...new Set(edges)].filter((edge) => edge > gte && edge <= lte).sort((a, b) => a - b);
  return [gte, ...inside].flatMap((start, index) => range(start, (inside[index] ?? lte + 1) - 1));
}

function compact(slice: { readonly [key in keyof Slice]: Slice[key] | undefined }): Slice {
  return Object.fromEntries(Object.entries(slice).filter(([, value]) => value !== undefined));
}

/** The slice from `gte` to `lte`, or none. All history needs no lower bound. */
function range(gte: Seconds, lte: Seconds): readonly Slice[] {
  if (lte < gte) return [];
  return [gte > 0 ? { gte, lte } : { lte }];
}

/** What is left of `slices` without the stretches that `taken` will still read. */
function without(slices: readonly Slice[], taken: readonly Slice[]): readonly Slice[] {
  return taken.reduce<readonly Slice[]>((left, slice) => left.flatMap((each) => subtract(each, slice)), slices);
}

function subtract(slice: Slice, taken: Slice): readonly Slice[] {
  const [gte, lte] = [slice.gte ?? 0, slice.lte ?? 0];
  const from = taken.gte ?? 0;
  const to = taken.seen ?? taken.lte ?? lte;
  if (to < gte || from > lte) return [slice];
  return [...range(gte, from - 1), ...range(to + 1, lte)];
}
