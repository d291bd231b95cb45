import { type Spread, spread } from './spread.js';

/** One sequence made of several, each spread over all of it: which part stands at a place, and where a part's item is. */
export interface Interleaving {
  /** `part` is the number of parts for the places that no part takes. */
  readonly at: (place: number) => { readonly part: number; readonly n: number };
  readonly placeOf: (part: number, n: number) => number | undefined;
}

interface Layer {
  readonly length: number;
  readonly size: number;
  readonly spread: Spread;
}

/** The largest share of the free positions that one part may take, so that later parts get some, too. */
const LARGEST_SHARE = 0.85;

export function interleave(length: number, sizes: readonly number[]): Interleaving {
  const layers: Layer[] = [];
  let left = length;
  for (const wanted of sizes) {
    const size = Math.min(wanted, Math.floor(left * LARGEST_SHARE));
    layers.push({ length: left, size, spread: spread(left, size) });
    left -= size;
  }

  function at(place: number): { part: number; n: number } {
    let n = place;
    for (const [part, layer] of layers.entries()) {
      const taken = layer.size === 0 ? undefined : layer.spread.firstOf(n);
      if (taken !== undefined) return { part, n: taken };
      n -= takenBefore(layer, n);
    }
    return { part: layers.length, n };
  }

  function placeOf(part: number, n: number): number | undefined {
    const own = layers[part];
    if (own && n >= own.size) return undefined;
    let place = own ? own.spread.parentOf(n) : n;
    for (let i = part - 1; i >= 0; i -= 1) {
      const layer = layers[i];
      if (layer) place = freePlace(layer, place);
    }
    return place;
  }

  return { at, placeOf };
}

function takenBefore({ length, size }: Layer, place: number): number {
  return Math.ceil((place * size) / length);
}

/** The place of the n-th item that this layer leaves free. */
function freePlace(layer: Layer, n: number): number {
  let low = n;
  let high = layer.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (middle + 1 - takenBefore(layer, middle + 1) > n) high = middle;
    else low = middle + 1;
  }
  return low;
}
