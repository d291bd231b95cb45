import type { Sublist, World } from './model.js';

/** How many items of a list Stripe embeds in its parent at most. */
export const EMBEDDED_ITEMS = 10;

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
