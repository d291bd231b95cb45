import { traceOf } from '../failure.js';
import { type ConfiguredStream, isOverwritten } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import { log, streamStatus } from '../protocol/messages.js';
import {
  DEFAULT_LAG_SECONDS,
  hasCreatedFilter,
  isIncremental,
  listOf,
  type StreamDefinition,
} from '../streams/definition.js';
import type { Account } from './account/account.js';
import { isoTime } from './accounts.js';
import type { Failures } from './failures/failures.js';
import type { SyncOptions } from './options.js';
import { AccountStream, type StreamContext } from './output/account-stream.js';
import { plan, type Want } from './progress/plan.js';
import type { Seconds } from './progress/slice.js';
import {
  AIRBYTE_LAG_SECONDS,
  checkOrigin,
  type Origin,
  parseStreamState,
  type StreamState,
} from './progress/stream-state.js';

/** A configured stream that exists. */
export type Known = ConfiguredStream & { readonly definition: StreamDefinition };

/**
 * The configured streams that exist. One that does not exist is INCOMPLETE without failing the sync (Airbyte protocol),
 * unless the destination would drop its rows at exit code 0.
 */
export async function withoutUnknown(options: SyncOptions, failures: Failures): Promise<readonly Known[]> {
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
  const why = isOverwritten(stream)
    ? ' The sync fails because the destination would otherwise drop the rows of this stream.'
    : '';
  return new ConfigError(
    `There is no stream ${name}, so it is skipped.${why} ` +
      'Remove the stream from the catalog, or run discover to see all streams.',
  );
}

/** The streams, each with what it has to do. Those whose state cannot be used have failed and are left out. */
export async function prepareStreams(
  options: SyncOptions,
  known: readonly Known[],
  { account, failures }: Pick<StreamContext, 'account' | 'failures'>,
): Promise<readonly AccountStream[]> {
  const { write, now, signal } = options;
  const prepared: AccountStream[] = [];
  const unseen = new Set<string>();
  for (const stream of known) {
    try {
      const start = startOf(options, stream, account);
      const { descriptor, definition } = stream;
      const plan = {
        descriptor,
        definition,
        state: plannedState(options, stream, start),
        isOverwritten: isOverwritten(stream),
        cursor: cursorOf(stream, start),
      };
      for (const what of notCompared(start)) unseen.add(what);
      for (const warning of warningsOf(stream, start)) await write(log('WARN', warning));
      prepared.push(new AccountStream(plan, { account, failures, write, now, signal }));
    } catch (error) {
      await refuse(options, stream, { error, failures });
    }
  }
  for (const what of unseen) await write(log('WARN', what));
  return prepared;
}

/** The cursor that an incremental stream goes on from; undefined if nothing was read up to it. */
function cursorOf({ definition, syncMode }: Known, { stored }: Start): Seconds | undefined {
  if (!stored || syncMode !== 'incremental' || !isIncremental(definition)) return undefined;
  const { from, created } = stored.progress;
  return from <= created ? created : undefined;
}

/** Ends a stream that cannot be read, and logs why, unless another stream failed for the same reason. */
async function refuse(
  { write, now }: SyncOptions,
  { descriptor }: Known,
  { error, failures }: { readonly error: unknown; readonly failures: Failures },
): Promise<void> {
  const trace = traceOf(error);
  const isNews = failures.note(descriptor, error, trace);
  await write(streamStatus(descriptor, 'INCOMPLETE', now()));
  if (isNews) await write(log('ERROR', trace.message));
}

/** What a stream starts from. */
interface Start {
  readonly stored: StreamState | undefined;
  readonly origin: Origin;
  /** The time of this sync. */
  readonly now: Seconds;
}

function startOf({ state }: SyncOptions, { descriptor }: Known, { id, livemode, horizon }: Account): Start {
  const stored = parseStreamState(state.of(descriptor), descriptor.name);
  return { stored, origin: { livemode, account: id }, now: horizon };
}

/** Warns of each part of a stored origin that this sync cannot compare, in the same words for all streams. */
function* notCompared({ stored, origin: actual }: Start): Generator<string> {
  const { account, livemode } = stored?.origin ?? {};
  if (account !== undefined && actual.account === undefined) {
    yield `The state belongs to account ${account}. It is not known whether this sync reads the same account, because the key may not see the account: grant the key "Account Read", or set account_id. The new state names no account.`;
  }
  if (livemode !== undefined && actual.livemode === undefined) {
    yield `The state was written in ${livemode ? 'live' : 'test'} mode. It is not known whether api_key belongs to the same mode, because it does not begin as Stripe's keys do. The new state names no mode.`;
  }
  if (stored?.hasOddAccount) {
    yield 'The account in the state does not have the form of a Stripe account id (acct_…), so it was not compared with the account that this sync reads.';
  }
}

const SECONDS_PER_DAY = 86_400;

/** Where a stream stands at the start of this sync; `pending` holds what the sync has to do. */
function plannedState(options: SyncOptions, stream: Known, { stored, origin, now }: Start): StreamState {
  const { definition, syncMode } = stream;
  if (stored) checkOrigin(stored.origin, origin);
  const want = wantOf(options, definition, now);
  if (syncMode === 'incremental' && isIncremental(definition)) {
    return { origin, progress: plan(stored?.progress, { ...want, lookback: options.lookback }) };
  }
  const fullRefresh = { job: options.job ?? null };
  if (stored && isDone(stored, options.job, want)) return { origin, fullRefresh, progress: stored.progress };
  const before = stored && mayGoOn(stored, options.job, stream) ? stored.progress : undefined;
  return { origin, fullRefresh, progress: { ...plan(before, want), ...endOf(want) } };
}

function wantOf({ window }: SyncOptions, definition: StreamDefinition, now: Seconds): Want {
  const list = listOf(definition);
  const horizon = Math.max(0, now - (list.lagSeconds ?? DEFAULT_LAG_SECONDS));
  const { from, to: end } = window;
  const to = Math.min(horizon, end ?? Number.POSITIVE_INFINITY);
  return { from, to, ...endOf({ end }), bounded: hasCreatedFilter(list), lookback: 0 };
}

/** The state keeps the end date, because a later attempt of a job may have another and must know what was read. */
function endOf({ end }: { readonly end?: Seconds | undefined }): { readonly end?: Seconds } {
  return end === undefined ? {} : { end };
}

/** A later attempt of the same job must not read a finished stream again; any other sync must. */
function isDone(stored: StreamState, job: string | undefined, { from, to }: Want): boolean {
  const { progress } = stored;
  if (!isOfJob(stored, job) || progress.pending.length > 0) return false;
  return progress.from <= from && (progress.end === undefined || to <= progress.end);
}

/**
 * Whether a full refresh continues a stored one. Within a job it does: it reads what was left, and what other dates
 * add. If either job has no number, it continues an interrupted one, unless the destination may have dropped the rows
 * emitted before.
 */
function mayGoOn(stored: StreamState, job: string | undefined, stream: Known): boolean {
  const { fullRefresh, progress } = stored;
  if (isOfJob(stored, job)) return true;
  if (!fullRefresh || progress.pending.length === 0 || isOverwritten(stream)) return false;
  return job === undefined || fullRefresh.job === null;
}

function isOfJob({ fullRefresh }: StreamState, job: string | undefined): boolean {
  return job !== undefined && fullRefresh?.job === job;
}

/** Warns of what the stored state means for this sync, where a user would not expect it. */
function* warningsOf({ descriptor, definition }: Known, start: Start): Generator<string> {
  const { stored, now } = start;
  if (!stored || !isIncremental(definition)) return;
  const { created, pending } = stored.progress;
  const { name } = descriptor;
  if (stored.isAirbytes) {
    yield `${name}: the state is that of Airbyte's connector. This sync reads what was created since ${AIRBYTE_LAG_SECONDS} s before the cursor in it. Gaps before that cannot be seen: to read everything again, clear the state.`;
  }
  if (created > now && pending.length === 0) {
    yield `${name}: the state says that everything created up to ${isoTime(created)} has been read, so there is nothing to read yet.`;
  }
  const kept = now - (definition.keptDays ?? Number.POSITIVE_INFINITY) * SECONDS_PER_DAY;
  if (created < kept) {
    yield `${name}: Stripe keeps these objects for ${definition.keptDays} days. Those created between ${isoTime(created)} and ${isoTime(kept)} can no longer be read.`;
  }
}
