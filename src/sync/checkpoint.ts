import { isObject } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import type { Progress, Slice, Within } from './progress.js';

/** Whose data a state speaks of, as far as it is known. */
export interface Origin {
  readonly livemode: boolean | undefined;
  readonly account: string | undefined;
}

/** Progress as it is stored between syncs. */
export interface Checkpoint {
  readonly progress: Progress;
  readonly origin: Origin;
  /** Present on a full refresh: the job that made it, as the platform numbers jobs, or null. */
  readonly fullRefresh?: { readonly job: string | null };
  /** Present where the state is that of Airbyte's own Stripe connector. */
  readonly isAirbytes?: true;
}

/** Of the form that `toState` writes. It grows when an older connector would misread what a newer one writes. */
export const STATE_VERSION = 1;

/** Airbyte's cursor is the second of the newest row, with no lag for what Stripe shows late. */
export const AIRBYTE_LAG_SECONDS = 600;

/**
 * The `stream_state` that is written. In the steady state it is `{"version", "created", "from"}` and whose data it is
 * about; `pending` and `full_refresh_job` appear while they mean something.
 */
export function toState({ progress, origin, fullRefresh }: Checkpoint): Readonly<Record<string, unknown>> {
  const { created, from, pending, end } = progress;
  return {
    version: STATE_VERSION,
    created,
    from,
    ...(pending.length > 0 ? { pending } : {}),
    ...(pending.length > 0 && end !== undefined ? { end } : {}),
    ...(origin.livemode === undefined ? {} : { livemode: origin.livemode }),
    ...(origin.account === undefined ? {} : { account: origin.account }),
    ...(fullRefresh ? { full_refresh_job: fullRefresh.job } : {}),
  };
}

/**
 * Reads a stored `stream_state`. Undefined when there is none, or it knows nothing. `{"created": N}` alone is welcome:
 * everything until N counts as read. So is the state of Airbyte's own connector, so that users can switch. Throws a ConfigError where going on could lose rows.
 */
export function parseCheckpoint(raw: unknown, stream: string): Checkpoint | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (!isObject(raw)) throw malformed(stream, 'it is not an object');
  const airbytes = airbytesCursor(raw);
  checkVersion(raw['version'], stream);
  if (airbytes !== undefined) return adopt(toSeconds(airbytes, stream, 'created'));
  if (isAbsent(raw['created'])) return undefined;
  const pending = raw['pending'] ?? [];
  if (!Array.isArray(pending)) throw malformed(stream, '"pending" is not a list');
  const job = raw['full_refresh_job'];
  return {
    progress: {
      created: toSeconds(raw['created'], stream, 'created'),
      from: isAbsent(raw['from']) ? 0 : toSeconds(raw['from'], stream, 'from'),
      pending: pending.map((slice) => parseSlice(slice, stream)),
      ...(isAbsent(raw['end']) ? {} : { end: toSeconds(raw['end'], stream, 'end') }),
    },
    origin: {
      livemode: typeof raw['livemode'] === 'boolean' ? raw['livemode'] : undefined,
      account: typeof raw['account'] === 'string' ? raw['account'] : undefined,
    },
    ...(job === undefined ? {} : { fullRefresh: { job: typeof job === 'string' ? job : null } }),
  };
}

/** A state of an earlier version, or without one, is understood; of a later one nobody knows what it says. */
function checkVersion(version: unknown, stream: string): void {
  const known = isAbsent(version) ? STATE_VERSION : toNumber(version);
  if (known === undefined) throw malformed(stream, '"version" is not a number');
  if (known <= STATE_VERSION) return;
  throw new ConfigError(
    `The state of stream ${stream} was written by a newer version of this connector: use that one, or clear the state.`,
  );
}

/** What is not known this time is as it was. */
export function mergeOrigins(stored: Origin | undefined, actual: Origin): Origin {
  return { livemode: actual.livemode ?? stored?.livemode, account: actual.account ?? stored?.account };
}

/** State of another mode or account would leave a gap that nobody sees. */
export function checkOrigin(stored: Origin, actual: Origin, stream: string): void {
  if (differ(stored.livemode, actual.livemode)) {
    const [was, is] = stored.livemode ? ['live', 'test'] : ['test', 'live'];
    throw new ConfigError(
      `The state of stream ${stream} was written in ${was} mode, but api_key is a ${is} key: use a ${was} key, or clear the state.`,
    );
  }
  if (differ(stored.account, actual.account)) {
    throw new ConfigError(
      `The state of stream ${stream} belongs to account ${stored.account}, but this sync reads ${actual.account}: ` +
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
  const within = parseWithin(raw['within'], stream);
  return { ...Object.fromEntries(bounds), ...(isAbsent(after) ? {} : { after }), ...(within ? { within } : {}) };
}

function parseWithin(raw: unknown, stream: string): Within | undefined {
  if (isAbsent(raw)) return undefined;
  if (!isObject(raw)) throw malformed(stream, '"within" is not an object');
  const { through, partly = {} } = raw;
  if (!isAbsent(through) && typeof through !== 'string') throw malformed(stream, '"through" is not an id');
  const isPlace = (value: unknown) => value === null || typeof value === 'string';
  if (!isObject(partly) || !Object.values(partly).every(isPlace)) throw malformed(stream, '"partly" holds no ids');
  const places = partly as Record<string, string | null>;
  return {
    ...(isAbsent(through) ? {} : { through }),
    ...(Object.keys(places).length === 0 ? {} : { partly: places }),
  };
}

/** Airbyte writes `{"created": "1700000000"}`, a text, or `{"updated": …}` where it follows events. */
function airbytesCursor({ created, updated }: Readonly<Record<string, unknown>>): unknown {
  if (isAbsent(created)) return isAbsent(updated) ? undefined : updated;
  return typeof created === 'string' ? created : undefined;
}

function adopt(cursor: number): Checkpoint {
  const created = Math.max(0, cursor - AIRBYTE_LAG_SECONDS);
  const origin = { livemode: undefined, account: undefined };
  return { progress: { from: 0, created, pending: [] }, origin, isAirbytes: true };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function toSeconds(raw: unknown, stream: string, key: string): number {
  const seconds = toNumber(raw);
  if (seconds === undefined) throw malformed(stream, `"${key}" is not a number of seconds since 1970`);
  return Math.floor(seconds);
}

/** Some platforms hand numbers back as text. */
function toNumber(raw: unknown): number | undefined {
  const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function malformed(stream: string, why: string): ConfigError {
  return new ConfigError(
    `The state of stream ${stream} cannot be read: ${why}. Pass the state of the last sync unchanged, or clear it.`,
  );
}
