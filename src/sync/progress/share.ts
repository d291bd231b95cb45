import type { StoredPosition } from './page-position.js';
import type { Progress } from './plan.js';
import { isFresh, range, type Seconds, type Slice } from './slice.js';

/** A slice that is read once for all streams that want it: their indices, each with its position in the next page. */
export interface Shared {
  readonly slice: Slice;
  readonly wanted: ReadonlyMap<number, StoredPosition | undefined>;
}

/**
 * What several streams on one list have to read. Slices that were not begun are cut so that any two are equal or do not
 * overlap. Slices in use are shared if they are equal.
 */
export function share(streams: readonly Progress[]): readonly Shared[] {
  const edges = streams.flatMap(({ pending }) => pending.filter(isFresh)).flatMap(edgesOf);
  const shared = new Map<string, { slice: Slice; wanted: Map<number, StoredPosition | undefined> }>();
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

/** The second at which a slice begins, and the second after its end. */
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
