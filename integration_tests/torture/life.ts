import { statesOf } from '../connector.js';
import type { Seconds } from '../sandbox/data/timeline.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { type Items, itemsOf } from './items.js';
import { type Done, letHappen } from './mischief.js';
import type { Order, Runner, Seen } from './runner.js';
import { QUIET, type Scenario, type Settings, type TroubledPlan } from './scenario.js';
import { handedBack, keep, type States } from './stored.js';
import { build, type History, historyOf, NOW } from './world.js';

/** The seconds that an attempt was configured to read; inclusive. */
export interface Dates {
  readonly from: Seconds;
  readonly to: Seconds;
}

/** One attempt as it went. */
export interface Attempt extends Seen, Done {
  readonly plan: TroubledPlan;
  /** Whether it had no trouble. */
  readonly isCalm: boolean;
  readonly startedAt: Seconds;
  readonly dates: Dates;
  /** The last state of each stream that an orchestrator kept from earlier attempts. */
  readonly states: States;
}

/** All attempts, and what there was to read before the first and after the last of them. */
export interface Life {
  readonly scenario: Scenario;
  readonly attempts: readonly Attempt[];
  readonly start: History;
  readonly end: History;
  /** The items of the lists in records at the end. */
  readonly items: Items;
}

/** Lives through a scenario, in a sandbox of its own. */
export async function live(scenario: Scenario, runner: Runner): Promise<Life> {
  const sandbox = await build(scenario);
  try {
    const start = historyOf(sandbox, scenario);
    const attempts: Attempt[] = [];
    let clockMs = NOW * 1000;
    for (const plan of plansOf(scenario)) {
      clockMs += attempts.length === 0 ? 0 : plan.pause * 1000;
      const isCalm = attempts.length >= scenario.attempts.length;
      const { attempt, tookMs } = await attemptOf({ sandbox, scenario, runner, start }, plan, {
        isCalm,
        startMs: clockMs,
        states: statesAfter(attempts.at(-1)),
      });
      attempts.push(attempt);
      clockMs += tookMs;
    }
    const items = itemsOf(sandbox, scenario, attempts);
    return { scenario, attempts, start, end: historyOf(sandbox, scenario), items };
  } finally {
    await sandbox.close();
  }
}

function plansOf({ attempts, calm }: Scenario): readonly TroubledPlan[] {
  return [...attempts, ...calm.map((settings) => ({ ...settings, ...QUIET }))];
}

function statesAfter(attempt: Attempt | undefined): States {
  return attempt ? keep(attempt.states, statesOf(attempt)) : new Map();
}

interface Stage {
  readonly sandbox: Sandbox;
  readonly scenario: Scenario;
  readonly runner: Runner;
  readonly start: History;
}

type Given = Pick<Attempt, 'isCalm' | 'states'> & Pick<Order, 'startMs'>;

async function attemptOf(stage: Stage, plan: TroubledPlan, { isCalm, states, startMs }: Given) {
  const { sandbox, scenario, runner, start } = stage;
  const dates = datesOf(scenario, start, plan);
  const started = performance.now();
  const elapsedMs = () => performance.now() - started;
  const now = () => Math.floor((startMs + elapsedMs()) / 1000);
  const stop = letHappen({ sandbox, scenario, states, now }, plan);
  const seen = await runner({
    config: configOf(sandbox, scenario, { plan, dates }),
    catalog: catalogOf(scenario),
    state: handedBack(states, plan.stateForm),
    job: plan.job,
    startMs,
    ...strikeOf(plan, start),
  });
  const attempt: Attempt = {
    ...seen,
    plan,
    isCalm,
    startedAt: Math.floor(startMs / 1000),
    dates,
    states,
    ...stop(),
  };
  return { attempt, tookMs: Math.ceil(elapsedMs()) };
}

/** When an attempt is to be ended: a share of 1 is about all there is to read, and small ones are likely. */
function strikeOf({ ending }: TroubledPlan, start: History): Pick<Order, 'lines' | 'signal'> {
  if (ending.kind === 'itself') return { lines: 0, signal: 'SIGTERM' };
  const rows = [...start.values()].reduce((sum, { length }) => sum + length, 0);
  return { lines: 1 + Math.floor(ending.share ** 2 * (rows + 10 * start.size)), signal: ending.kind };
}

const ALWAYS: Dates = { from: 0, to: Number.POSITIVE_INFINITY };

/**
 * Ranks of objects of the first list as dates, because only the seconds at which something was created are worth
 * trying.
 */
function datesOf({ streams }: Scenario, start: History, { start: first, end: last }: Settings): Dates {
  const times = (start.get(streams[0]?.name ?? '') ?? []).map(({ created }) => created).sort((a, b) => a - b);
  const at = (rank: number) => times[Math.round(rank * (times.length - 1))];
  const [one, other] = [first === null ? undefined : at(first), last === null ? undefined : at(last)];
  const isSwapped = one !== undefined && other !== undefined && one > other;
  return { from: (isSwapped ? other : one) ?? ALWAYS.from, to: (isSwapped ? one : other) ?? ALWAYS.to };
}

/** Few retries, so that a fault that stays soon ends its stream. */
const RETRIES = 2;

interface Configured {
  readonly plan: Settings;
  readonly dates: Dates;
}

function configOf({ apiKey, url }: Sandbox, { lists }: Scenario, { plan, dates: { from, to } }: Configured): object {
  const hasPayments = lists.some(({ name, isExpanded }) => name === 'invoices' && isExpanded);
  return {
    api_key: apiKey,
    api_base: url,
    requests_per_second: 1e6,
    endpoint_requests_per_second: 1e6,
    max_retries: RETRIES,
    max_concurrency: plan.workers,
    loading_mode: plan.loading,
    capture_changes: false,
    lookback_window_days: plan.lookbackDays,
    ...(hasPayments ? { expand: { invoices: ['payments'] } } : {}),
    ...(from > ALWAYS.from ? { start_date: isoTime(from) } : {}),
    ...(to < ALWAYS.to ? { end_date: isoTime(to) } : {}),
  };
}

function isoTime(seconds: Seconds): string {
  return new Date(seconds * 1000).toISOString();
}

function catalogOf({ streams }: Scenario): object {
  return {
    streams: streams.map(({ name, namespace, mode, destination }) => ({
      stream: {
        name,
        ...(namespace === null ? {} : { namespace }),
        json_schema: {},
        supported_sync_modes: ['full_refresh', 'incremental'],
      },
      sync_mode: mode,
      destination_sync_mode: destination,
    })),
  };
}
