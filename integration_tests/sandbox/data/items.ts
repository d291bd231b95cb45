import type { Sublist } from '../kinds/kind.js';
import type { World } from './world.js';

/** How many items of a list Stripe embeds in its parent at most. */
export const EMBEDDED_ITEMS = 10;

/**
 * How a list is embedded in its parent. Stripe promises nothing about it: its order may differ from that of the list's
 * own endpoint, the embedded items may be older than the list, and the `url` was seen to lead nowhere (2025).
 */
export interface Embedding {
  /**
   * `first`: the first items of the endpoint, in its order. `last`: its last items, in reverse: oldest first if the
   * endpoint has the newest first. `stale`: if there are more items than are embedded, some that the endpoint no longer
   * has, so that no page can start after them. Default: `first`.
   */
  readonly items?: 'first' | 'last' | 'stale';
  /** The `url` for a parent. Default: the endpoint of the whole list. */
  readonly url?: (parent: string) => string;
}

/** The items that a list has now, by their numbers at the start. */
export function itemsOf(sublist: Sublist, world: World, parent: number): readonly number[] {
  const all = Array.from({ length: sublist.count(world, parent) }, (_, n) => n);
  const removed = removedOf(sublist, world).get(parent);
  return removed ? all.filter((n) => !removed.has(n)) : all;
}

/** Removes an item from a list for good; false if the list has none with this id. */
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
