import type { Sublist } from '../kinds/kind.js';
import type { World } from './world.js';

/** Stripe embeds at most so many items of a list in its parent. */
export const EMBEDDED_ITEMS = 10;

/**
 * How a list is embedded in its parent. Stripe promises nothing of it: the order may be another than that of the list's
 * own endpoint, what is embedded may be older than the list, and the `url` was seen to lead nowhere (2025).
 */
export interface Embedding {
  /**
   * `first`: the first items of the endpoint, in its order. `last`: its last ones, the other way round: oldest first where
   * the endpoint has the newest first. `stale`: where there are more, items that the endpoint has no longer: no place
   * to start after. Default: `first`.
   */
  readonly items?: 'first' | 'last' | 'stale';
  /** What `url` says of a parent. Default: where the whole list can be had. */
  readonly url?: (parent: string) => string;
}

/** The items that a list has now, by their numbers at the start. */
export function itemsOf(sublist: Sublist, world: World, parent: number): readonly number[] {
  const all = Array.from({ length: sublist.count(world, parent) }, (_, n) => n);
  const removed = removedOf(sublist, world).get(parent);
  return removed ? all.filter((n) => !removed.has(n)) : all;
}

/** Takes an item out of a list, for good; false when the list has none with this id. */
export function removeItem(
  sublist: Sublist,
  world: World,
  { parent, id }: { readonly parent: number; readonly id: string },
): boolean {
  const n = itemsOf(sublist, world, parent).find((each) => sublist.idOf(world, parent, each) === id);
  if (n === undefined) return false;
  const removed = removedOf(sublist, world);
  removed.set(parent, new Set([...(removed.get(parent) ?? []), n]));
  return true;
}

function removedOf({ name }: Sublist, world: World): Map<number, ReadonlySet<number>> {
  return world.once(`items removed from ${name}`, () => new Map());
}
