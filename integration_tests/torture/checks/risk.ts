import type { StreamDefinition } from '../../../src/streams/definition.js';
import type { Attempt, Life } from '../life.js';
import type { Scenario } from '../scenario.js';
import type { Ledger } from './ledger.js';
import { UNREACHABLE } from './unreachable.js';

/** Rows of a page of any list. */
const PAGE = 100;
/** A state is omitted while it would be more than a few per cent of the output: it covers this many rows at most. */
const ROWS_PER_STATE = 1_000;

/**
 * An attempt that ends by itself, or when asked to, leaves no row without a state. Rows that no state covers are lost
 * work when a sync is killed: at most a page of parents and a page of items for each worker, the rows between two
 * states, and the items of one parent.
 */
export function* risks({ plan, root, isIncremental, entries }: Ledger, { scenario }: Life): Generator<string> {
  for (const [n, { attempt, emitted, safe, after }] of entries.entries()) {
    const most = attempt.plan.workers * 2 * PAGE + ROWS_PER_STATE + mostItems(scenario);
    const open = emitted.length - safe;
    // Repeated rows may be covered by an earlier state, because no state is repeated with rows in between.
    const isOut = emitted.slice(safe).every((key) => after.has(key));
    // An attempt that starts again says so once, and not again with rows in between.
    const beginsAgain = !isIncremental && hasMissed(attempt, root, scenario);
    if (attempt.end !== 'SIGKILL' && attempt.end !== 'hangs' && !isOut && !beginsAgain) {
      yield `attempt ${n + 1} ends with ${attempt.end} and leaves ${open} rows of ${plan.name} without a state`;
    }
    if (open > most) yield `attempt ${n + 1} leaves ${open} rows of ${plan.name} without a state, more than ${most}`;
  }
}

/** How many items one parent has at most. */
export function mostItems({ lists }: Scenario): number {
  return Math.max(0, ...lists.map(({ items, many }) => Math.max(items, many)));
}

/** A full refresh that missed objects and has no job to continue starts again. */
export function hasMissed({ plan, refused }: Attempt, { name }: StreamDefinition, { lists }: Scenario): boolean {
  const chosen = lists.find((list) => list.name === name)?.chosenIds ?? [];
  const isUnreachable = chosen.some((id) => UNREACHABLE.includes(id));
  return plan.job === null && (isUnreachable || refused.some(({ list }) => list === name));
}
