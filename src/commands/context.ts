import { setTimeout as delay } from 'node:timers/promises';
import { parseConfig, type Settings } from '../config/config.js';
import { secretsIn } from '../config/spec.js';
import { ConfigError } from '../protocol/errors.js';
import { readJson } from '../protocol/files.js';
import { log, type Write } from '../protocol/messages.js';
import { catalog } from '../streams/catalog.js';
import { type Client, createClient, forAccount, type Retry } from '../stripe/client.js';
import type { Clock } from '../stripe/limits/clock.js';
import { createLimiter } from '../stripe/limits/limiter.js';

/** What a command may use of the world. */
export interface Context {
  /** Paths of the input files, as given on the command line. */
  readonly files: { readonly config?: string; readonly catalog?: string; readonly state?: string };
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly write: Write;
  /** Aborted when the process has to stop. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly version: string;
  /** Masks these texts from now on in everything that people read. */
  readonly keepSecret: (secrets: readonly string[]) => void;
  /** Calls back every `ms` milliseconds until the returned function is called. Rejections are ignored. */
  readonly every: (ms: number, callback: () => Promise<void>) => () => void;
  /** Called with a sync that is running, to show it. The function that it returns is called when the sync is over. */
  readonly watch: (sync: Watched) => () => void;
}

/** A running sync, as a person may want to see it. */
export interface Watched {
  readonly streams: readonly {
    readonly name: string;
    readonly rows: number;
    /** How many rows to expect, judging by what was read so far. */
    readonly expectedRows: number | undefined;
    readonly isDone: boolean;
  }[];
  readonly requests: number;
  /** How many requests per second the sync may send. */
  readonly allowedPerSecond: number;
}

/** Reads and checks the configuration. Throws a ConfigError. */
export async function loadSettings({ files, keepSecret, write }: Context): Promise<Settings> {
  const raw = await readJson(required(files.config, 'config'), 'config');
  keepSecret(secretsIn(raw));
  if (raw === undefined) throw new ConfigError(`The config file ${files.config} is empty.`);
  const { settings, warnings } = parseConfig(raw);
  checkExpandedStreams(settings);
  for (const warning of warnings) await write(log('WARN', warning));
  return settings;
}

/** The path that an option names. Throws a ConfigError where the option is missing. */
export function required(path: string | undefined, option: string): string {
  if (path === undefined) throw new ConfigError(`This command needs --${option} with the path of a JSON file.`);
  return path;
}

function checkExpandedStreams({ expand }: Settings): void {
  const unknown = Object.keys(expand).find((name) => !catalog.some((stream) => stream.name === name));
  if (unknown === undefined) return;
  throw new ConfigError(`The configuration's "expand" names the stream "${unknown}", which does not exist.`);
}

/** The limiter's clock: it never goes back. Timers take no longer delay than this. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
const MONOTONIC: Clock = {
  now: () => performance.now(),
  sleep: (delayMs, signal) => delay(Math.min(delayMs, LONGEST_DELAY_MS), undefined, { signal }),
};

/** A shorter wait is not logged. */
const NOTEWORTHY_DELAY_MS = 5_000;

/** How long a command waits for an answer. */
export interface Patience {
  /** Limits the configured number of retries. */
  readonly maxRetries: number;
  /** A request that would have to wait longer is not retried. */
  readonly longestDelayMs: number;
}

const ENDLESS: Patience = { maxRetries: Number.POSITIVE_INFINITY, longestDelayMs: Number.POSITIVE_INFINITY };

/** A client for the configured account. */
export function connect(context: Context, settings: Settings, patience = ENDLESS): Client {
  const { requests_per_second: account, endpoint_requests_per_second: endpoint } = settings;
  const client = createClient({
    apiKey: settings.api_key,
    apiBase: settings.api_base,
    apiVersion: settings.api_version,
    maxRetries: Math.min(patience.maxRetries, settings.max_retries),
    longestDelayMs: patience.longestDelayMs,
    userAgent: `source-stripe/${context.version}`,
    limiter: createLimiter({ account, endpoint }, MONOTONIC),
    signal: context.signal,
    now: context.now,
    onRetry: (retry) => {
      if (retry.delayMs >= NOTEWORTHY_DELAY_MS) void context.write(log('WARN', describeRetry(retry))).catch(() => {});
    },
  });
  return settings.account_id === undefined ? client : forAccount(client, settings.account_id);
}

function describeRetry({ path, why, delayMs, retry }: Retry): string {
  return `GET ${path}: ${why}; retry ${retry} in ${Math.round(delayMs / 1000)} s.`;
}
