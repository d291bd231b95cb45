import { DEFAULT_LAG_SECONDS, hasCreatedFilter, type StreamDefinition } from '../../../src/streams/definition.js';
import type { Seconds } from '../../sandbox/data/timeline.js';
import type { Attempt, Life } from '../life.js';
import type { Scenario } from '../scenario.js';
import type { Entry, Ledger } from './ledger.js';
import { hasMissed, mostItems } from './risk.js';
import { UNREACHABLE } from './unreachable.js';

const SHOWN = 3;

/**
 * Rows that were safe, or were emitted earlier in the same attempt, are only repeated where the connector promises no
 * better.
 */
export function* repeats(ledger: Ledger, life: Life): Generator<string> {
  const { name } = ledger.plan;
  const createdOf = new Map(
    [...(life.start.get(name) ?? []), ...(life.end.get(name) ?? [])].map(({ key, created }) => [key, created]),
  );
  for (const [n, entry] of ledger.entries.entries()) {
    if (entry.mayStartAfresh || mayRepeatAnything(ledger, life, n)) continue;
    const seconds = reenteredSeconds(ledger, life, n);
    const again = repeatsOf(entry).filter((key) => !seconds.has(createdOf.get(key) ?? -1));
    if (again.length <= rowsOfLostPlaces(ledger, life, n)) continue;
    yield `attempt ${n + 1} emits ${again.length} rows of ${name} again: ${again.slice(0, SHOWN).join(', ')}`;
  }
}

function repeatsOf({ before, emitted }: Entry): readonly string[] {
  const out = new Set(before);
  return emitted.filter((key) => {
    if (out.has(key)) return true;
    out.add(key);
    return false;
  });
}

/** Objects of a page of a list. */
const PAGE = 100;

/**
 * A state in the middle of a page names an object that was emitted. If that object was removed since, or others were
 * listed before it, the position is lost, and the emitted rows of the page are repeated: one page for each worker.
 */
function rowsOfLostPlaces({ definition, root }: Ledger, { scenario, attempts }: Life, n: number): number {
  const past = attempts.slice(0, n + 1);
  const wasRemoved = past.some(({ removals }) => removals.some(({ list }) => list === root.name));
  const wasAppended = past.some(({ plan }) => plan.changes.some(({ kind }) => kind === 'append'));
  if (!wasRemoved && !(wasAppended && !hasCreatedFilter(root))) return 0;
  const items = definition.parent ? mostItems(scenario) : 1;
  return Math.max(...past.map(({ plan }) => plan.workers)) * PAGE * items;
}

/** A list that is entered again at an object that was removed or refused repeats the second of that object. */
function reenteredSeconds({ root, plan }: Ledger, { attempts, end }: Life, until: number): ReadonlySet<Seconds> {
  const past = attempts.slice(0, until + 1).flatMap(({ removals, refused }) => [...removals, ...refused]);
  const unreachable = (end.get(plan.name) ?? []).filter((row) => UNREACHABLE.includes(row.root));
  const own = past.filter(({ list }) => list === root.name);
  return new Set([...own, ...unreachable].map(({ created }) => created));
}

function mayRepeatAnything(ledger: Ledger, { scenario, attempts }: Life, n: number): boolean {
  const { definition, root, isIncremental } = ledger;
  const past = attempts.slice(0, n + 1);
  return (
    (isIncremental && past.some(({ plan }) => plan.lookbackDays > 0)) ||
    hasFault(past, 'same_page') ||
    hasFault(past, 'foreign_item') ||
    isOutOfOrder(root, scenario) ||
    (!hasCreatedFilter(root) && past.some(({ refused }) => refused.some(({ list }) => list === root.name))) ||
    (!isIncremental && past.some((attempt) => hasMissed(attempt, root, scenario))) ||
    (definition.parent !== undefined && wasItemLost(past)) ||
    lostTokens(root, past) ||
    (wasEntryLost(root, past) && (!root.newestFirst || !hasCreatedFilter(root))) ||
    wasForgotten(root, past)
  );
}

/** A slice that was cut short is read again in full when the list turns out to be in disorder. */
function isOutOfOrder({ name }: StreamDefinition, { lists }: Scenario): boolean {
  return lists.some((list) => list.name === name && list.straggler !== null);
}

/** A refused page token of API v2 may be too old, so the list is entered again. */
function lostTokens({ path }: StreamDefinition, attempts: readonly Attempt[]): boolean {
  const isRefusal = ({ fault }: Attempt['plan']['faults'][number]) =>
    fault.kind === 'product_unavailable' || (fault.kind === 'status' && fault.status === 400);
  return path.startsWith('/v2/') && attempts.some(({ plan }) => plan.faults.some(isRefusal));
}

function wasItemLost(attempts: readonly Attempt[]): boolean {
  return attempts.some(({ plan }) => plan.changes.some(({ kind }) => kind === 'lose_item'));
}

/** A page was to start after an object that had been removed. */
function wasEntryLost({ name }: StreamDefinition, attempts: readonly Attempt[]): boolean {
  const removed = attempts.flatMap(({ removals }) => removals).filter(({ list }) => list === name);
  return removed.some(({ id }) => attempts.some(({ startedAfter }) => startedAfter.has(id)));
}

function hasFault(attempts: readonly Attempt[], kind: string): boolean {
  return attempts.some(({ plan }) => plan.faults.some(({ fault }) => fault.kind === kind));
}

/** A start date beyond the cursor makes the stream forget what is older, because what lies between was never read. */
function wasForgotten({ lagSeconds = DEFAULT_LAG_SECONDS }: StreamDefinition, attempts: readonly Attempt[]): boolean {
  const cursorOf = ({ dates, startedAt }: Attempt) => Math.min(dates.to, startedAt - lagSeconds);
  return attempts.some(({ dates }, n) => attempts.slice(0, n).some((earlier) => dates.from > cursorOf(earlier) + 1));
}
