import { traceOf } from '../failure.js';
import { type ConfiguredStream, isOverwritten } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import { log, streamStatus } from '../protocol/messages.js';
import { DEFAULT_LAG_SECONDS, growsByCreated, type StreamDefinition } from '../streams/definition.js';
import type { Account } from '../stripe/api.generated.js';
import { StripeError } from '../stripe/errors.js';
import type { Failures } from './failures/failures.js';
import { Reading } from './output/reading.js';
import { plan, type Seconds, type Want } from './progress/progress.js';
import {
  AIRBYTE_LAG_SECONDS,
  type Checkpoint,
  checkOrigin,
  isAccountId,
  type Origin,
  parseCheckpoint,
} from './progress/stream-state.js';
import type { Sync } from './sync.js';

/** A configured stream that there is. */
export type Known = ConfiguredStream & { readonly definition: StreamDefinition };

/**
 * The streams that there are. One that does not exist is INCOMPLETE, and no reason for the others to fail (Airbyte protocol).
 * Where the destination would drop its rows at exit code 0, it has failed.
 */
export async function withoutUnknown(options: Sync, failures: Failures): Promise<readonly Known[]> {
  const { streams, catalog, write, now } = options;
  const known: Known[] = [];
  for (const stream of streams) {
    const { descriptor } = stream;
    const definition = catalog.find(({ name }) => name === descriptor.name);
    if (definition) {
      known.push({ ...stream, definition });
      continue;
    }
    const error = unknownStream(stream);
    const isFailure = isOverwritten(stream);
    if (isFailure) failures.note(descriptor, error);
    await write(log(isFailure ? 'ERROR' : 'WARN', error.message));
    await write(streamStatus(descriptor, 'INCOMPLETE', now()));
  }
  return known;
}

function unknownStream(stream: ConfiguredStream): ConfigError {
  const { name } = stream.descriptor;
  const why = isOverwritten(stream) ? ' Its rows at the destination would be dropped if this sync were complete.' : '';
  return new ConfigError(
    `There is no stream ${name}: it is skipped.${why} Remove it from the catalog, or run discover.`,
  );
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
  const { livemode } = options;
  try {
    const { account, created: floor = STRIPE_BEGAN } = await identify(options);
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

/**
 * The account that is read, as far as it is known: as Stripe says it, even in refusing to show the account, else as it is
 * configured.
 */
async function identify({
  client,
  accountId,
}: Sync): Promise<{ readonly account?: string; readonly created?: Seconds }> {
  try {
    const { id, created } = (await client.get({ path: '/v1/account' })) as Partial<Account>;
    return { ...firstAccount(id, accountId), ...(typeof created === 'number' ? { created } : {}) };
  } catch (error) {
    if (!(error instanceof StripeError) || error.kind !== 'permission') throw error;
    return firstAccount(accountNamedIn(error.message), accountId);
  }
}

function firstAccount(said: unknown, configured: string | undefined): { readonly account?: string } {
  // An organization's key names an account below another as `acct_P/acct_C`.
  const account = [said, configured?.split('/').at(-1)].find(isAccountId);
  return account === undefined ? {} : { account };
}

/** "… the required permissions for this endpoint on account 'acct_…'" (Stripe's wording, 2025-01 and 2026); whole or not at all. */
function accountNamedIn(refusal: string): string | undefined {
  return /\bon account '(acct_[A-Za-z0-9]+)'/.exec(refusal)?.[1];
}

/** The streams with what each has to do. Those whose state cannot be used have failed. */
export async function open(
  options: Sync & { readonly failures: Failures },
  streams: readonly Known[],
  horizon: Horizon,
) {
  const opened: Reading[] = [];
  const unseen = new Set<string>();
  for (const stream of streams) {
    try {
      const { descriptor } = stream;
      const stored = parseCheckpoint(options.state.of(descriptor), descriptor.name);
      const start = { ...horizon, stored };
      const checkpoint = checkpointOf(options, stream, start);
      for (const what of notCompared(stored, horizon.origin)) unseen.add(what);
      for (const warning of warningsOf(stream, start)) await options.write(log('WARN', warning));
      const { write, now, failures } = options;
      opened.push(new Reading({ ...stream, isOverwritten: isOverwritten(stream), checkpoint, write, now, failures }));
    } catch (error) {
      const trace = traceOf(error);
      const isNews = options.failures.note(stream.descriptor, error, trace);
      await options.write(streamStatus(stream.descriptor, 'INCOMPLETE', options.now()));
      if (isNews) await options.write(log('ERROR', trace.message));
    }
  }
  for (const what of unseen) await options.write(log('WARN', what));
  return opened;
}

/** What a stored state says of its origin that this sync cannot see; the same for all streams of one state. */
function* notCompared(stored: Checkpoint | undefined, actual: Origin): Generator<string> {
  const { account, livemode } = stored?.origin ?? {};
  if (account !== undefined && actual.account === undefined) {
    yield `The state belongs to account ${account}. Whether this sync reads the same account is not known, because the key may not see it: grant the key "Account Read", or set account_id. The new state names no account.`;
  }
  if (livemode !== undefined && actual.livemode === undefined) {
    yield `The state was written in ${livemode ? 'live' : 'test'} mode. Whether api_key is of the same mode is not known, because it does not begin like Stripe's keys. The new state names no mode.`;
  }
  if (stored?.hasOddAccount) {
    yield 'The state names an account in a form that no account of Stripe has (acct_…), so it is not compared.';
  }
}

const SECONDS_PER_DAY = 86_400;

/** What a stream starts from. */
interface Start extends Horizon {
  readonly stored: Checkpoint | undefined;
}

/** Where a stream stands at the start of this sync, with what the sync has to do in `pending`. */
function checkpointOf(options: Sync, stream: Known, { stored, origin, now }: Start): Checkpoint {
  const { definition, syncMode } = stream;
  if (stored) checkOrigin(stored.origin, origin);
  const want = wantOf(options, definition, now);
  if (syncMode === 'incremental' && growsByCreated(definition)) {
    return { origin, progress: plan(stored?.progress, { ...want, lookback: options.lookback }) };
  }
  const fullRefresh = { job: options.job ?? null };
  if (stored && isDone(stored, options.job, want)) return { origin, fullRefresh, progress: stored.progress };
  const before = stored && mayGoOn(stored, options.job, stream) ? stored.progress : undefined;
  return { origin, fullRefresh, progress: { ...plan(before, want), ...endOf(want) } };
}

function wantOf({ window }: Sync, definition: StreamDefinition, now: Seconds): Want {
  const root = definition.parent?.stream ?? definition;
  const horizon = Math.max(0, now - (root.lagSeconds ?? DEFAULT_LAG_SECONDS));
  const { from, to: end } = window;
  const to = Math.min(horizon, end ?? Number.POSITIVE_INFINITY);
  return { from, to, ...endOf({ end }), bounded: growsByCreated(root), lookback: 0 };
}

/** A later attempt of a job may have other dates: what it has read is known by the end date that it was read with. */
function endOf({ end }: { readonly end?: Seconds | undefined }): { readonly end?: Seconds } {
  return end === undefined ? {} : { end };
}

/** A later attempt of the same job must not read a finished stream again; any other sync must. */
function isDone(stored: Checkpoint, job: string | undefined, { from, to }: Want): boolean {
  const { progress } = stored;
  if (!isOfJob(stored, job) || progress.pending.length > 0) return false;
  return progress.from <= from && (progress.end === undefined || to <= progress.end);
}

/**
 * Within a job a full refresh is continued: what was left, and what other dates add. Without a number of both jobs one
 * that was interrupted is, unless the destination may have dropped what it was given before.
 */
function mayGoOn(stored: Checkpoint, job: string | undefined, stream: Known): boolean {
  const { fullRefresh, progress } = stored;
  if (isOfJob(stored, job)) return true;
  if (!fullRefresh || progress.pending.length === 0 || isOverwritten(stream)) return false;
  return job === undefined || fullRefresh.job === null;
}

function isOfJob({ fullRefresh }: Checkpoint, job: string | undefined): boolean {
  return job !== undefined && fullRefresh?.job === job;
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
