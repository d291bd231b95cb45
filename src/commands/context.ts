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
  /** Aborted when the process is to stop. */
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly version: string;
  /** From now on these texts are masked in all that people read. */
  readonly keepSecret: (secrets: readonly string[]) => void;
  /** Calls back again and again, so many milliseconds apart; returns how to stop that. What it rejects with is ignored. */
  readonly every: (ms: number, callback: () => Promise<void>) => () => void;
  /** Told of what there is to show of a sync while it runs; returns how to say that it is over. */
  readonly watch: (sync: Watched) => () => void;
}

/** A running sync, as a person may want to see it. */
export interface Watched {
  readonly streams: readonly {
    readonly name: string;
    readonly rows: number;
    /** How many there will be, going by what was seen so far. */
    readonly expectedRows: number | undefined;
    readonly isDone: boolean;
  }[];
  readonly requests: number;
  /** Requests a second that the sync may send. */
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
  /** Overrides the configured number where that is lower. */
  readonly maxRetries: number;
  /** What would have to wait longer is not tried again. */
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
