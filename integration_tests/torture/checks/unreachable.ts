import type { Scenario } from '../scenario.js';
import { definitionOf } from '../world.js';

/** Ids that users may choose, and that no path can have: `/v1/products/../features` is `/v1/features`. */
export const UNREACHABLE: readonly string[] = ['.', '..'];

/** Whether a stream needs a path with an id that no path can have: it is never complete, then, and says so. */
export function hasUnreachable({ lists, streams }: Scenario): boolean {
  const names = lists
    .filter(({ chosenIds, rows }) => chosenIds.slice(0, rows).some((id) => UNREACHABLE.includes(id)))
    .map(({ name }) => name);
  return streams.some(({ name }) => names.includes(definitionOf(name).parent?.stream.name ?? ''));
}
