import { isAbsent, isObject } from '../../protocol/catalog.js';
import { ConfigError } from '../../protocol/errors.js';
import type { StoredPosition } from './page-position.js';
import type { Progress } from './plan.js';
import type { Seconds, Slice } from './slice.js';

/** Whose data a state is about. What is not known is not asserted: the state leaves it out. */
export interface Origin {
  readonly livemode: boolean | undefined;
  readonly account: string | undefined;
}

/** Whether a value is an account id. Servers have been seen to answer with other texts, once with the API key. */
export function isAccountId(value: unknown): value is string {
  return typeof value === 'string' && /^acct_[A-Za-z0-9]+$/.test(value);
}

/** A stream's progress as it is stored between syncs, and whose data it is about. */
export interface StreamState {
  readonly progress: Progress;
  readonly origin: Origin;
  /** Present on a full refresh: the platform's number for the job that made it, or null without one. */
  readonly fullRefresh?: { readonly job: string | null };
  /** Present if the state is that of Airbyte's own Stripe connector. */
  readonly isAirbytes?: true;
  /** Present if the account in the state is not an account id, so that it cannot be compared. */
  readonly hasOddAccount?: true;
}

/** The version of what `toStored` writes. It grows when an older connector would misread what a newer one writes. */
export const STATE_VERSION = 1;

/** Airbyte's cursor is the second of the newest row, and leaves no lag for objects that Stripe shows late. */
export const AIRBYTE_LAG_SECONDS = 600;

/** A `stream_state`. */
export interface StoredState {
  readonly created: Seconds;
  readonly [key: string]: unknown;
}

/**
 * The `stream_state` to write. In the steady state it holds `version`, `created`, `from`, and whose data it is about.
 * `pending` and `full_refresh_job` appear only while they mean something.
 */
export function toStored({ progress, origin, fullRefresh }: StreamState): StoredState {
  const { created, from, pending, end } = progress;
  const isEndNeeded = pending.length > 0 || fullRefresh !== undefined;
  return {
    version: STATE_VERSION,
    created,
    from,
    ...(pending.length > 0 ? { pending } : {}),
    ...(isEndNeeded && end !== undefined ? { end } : {}),
    ...(origin.livemode === undefined ? {} : { livemode: origin.livemode }),
    ...(origin.account === undefined ? {} : { account: origin.account }),
    ...(fullRefresh ? { full_refresh_job: fullRefresh.job } : {}),
  };
}

const LENGTH_WITHOUT_SLICES = 120;
const LENGTH_OF_SLICE = 70;
/** An id with its quotes and colon; most Stripe ids have fewer than 30 characters. */
const LENGTH_OF_ID = 35;

/** About how many characters the stored form has. */
export function lengthOf({ progress }: StreamState): number {
  return progress.pending.reduce((sum, slice) => sum + lengthOfSlice(slice), LENGTH_WITHOUT_SLICES);
}

function lengthOfSlice({ after, within }: Slice): number {
  const parents = Object.keys(within?.partly ?? {}).length;
  const ids = [after, within?.through].filter((id) => id !== undefined).length + parents;
  return LENGTH_OF_SLICE + ids * LENGTH_OF_ID;
}

/** The keys of our own states that no state of Airbyte's connector has. */
const OWN_KEYS = ['version', 'from', 'pending', 'end', 'livemode', 'account', 'full_refresh_job'] as const;

/**
 * Reads a stored `stream_state`. Undefined if there is none, or if it says nothing. `{"created": N}` alone is accepted:
 * everything up to N counts as read. The state of Airbyte's own connector is accepted, too, so that users can switch.
 * Numbers and booleans may be strings. Throws a ConfigError if going on could lose rows.
 */
export function parseStreamState(raw: unknown, stream: string): StreamState | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (!isObject(raw)) throw malformed(stream, 'it is not an object');
  if (OWN_KEYS.some((key) => !isAbsent(raw[key]))) return parseOwn(raw, stream);
  const airbytes = airbytesCursor(raw);
  if (airbytes !== undefined) return adopt(toSeconds(airbytes, stream, 'created'));
  if (!isAbsent(raw['created'])) return parseOwn(raw, stream);
  if (saysNothing(raw)) return undefined;
  throw malformed(stream, 'it has no "created"');
}

function parseOwn(raw: Readonly<Record<string, unknown>>, stream: string): StreamState {
  checkVersion(raw['version'], stream);
  if (isAbsent(raw['created'])) throw malformed(stream, 'it has no "created"');
  const pending = raw['pending'] ?? [];
  if (!Array.isArray(pending)) throw malformed(stream, '"pending" is not a list');
  const { account } = raw;
  const job = raw['full_refresh_job'];
  return {
    progress: {
      created: toSeconds(raw['created'], stream, 'created'),
      from: isAbsent(raw['from']) ? 0 : toSeconds(raw['from'], stream, 'from'),
      pending: pending.map((slice) => parseSlice(slice, stream)),
      ...(isAbsent(raw['end']) ? {} : { end: toSeconds(raw['end'], stream, 'end') }),
    },
    origin: { livemode: parseMode(raw['livemode'], stream), account: isAccountId(account) ? account : undefined },
    ...(job === undefined ? {} : { fullRefresh: { job: parseJob(job, stream) } }),
    ...(isAbsent(account) || isAccountId(account) ? {} : { hasOddAccount: true }),
  };
}

function parseMode(raw: unknown, stream: string): boolean | undefined {
  if (isAbsent(raw)) return undefined;
  const text = String(raw).trim().toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  throw malformed(stream, '"livemode" is neither true nor false');
}

/** Platforms that return numbers as strings may also return strings as numbers. */
function parseJob(raw: unknown, stream: string): string | null {
  if (raw === null || typeof raw === 'string') return raw;
  if (typeof raw === 'number') return String(raw);
  throw malformed(stream, '"full_refresh_job" is not a string');
}

/** A state of an earlier version, or without one, is understood. The meaning of a later version is not known. */
function checkVersion(version: unknown, stream: string): void {
  const known = isAbsent(version) ? STATE_VERSION : toNumber(version);
  if (known === undefined) throw malformed(stream, '"version" is not a number');
  if (known <= STATE_VERSION) return;
  throw new ConfigError(
    `The state of stream ${stream} was written by a newer version of this connector: use that one, or clear the state.`,
  );
}

/** Throws a ConfigError if the state is of another mode or account, because using it would silently leave a gap. */
export function checkOrigin(stored: Origin, actual: Origin): void {
  if (differ(stored.livemode, actual.livemode)) {
    const [was, is] = stored.livemode ? ['live', 'test'] : ['test', 'live'];
    throw new ConfigError(
      `The state was written in ${was} mode, but api_key is a ${is} key: use a ${was} key, or clear the state.`,
    );
  }
  if (differ(stored.account, actual.account)) {
    throw new ConfigError(
      `The state belongs to account ${stored.account}, but this sync reads ${actual.account}: ` +
        'use the same account, or clear the state.',
    );
  }
}

function differ<T>(a: T | undefined, b: T | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

function parseSlice(raw: unknown, stream: string): Slice {
  if (!isObject(raw)) throw malformed(stream, 'an entry of "pending" is not an object');
  const { after } = raw;
  if (!isAbsent(after) && typeof after !== 'string') throw malformed(stream, '"after" is not an id');
  const bounds = (['gte', 'lte', 'seen', 'stop'] as const)
    .filter((key) => !isAbsent(raw[key]))
    .map((key) => [key, toSeconds(raw[key], stream, key)]);
  const within = parsePosition(raw['within'], stream);
  return { ...Object.fromEntries(bounds), ...(isAbsent(after) ? {} : { after }), ...(within ? { within } : {}) };
}

function parsePosition(raw: unknown, stream: string): StoredPosition | undefined {
  if (isAbsent(raw)) return undefined;
  if (!isObject(raw)) throw malformed(stream, '"within" is not an object');
  const { through, partly = {} } = raw;
  if (!isAbsent(through) && typeof through !== 'string') throw malformed(stream, '"through" is not an id');
  const isId = (value: unknown) => value === null || typeof value === 'string';
  if (!isObject(partly) || !Object.values(partly).every(isId)) throw malformed(stream, '"partly" is malformed');
  const ids = partly as Record<string, string | null>;
  return {
    ...(isAbsent(through) ? {} : { through }),
    ...(Object.keys(ids).length === 0 ? {} : { partly: ids }),
  };
}

/**
 * Airbyte writes `{"created": "1700000000"}`, a string, or `{"updated": …}` if it follows events. Its framework nests
 * this cursor in `state` if a stream has parents, and writes `slices` if it read several at a time. In that case, what
 * was read without a gap ends where the first slice does (airbyte-cdk, 2026).
 */
function airbytesCursor(raw: Readonly<Record<string, unknown>>): unknown {
  const { created, updated, state, slices } = raw;
  if (!isAbsent(created)) return typeof created === 'string' ? created : undefined;
  if (!isAbsent(updated)) return updated;
  if (isObject(state)) return state['created'] ?? state['updated'] ?? undefined;
  return Array.isArray(slices) ? endOfFirst(slices) : undefined;
}

function endOfFirst(slices: readonly unknown[]): unknown {
  const first = slices.filter(isObject).sort((a, b) => Number(a['start']) - Number(b['start']))[0];
  return first?.['most_recent_cursor_value'] ?? first?.['end'] ?? undefined;
}

/** What Airbyte's framework keeps for single parts of a stream. Such streams are read in full here. */
const NO_CURSOR: readonly string[] = ['states', 'state', 'parent_state', 'use_global_cursor', 'lookback_window'];

/** Whether a state says no more than that there is none. */
function saysNothing(raw: Readonly<Record<string, unknown>>): boolean {
  const isEmpty = ([key, value]: [string, unknown]) =>
    isAbsent(value) || key.startsWith('__ab_') || NO_CURSOR.includes(key);
  return Object.entries(raw).every(isEmpty);
}

function adopt(cursor: number): StreamState {
  const created = Math.max(0, cursor - AIRBYTE_LAG_SECONDS);
  const origin = { livemode: undefined, account: undefined };
  return { progress: { from: 0, created, pending: [] }, origin, isAirbytes: true };
}

function toSeconds(raw: unknown, stream: string, key: string): number {
  const seconds = toNumber(raw);
  if (seconds === undefined) throw malformed(stream, `"${key}" is not a number of seconds since 1970`);
  return Math.floor(seconds);
}

/** Some platforms return numbers as strings. */
function toNumber(raw: unknown): number | undefined {
  const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function malformed(stream: string, why: string): ConfigError {
  return new ConfigError(
    `The state of stream ${stream} cannot be read: ${why}. Pass the state of the last sync unchanged, or clear it.`,
  );
}
