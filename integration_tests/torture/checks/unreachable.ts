import type { ListPlan, Scenario } from '../scenario.js';
import { definitionOf } from '../world.js';

/** Ids that users may choose, and that no path can have: `/v1/products/../features` is `/v1/features`. */
export const UNREACHABLE: readonly string[] = ['.', '..'];

/** Whether a stream needs a path with an id that no path can have: then it is never complete, and says so. */
export function hasUnreachable(scenario: Scenario): boolean {
  const names = scenario.lists
    .filter((list) => idsChosenIn(list, scenario).some(isUnreachable))
    .map(({ name }) => name);
  return scenario.streams.some(({ name }) => names.includes(definitionOf(name).parent?.stream.name ?? ''));
}

/** The ids that users chose, of objects of the start and of those that appear later. */
function idsChosenIn(list: ListPlan, { lists, attempts }: Scenario): readonly string[] {
  const index = lists.indexOf(list);
  const later = attempts.flatMap(({ changes }) => changes).filter((change) => change.list === index);
  const count = later.reduce((sum, change) => sum + (change.kind === 'append' ? change.count : 0), list.rows);
  return list.chosenIds.slice(0, count);
}

function isUnreachable(id: string): boolean {
  return UNREACHABLE.includes(id);
}
