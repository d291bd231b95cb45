import type { StateMessage } from '../../../src/protocol/messages.js';
import {
  isIncremental as canBeIncremental,
  DEFAULT_LAG_SECONDS,
  hasCreatedFilter,
  type StreamDefinition,
} from '../../../src/streams/definition.js';
import { recordsOf, statesOf, statusesOf } from '../../connector.js';
import type { Seconds } from '../../sandbox/data/timeline.js';
import { keyOf } from '../../sandbox/inspection.js';
import type { Attempt, Dates, Life } from '../life.js';
import { ownMessages } from '../own.js';
import type { StreamPlan } from '../scenario.js';
import { definitionOf, rootOf } from '../world.js';

/** What one attempt emitted of one stream. */
export interface Entry {
  readonly attempt: Attempt;
  /** Keys of all its records, in their order. */
  readonly emitted: readonly string[];
  /** How many of them came before the last state that was seen: only these are safe. */
  readonly safe: number;
  /** Keys that were safe before, if the attempt had to continue from there. */
  readonly before: ReadonlySet<string>;
  /** Keys that are safe after it. */
  readonly after: ReadonlySet<string>;
  readonly isComplete: boolean;
  /** Whether it has no rows because the account does not have the product: older rows need never come. */
  readonly lacksProduct: boolean;
  /** Whether it may start again instead of continuing. */
  readonly mayStartAfresh: boolean;
  /** Everything created in this time must be emitted when the attempt is complete. */
  readonly due: Dates;
}

/** A stream through all attempts of a life. */
export interface Ledger {
  readonly plan: StreamPlan;
  readonly definition: StreamDefinition;
  readonly root: StreamDefinition;
  readonly isIncremental: boolean;
  readonly entries: readonly Entry[];
}

/**
 * One reading of a stream from its beginning: an incremental one never ends, and a full refresh is followed by the
 * next.
 */
interface Reading {
  readonly safe: ReadonlySet<string>;
  /** What must be emitted once it is complete. */
  readonly due: Dates;
  /** The time since which it has everything: with a later start date, what was left is read as it was. */
  readonly from: Seconds;
  /** The earliest end date that it was read with, and the latest. */
  readonly end: Seconds;
  readonly latestEnd: Seconds;
}

/** A reading as the last state describes it. */
interface Stored {
  readonly reading: Reading;
  readonly isFinished: boolean;
  readonly job: string | null;
}

export function ledgersOf(life: Life): readonly Ledger[] {
  return life.scenario.streams.map((plan) => ledgerOf(plan, life));
}

function ledgerOf(plan: StreamPlan, { attempts }: Life): Ledger {
  const definition = definitionOf(plan.name);
  const root = rootOf(definition);
  const isIncremental = plan.mode === 'incremental' && canBeIncremental(definition);
  const ledger = { plan, definition, root, isIncremental };
  const entries: Entry[] = [];
  let stored: Stored | undefined;
  for (const attempt of attempts) {
    const { entry, reading } = entryOf(ledger, attempt, stored);
    entries.push(entry);
    const last = statesOf({ messages: ownMessages(attempt, plan) }).at(-1);
    if (last) stored = { reading, isFinished: isFinished(last), job: attempt.plan.job };
  }
  return { ...ledger, entries };
}

function entryOf(ledger: Omit<Ledger, 'entries'>, attempt: Attempt, stored: Stored | undefined) {
  const { plan, definition, root } = ledger;
  const own = { messages: ownMessages(attempt, plan) };
  const emitted = recordsOf(own).map(({ data }) => keyOf(definition, data));
  const safe = statesOf(own).reduce((sum, { sourceStats }) => sum + sourceStats.recordCount, 0);
  const before = startOf(ledger, attempt, stored);
  const wasDone = !ledger.isIncremental && before !== undefined && stored?.isFinished === true;
  const isDone = wasDone && attempt.dates.from >= before.from && !isLater(root, attempt, readUntil(root, before));
  const reading: Reading = {
    safe: new Set([...(before?.safe ?? []), ...emitted.slice(0, safe)]),
    due: isDone ? before.due : dueOf(root, attempt, before?.due),
    from: isDone ? before.from : sinceOf(root, attempt.dates, before),
    end: isDone ? before.end : Math.min(before?.end ?? Number.POSITIVE_INFINITY, attempt.dates.to),
    latestEnd: isDone ? before.latestEnd : Math.max(before?.latestEnd ?? 0, attempt.dates.to),
  };
  const entry: Entry = {
    attempt,
    emitted,
    safe,
    before: before?.safe ?? new Set(),
    after: reading.safe,
    isComplete: statusesOf(own, plan.name).includes('COMPLETE'),
    lacksProduct: emitted.length === 0 && PRODUCTS.includes(root.name) && wasRefusedAsProduct(attempt),
    mayStartAfresh: wasDone && !isDone,
    due: reading.due,
  };
  return { entry, reading };
}

/**
 * What its dates ask for, up to its horizon. An attempt that continues in the middle of a list without a filter does
 * not see new objects above: they come with the next reading.
 */
function dueOf(root: StreamDefinition, { startedAt, dates }: Attempt, before: Dates | undefined): Dates {
  const due = { from: dates.from, to: Math.min(dates.to, horizonOf(root, startedAt)) };
  if (hasCreatedFilter(root) || !before) return due;
  return { from: due.from, to: Math.min(due.to, before.to) };
}

function sinceOf(root: StreamDefinition, { from }: Dates, before: Reading | undefined): Seconds {
  return before && hasCreatedFilter(root) ? Math.min(before.from, from) : from;
}

function horizonOf({ lagSeconds = DEFAULT_LAG_SECONDS }: StreamDefinition, startedAt: Seconds): Seconds {
  return startedAt - lagSeconds;
}

/**
 * What an attempt must continue from; undefined if it starts again. A full refresh continues an unfinished one unless
 * that is known to be another job's, and a finished one only within the same job. Before another sync into `overwrite`
 * the destination drops its rows, so that only the same job, by its number, continues. A list without a filter cannot
 * continue to objects that earlier dates left out.
 */
function startOf(
  { plan: { destination, mode }, isIncremental, root }: Omit<Ledger, 'entries'>,
  attempt: Attempt,
  stored: Stored | undefined,
) {
  if (!stored || isIncremental) return stored?.reading;
  const { reading, isFinished } = stored;
  const { job } = attempt.plan;
  const isSameJob = job !== null && stored.job === job;
  // Some readers say `overwrite` of everything, and mean what they configure as a full refresh.
  const isKept = destination === 'append' || mode === 'incremental';
  const mayBeSame = isSameJob || (isKept && (job === null || stored.job === null));
  if (!hasCreatedFilter(root) && asksForMore(root, attempt, stored)) return undefined;
  return (isFinished ? isSameJob : mayBeSame) ? reading : undefined;
}

/** Whether an attempt asks for objects that earlier dates left out. */
function asksForMore(root: StreamDefinition, attempt: Attempt, { reading }: Stored): boolean {
  return attempt.dates.from < reading.from || isLater(root, attempt, readUntil(root, reading));
}

/** Up to when all was read: a list without a filter is read once, and each page of it by the end date of its attempt. */
function readUntil(root: StreamDefinition, { latestEnd, end }: Reading): Seconds {
  return hasCreatedFilter(root) ? latestEnd : end;
}

/** Whether an attempt asks for objects that earlier end dates left out. */
function isLater(root: StreamDefinition, { dates, startedAt }: Attempt, end: Seconds): boolean {
  return Math.min(dates.to, horizonOf(root, startedAt)) > end;
}

/** The top-level lists that belong to a product which an account may not have. */
const PRODUCTS: readonly string[] = ['transactions', 'v2_core_accounts', 'v2_money_management_transactions'];

function wasRefusedAsProduct(attempt: Attempt): boolean {
  const { faults } = attempt.plan;
  return faults.some(({ fault }) => fault.kind === 'product_unavailable' || (fault.kind === 'status' && fault.message));
}

/** The only part of a state that is checked, because the next attempt must know whether something is left. */
function isFinished({ stream: { stream_state } }: StateMessage): boolean {
  return !('pending' in stream_state) || !Array.isArray(stream_state.pending) || stream_state.pending.length === 0;
}
