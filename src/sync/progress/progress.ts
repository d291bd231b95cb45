/** Unix seconds, as Stripe counts them. */
export type Seconds = number;

/**
 * A stretch of a list that is still to be read: what was created in `[gte, lte]`, both inclusive, both open when absent.
 * Stripe lists newest first, so what is left of a slice after a page is the same slice with an `after`.
 */
export interface Slice {
  readonly gte?: Seconds;
  readonly lte?: Seconds;
  /** Id of the last object that was emitted. It is never used under other bounds than these. */
  readonly after?: string;
  /**
   * The newest `created` of the last page that was emitted; everything newer was emitted, as long as the list is in order.
   * Where the list is entered again when `after` is gone: one object out of order at the end of a page moves nothing.
   */
  readonly seen?: Seconds;
  /** Cut short: what is older than this second is another slice's. The bounds stay, for `after` belongs to them. */
  readonly stop?: Seconds;
  /** How far the stream is within the page that comes next, where it has been begun. */
  readonly within?: Within;
}

/** A place in a page: for a child it is one of parents, any of which may have very many children. */
export interface Within {
  /** Id of an object of the page: it was emitted, and what comes before it. For a child: its children were. */
  readonly through?: string;
  /** Parents behind that one: the child up to which their children were emitted, or null where all were. */
  readonly partly?: Readonly<Record<string, string | null>>;
}

/** How far a stream is. Immutable, so that any value of it is a snapshot. */
export interface Progress {
  /** Everything created since this time is wanted. */
  readonly from: Seconds;
  /** The cursor: everything created up to here was emitted, but for what `pending` still lists. */
  readonly created: Seconds;
  /** Slices that are not finished; none of them overlap. */
  readonly pending: readonly Slice[];
  /** The end date, where a list that cannot be cut is read with one: pages that were emitted have no rows behind it. */
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
  /** When the last object of the page before was created, where that is known. */
  readonly previous?: Seconds | undefined;
}

/** What this sync has to do, given what earlier ones did; `before` is undefined for a stream that starts afresh. */
export function plan(before: Progress | undefined, want: Want): Progress {
  if (!want.bounded) return planWhole(before, want);
  const hasRead = before !== undefined && before.from <= before.created;
  if (!hasRead) return { from: want.from, created: want.to, pending: range(want.from, want.to) };
  const next = Math.max(before.created + 1, want.from);
  // What lies between the cursor and a later start date was never read: forget what is older, so that moving the date back reads it.
  const from = next > before.created + 1 ? want.from : Math.min(before.from, want.from);
  // Up to where the older rows begin, even beyond an end date: `from` will say that nothing is missing from there on.
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
 * A list that cannot be cut is read whole, or from where an interrupted sync left it, unless that left out rows which
 * are wanted now. What came to its top since that sync began is not read then, so the cursor stays where it was: the
 * next sync reads everything again.
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

/**
 * What is left of a slice once this page is emitted; undefined when the page was its last. A slice that was cut short ends
 * with a whole page below its stop, for one object may stand out of order; a list in disorder has to be read to its end.
 */
export function below(page: PageEnd, slice: Slice): Slice | undefined {
  if (!page.hasMore) return undefined;
  const { gte, lte, stop } = slice;
  const isOrdered = !isInDisorder(slice) && !rises(page, slice);
  if (stop !== undefined && isOrdered && isBelow(page.times, stop)) return undefined;
  const seen = isOrdered && page.times.length > 0 ? Math.max(...page.times) : undefined;
  return compact({ gte, lte, after: page.lastId, seen, stop });
}

/** Whether an object of the page is newer than the one before it: the list is then not in the order of `created`. */
export function rises({ times, previous }: Pick<PageEnd, 'times' | 'previous'>, slice: Slice): boolean {
  return times.some((time, index) => time > (times[index - 1] ?? previous ?? slice.seen ?? time));
}

function isBelow(times: readonly Seconds[], stop: Seconds): boolean {
  return times.length > 0 && times.every((time) => time < stop);
}

/** Whether an object of the list was newer than the one before it. */
function isInDisorder({ after, seen }: Slice): boolean {
  return after !== undefined && seen === undefined;
}

/**
 * A slice that is entered again, by bounds alone: from a second on, which is read again, or from its top. Where it was cut
 * short, `stop` becomes its lower bound.
 */
export function reenter({ gte, lte, stop }: Slice, second = lte): Slice {
  const bottom = gte === undefined && stop === undefined ? undefined : Math.max(gte ?? 0, stop ?? 0);
  return compact({ gte: bottom, lte: second });
}

/** A slice in two that do not overlap and are together what it was. */
export interface Halves {
  readonly newer: Slice;
  readonly older: Slice;
}

/**
 * The second at which a slice falls into two halves of equal time, the first of the newer one; undefined where it cannot
 * be split. `floor` is where a slice without a lower bound is taken to begin.
 */
export function middleOf(slice: Slice, floor: Seconds): Seconds | undefined {
  const { low, top } = extentOf(slice, floor);
  return top > low ? low + Math.ceil((top - low) / 2) : undefined;
}

/** How many seconds of a slice are left, but for the one that is being read; 0 where it cannot be split. */
export function secondsLeft(slice: Slice, floor: Seconds): Seconds {
  const { low, top } = extentOf(slice, floor);
  return Math.max(0, top - low);
}

function extentOf(slice: Slice, floor: Seconds) {
  const top = isInDisorder(slice) ? undefined : (slice.seen ?? slice.lte);
  const low = slice.stop ?? slice.gte ?? floor;
  return { low, top: top ?? low };
}

/** Splits a slice of which no page was emitted, or asked for; what is created from `middle` on stays with the newer half. */
export function halve(slice: Slice, middle: Seconds): Halves {
  return { newer: { ...slice, gte: middle }, older: olderHalf(slice, middle) };
}

/** Splits a slice in use: the newer half keeps its bounds, and is told where to stop. */
export function cutShort(slice: Slice, middle: Seconds): Halves {
  return { newer: { ...slice, stop: middle }, older: olderHalf(slice, middle) };
}

function olderHalf({ gte, stop }: Slice, middle: Seconds): Slice {
  return compact({ gte: stop ?? gte, lte: middle - 1 });
}

/** A slice that is read once for all the streams that want it, by their index, each with how far it is in the next page. */
export interface Shared {
  readonly slice: Slice;
  readonly wanted: ReadonlyMap<number, Within | undefined>;
}

/**
 * What several streams on one list have to read. Slices that were not begun are cut so that they are the same or do
 * not overlap; slices in use are the same when they are equal.
 */
export function share(streams: readonly Progress[]): readonly Shared[] {
  const edges = streams.flatMap(({ pending }) => pending.filter(isFresh)).flatMap(edgesOf);
  const shared = new Map<string, { slice: Slice; wanted: Map<number, Within | undefined> }>();
  for (const [index, { pending }] of streams.entries()) {
    for (const piece of pending.flatMap((slice) => (isFresh(slice) ? cut(slice, edges) : [slice]))) {
      const { within, ...slice } = piece;
      const key = JSON.stringify([slice.gte, slice.lte, slice.after, slice.seen, slice.stop]);
      const { wanted } = shared.get(key) ?? setDefault(shared, key, { slice, wanted: new Map() });
      wanted.set(index, within);
    }
  }
  return [...shared.values()];
}

function setDefault<K, V>(map: Map<K, V>, key: K, value: V): V {
  map.set(key, value);
  return value;
}

/** Whether nothing ties a slice to its bounds. */
function isFresh({ after, stop, within }: Slice): boolean {
  return after === undefined && stop === undefined && within === undefined;
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
export function range(gte: Seconds, lte: Seconds): readonly Slice[] {
  if (lte < gte) return [];
  return [gte > 0 ? { gte, lte } : { lte }];
}

/** Neighbours that were not begun are one slice: what could not be read for long does not become ever more of them. */
function joined(slices: readonly Slice[]): readonly Slice[] {
  const out: Slice[] = [];
  for (const slice of slices) {
    const below = out.findIndex((each) => isFresh(each) && isFresh(slice) && each.lte === (slice.gte ?? 0) - 1);
    if (below < 0) out.push(slice);
    else out[below] = compact({ gte: out[below]?.gte, lte: slice.lte });
  }
  return out;
}

/** Whether nothing that is wanted was read: all of it is pending, and none of that was begun. */
export function isUnread({ from, created, pending }: Progress): boolean {
  return pending.every(isFresh) && without(range(from, created), pending).length === 0;
}

/** What is left of `slices` without the stretches that `taken` will still read. */
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
