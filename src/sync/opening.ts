import type { ConfiguredStream } from '../protocol/catalog.js';
import { log, streamStatus } from '../protocol/messages.js';
import { DEFAULT_LAG_SECONDS, growsByCreated, type StreamDefinition } from '../streams/definition.js';
import type { Account } from '../stripe/api.generated.js';
import type { Client } from '../stripe/client.js';
import { StripeError } from '../stripe/errors.js';
import {
  AIRBYTE_LAG_SECONDS,
  type Checkpoint,
  checkOrigin,
  mergeOrigins,
  type Origin,
  parseCheckpoint,
} from './checkpoint.js';
import { traceOf } from './failure.js';
import { plan, type Seconds } from './progress.js';
import { Reading } from './reading.js';
import type { Sync } from './sync.js';

/** A configured stream that there is. */
export type Known = ConfiguredStream & { readonly definition: StreamDefinition };

/** A stream that does not exist is INCOMPLETE, and no reason for the others to fail (Airbyte protocol). */
export async function withoutUnknown({ streams, catalog, write, now }: Sync): Promise<readonly Known[]> {
  const known: Known[] = [];
  for (const stream of streams) {
    const definition = catalog.find(({ name }) => name === stream.descriptor.name);
    if (definition) {
      known.push({ ...stream, definition });
      continue;
    }
    const { name } = stream.descriptor;
    await write(log('WARN', `There is no stream ${name}: it is skipped. Remove it from the catalog, or run discover.`));
    await write(streamStatus(stream.descriptor, 'INCOMPLETE', now()));
  }
  return known;
}

/** Clocks differ by seconds; by more only when one is wrong. */
const NOTEWORTHY_SKEW_MS = 300_000;

/** What one sync goes by, fixed before its first request for rows. */
export interface Horizon {
  /** The clock of this sync: the local one or Stripe's, whichever is behind. */
  readonly now: Seconds;
  readonly origin: Origin;
  /** When the account began, as far as is known. */
  readonly floor: Seconds;
}

/**
 * Asks for the account first: a bad key then fails once and not once a stream, the state can be compared with the
 * account, and Stripe's clock is known before the horizon is fixed. Undefined when nothing can be read.
 */
export async function fixHorizon(options: Sync, known: readonly Known[]): Promise<Horizon | undefined> {
  const { client, livemode } = options;
  try {
    const { id: account = options.accountId, created: floor = STRIPE_BEGAN } = await identify(client);
    return { now: await compareClocks(options), origin: { livemode, account }, floor };
  } catch (error) {
    options.signal.throwIfAborted();
    if (!(error instanceof StripeError)) throw error;
    for (const { descriptor } of known) {
      await options.write(streamStatus(descriptor, 'INCOMPLETE', options.now()));
    }
    await options.write({ type: 'TRACE', trace: { type: 'ERROR', emitted_at: options.now(), error: traceOf(error) } });
    return undefined;
  }
}

/** The clock that is behind. */
async function compareClocks({ now, client, write }: Sync): Promise<Seconds> {
  const [local, stripe] = [now(), client.stripeTime() ?? now()];
  const behind = Math.max(0, Math.floor(Math.min(local, stripe) / 1000));
  if (Math.abs(local - stripe) > NOTEWORTHY_SKEW_MS) {
    const minutes = Math.round(Math.abs(local - stripe) / 60_000);
    const text = `The clock here and Stripe's differ by ${minutes} minutes. Rows are read up to ${isoTime(behind)}.`;
    await write(log('WARN', text));
  }
  return behind;
}

/** 2011-01-01: Stripe opened in that year. */
const STRIPE_BEGAN = 1_293_840_000;

/** The account that is read; without anything when the key may not see it. */
async function identify(client: Client): Promise<{ readonly id?: string; readonly created?: Seconds }> {
  try {
    const { id, created } = (await client.get({ path: '/v1/account' })) as Partial<Account>;
    return { ...(typeof id === 'string' ? { id } : {}), ...(typeof created === 'number' ? { created } : {}) };
  } catch (error) {
    if (error instanceof StripeError && error.kind === 'permission') return {};
    throw error;
  }
}

/** The streams with what each has to do. Those whose state cannot be used have failed. */
export async function open(options: Sync, streams: readonly Known[], horizon: Horizon) {
  const opened: Reading[] = [];
  let failed = 0;
  for (const stream of streams) {
    try {
      const { descriptor } = stream;
      const stored = parseCheckpoint(options.state.of(descriptor), descriptor.name);
      const start = { ...horizon, stored };
      const checkpoint = checkpointOf(options, stream, start);
      for (const warning of warningsOf(stream, start)) await options.write(log('WARN', warning));
      opened.push(new Reading({ ...stream, checkpoint, write: options.write, now: options.now }));
    } catch (error) {
      failed += 1;
      await options.write(streamStatus(stream.descriptor, 'INCOMPLETE', options.now()));
      const trace = { ...traceOf(error), stream_descriptor: stream.descriptor };
      await options.write({ type: 'TRACE', trace: { type: 'ERROR', emitted_at: options.now(), error: trace } });
    }
  }
  return { opened, failed };
}

const SECONDS_PER_DAY = 86_400;

/** What a stream starts from. */
interface Start extends Horizon {
  readonly stored: Checkpoint | undefined;
}

/** Where a stream stands at the start of this sync, with what the sync has to do in `pending`. */
function checkpointOf(options: Sync, { descriptor, definition, syncMode }: Known, start: Start): Checkpoint {
  const { stored, ...horizon } = start;
  if (stored) checkOrigin(stored.origin, horizon.origin, descriptor.name);
  const origin = mergeOrigins(stored?.origin, horizon.origin);
  const root = definition.parent?.stream ?? definition;
  const lag = root.lagSeconds ?? DEFAULT_LAG_SECONDS;
  const { from, to: end } = options.window;
  const want = {
    from,
    to: Math.min(Math.max(0, horizon.now - lag), end ?? Number.POSITIVE_INFINITY),
    ...(end === undefined ? {} : { end }),
    bounded: growsByCreated(root),
  };
  if (syncMode === 'incremental' && growsByCreated(definition)) {
    return { origin, progress: plan(stored?.progress, { ...want, lookback: options.lookback }) };
  }
  const fullRefresh = { job: options.job ?? null };
  if (stored && isDoneInThisJob(stored, options)) return { origin, fullRefresh, progress: stored.progress };
  const unfinished = stored && isUnfinished(stored, options.job) ? stored.progress : undefined;
  return { origin, fullRefresh, progress: plan(unfinished, { ...want, lookback: 0 }) };
}

/** A later attempt of the same job must not read a finished stream again; any other sync must. */
function isDoneInThisJob({ fullRefresh, progress }: Checkpoint, { job, window }: Sync): boolean {
  const isSameJob = job !== undefined && fullRefresh?.job === job;
  return isSameJob && progress.pending.length === 0 && progress.from <= window.from;
}

/** A full refresh that was interrupted is continued, unless it is known to be another job's. */
function isUnfinished({ fullRefresh, progress }: Checkpoint, job: string | undefined): boolean {
  if (!fullRefresh || progress.pending.length === 0) return false;
  return job === undefined || fullRefresh.job === null || fullRefresh.job === job;
}

/** What the stored state means for this sync, where a user would not expect it. */
function* warningsOf({ descriptor, definition }: Known, start: Start): Generator<string> {
  const { stored, now } = start;
  if (!stored || !growsByCreated(definition)) return;
  const { created, pending } = stored.progress;
  const { name } = descriptor;
  if (stored.isAirbytes) {
    yield `${name}: the state is that of Airbyte's connector. What was created since ${AIRBYTE_LAG_SECONDS} s before it is read. Gaps that it left cannot be seen: to read everything again, clear the state.`;
  }
  if (created > now && pending.length === 0) {
    yield `${name}: the state says that everything until ${isoTime(created)} has been read, so there is nothing to read yet.`;
  }
  const kept = now - (definition.keptDays ?? Number.POSITIVE_INFINITY) * SECONDS_PER_DAY;
  if (created < kept) {
    yield `${name}: Stripe keeps ${definition.keptDays} days. What came between ${isoTime(created)} and ${isoTime(kept)} cannot be read any more.`;
  }
}

function isoTime(seconds: Seconds): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString();
}
