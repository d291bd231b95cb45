import type { ConfiguredStream } from '../protocol/catalog.js';
import { log, traceError, type Write } from '../protocol/messages.js';
import type { InputState } from '../protocol/state.js';
import type { StreamDefinition } from '../streams/definition.js';
import type { Client } from '../stripe/client.js';
import { Failures } from './failures/failures.js';
import type { Family } from './family.js';
import { Walk } from './lists/list-reader.js';
import type { ListContext, Say } from './lists/lists.js';
import type { Reading } from './output/reading.js';
import { Pool } from './pool.js';
import { fixHorizon, open, withoutUnknown } from './prepare.js';
import type { Seconds } from './progress/progress.js';
import type { Window } from './rows/rows.js';

export interface Sync {
  readonly client: Client;
  readonly write: Write;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly streams: readonly ConfiguredStream[];
  readonly catalog: readonly StreamDefinition[];
  readonly state: InputState;
  readonly window: Window;
  readonly lookback: Seconds;
  /** How many requests may be in flight. */
  readonly maxConcurrency: number;
  /** One request at a time for each list, rows in Stripe's own order. */
  readonly isSerial: boolean;
  readonly livemode: boolean | undefined;
  readonly expansions: ListContext['expansions'];
  /** The platform's number of this job; attempts of one job share it. */
  readonly job: string | undefined;
  /** The connected account that is read, where the configuration names one. */
  readonly accountId: string | undefined;
  /** Told of the sync once its streams are known; returns how to say that it is over. */
  readonly watch: (running: Running) => () => void;
}

/** A sync under way. */
export interface Running {
  readonly readings: readonly Reading[];
  /** Makes every stream that is being read say where it stands. */
  readonly beat: () => Promise<void>;
}

/** Reads all configured streams. True when each of them is complete, as exit code 0 will say. */
export async function sync(options: Sync): Promise<boolean> {
  const failures = new Failures();
  const known = await withoutUnknown(options, failures);
  const horizon = await fixHorizon(options, known);
  if (horizon === undefined) return false;
  const readings = await open({ ...options, failures }, known, horizon);
  const start = options.now();
  const pool = new Pool(options.maxConcurrency);
  const context = { ...options, floor: horizon.floor, pool, say: sayWith(options), ending: {} };
  const walks = familiesOf(readings).map((family) => new Walk(context, family));
  const stopWatching = options.watch({ readings, beat: () => beatAll(walks) });
  try {
    await pool.run(walks);
  } catch (error) {
    if (options.signal.aborted) for (const walk of walks) await walk.stop();
    await tellFailures(options, failures);
    throw error;
  } finally {
    stopWatching();
  }
  await tellFailures(options, failures);
  await tellTotal(options, readings, start);
  return failures.isEmpty && readings.every(({ outcome }) => outcome === 'complete');
}

/** Streams on one top-level list share a walk. */
function familiesOf(readings: readonly Reading[]): readonly Family[] {
  const families = new Map<StreamDefinition, Reading[]>();
  for (const reading of readings) {
    const root = reading.definition.parent?.stream ?? reading.definition;
    families.set(root, [...(families.get(root) ?? []), reading]);
  }
  return [...families].map(([root, members]) => ({ root, readings: members }));
}

async function beatAll(walks: readonly Walk[]): Promise<void> {
  for (const walk of walks) await walk.beat();
}

function sayWith({ write }: Sync): Say {
  return (level, text) => write(log(level, text));
}

/** Readers that stop at the first TRACE ERROR have the rows of all streams by then. */
async function tellFailures({ write, now }: Sync, { traces }: Failures): Promise<void> {
  for (const trace of traces) await write(traceError(trace, now()));
}

/** Requests are a cost: Stripe grants an allowance of them. */
async function tellTotal(options: Sync, readings: readonly Reading[], start: number): Promise<void> {
  const { client, now, streams: configured } = options;
  const rows = readings.reduce((sum, reading) => sum + reading.rows, 0);
  const complete = readings.filter(({ outcome }) => outcome === 'complete').length;
  const seconds = ((now() - start) / 1000).toFixed(1);
  const streams = `${complete} of ${configured.length} streams complete`;
  await sayWith(options)('INFO', `${streams}: ${rows} rows in ${client.requests()} requests and ${seconds} s`);
}
