import { Ajv, type ErrorObject } from 'ajv';
import { isObject } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import type { Config } from './config.generated.js';
import { type Moment, parseMoment } from './dates.js';
import { readSpec } from './spec.js';
import { tidy } from './tidy.js';

export type Mode = 'live' | 'test';

/** The configuration as the rest of the program uses it: checked, aliases and defaults resolved. */
export interface Settings {
  readonly apiKey: string;
  readonly mode: Mode | undefined;
  readonly accountId: string | undefined;
  /** Unix seconds; 0 means all history. */
  readonly startDate: number;
  /** Unix seconds; undefined means no end. */
  readonly endDate: number | undefined;
  readonly lookbackSeconds: number;
  readonly requestsPerSecond: number;
  readonly endpointRequestsPerSecond: number;
  readonly maxRetries: number;
  readonly maxConcurrency: number;
  /** `loading_mode: sync`. */
  readonly isSerial: boolean;
  readonly expand: Readonly<Record<string, readonly string[]>>;
  readonly apiVersion: string;
  readonly apiBase: string;
}

export interface ParsedConfig {
  readonly settings: Settings;
  /** What the user should know, though nothing fails. */
  readonly warnings: readonly string[];
}

/** Names of Airbyte's own Stripe connector, so that its configurations keep working. */
const ALIASES = {
  client_secret: 'api_key',
  call_rate_limit: 'requests_per_second',
  num_workers: 'max_concurrency',
} as const;

/** Requests per second that Stripe allows (docs.stripe.com/rate-limits, 2026-11), and the share that we use unasked. */
const STRIPE_LIMITS = { live: 100, test: 25, endpoint: 25 } as const;
const HEADROOM_SHARE = 0.8;

const SECONDS_PER_DAY = 86_400;

/** Checks a configuration and resolves it. Throws a ConfigError that names property, problem and what is allowed. */
export function parseConfig(raw: unknown): ParsedConfig {
  if (!isObject(raw)) throw new ConfigError('The configuration must be a JSON object with at least "api_key".');
  const given = tidyConfig(raw);
  const expand = checkExpand(given['expand']);
  const config = validate(resolveAliases(given));
  return { settings: { ...toSettings(config), expand }, warnings: unknownProperties(given) };
}

/** An empty key is a mistake, where other empty texts are absent. */
function tidyConfig(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const given = tidy(raw, readSpec().connectionSpecification);
  const key = raw['api_key'];
  const isEmpty = typeof key === 'string' && key.trim() === '';
  return { ...(isEmpty ? { api_key: '' } : {}), ...(isObject(given) ? given : {}) };
}

function resolveAliases(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const resolved: Record<string, unknown> = { ...given };
  for (const [alias, name] of Object.entries(ALIASES)) {
    if (alias in resolved && (resolved[name] ?? '') === '') resolved[name] = resolved[alias];
  }
  return resolved;
}

function validate(config: unknown): Config {
  const ajv = new Ajv({ strict: false });
  const check = ajv.compile<Config>(readSpec().connectionSpecification);
  if (check(config)) return config;
  throw new ConfigError(explain(check.errors?.[0]));
}

const DATES = ['start_date', 'end_date'];

/** One sentence about the first problem. Never the value: it may be a secret. */
function explain(error: ErrorObject | undefined): string {
  if (!error) return 'The configuration is not valid.';
  const { keyword, instancePath, params } = error;
  if (keyword === 'required') return 'The configuration lacks "api_key": a secret or restricted Stripe key.';
  const property = `The configuration's "${instancePath.slice(1).replaceAll('/', '.')}"`;
  const limit = String(params['comparison'] ?? '');
  if (keyword === 'type') return `${property} must be of type ${params['type']}.`;
  if (keyword === 'enum') return `${property} must be one of ${params['allowedValues'].join(', ')}.`;
  if (keyword === 'minLength') return `${property} is empty: give a value, or leave the property out.`;
  if (params['limit'] !== undefined) return `${property} must be ${limit} ${params['limit']}.`;
  if (keyword === 'pattern' && DATES.includes(instancePath.slice(1))) return noSuchDate(property);
  if (keyword === 'pattern') return `${property} does not look like ${patternOf(instancePath)}.`;
  return `${property} is not valid: ${error.message}.`;
}

function patternOf(instancePath: string): string {
  const property = readSpec().connectionSpecification.properties[instancePath.slice(1)];
  return property?.pattern_descriptor ?? 'the values that are allowed';
}

function toSettings(config: Config): Omit<Settings, 'expand'> {
  const apiKey = checkKey(config.api_key);
  const mode = modeOf(apiKey);
  const startDate = secondsSince1970(toMoment(config.start_date, 'start_date')?.first) ?? 0;
  const endDate = secondsSince1970(toMoment(config.end_date, 'end_date')?.last);
  if (endDate !== undefined && endDate < startDate) {
    throw new ConfigError('The configuration\'s "end_date" lies before "start_date": swap them, or leave one out.');
  }
  return {
    apiKey,
    mode,
    accountId: config.account_id,
    startDate,
    endDate,
    lookbackSeconds: (config.lookback_window_days ?? 0) * SECONDS_PER_DAY,
    requestsPerSecond: config.requests_per_second ?? STRIPE_LIMITS[mode ?? 'test'] * HEADROOM_SHARE,
    endpointRequestsPerSecond: config.endpoint_requests_per_second ?? STRIPE_LIMITS.endpoint * HEADROOM_SHARE,
    maxRetries: config.max_retries ?? Number(defaultOf('max_retries')),
    maxConcurrency: config.max_concurrency ?? Number(defaultOf('max_concurrency')),
    isSerial: config.loading_mode === 'sync',
    apiVersion: config.api_version ?? String(defaultOf('api_version')),
    apiBase: checkBase(config.api_base ?? String(defaultOf('api_base'))),
  };
}

function defaultOf(property: string): unknown {
  return readSpec().connectionSpecification.properties[property]?.default;
}

function toMoment(date: string | undefined, property: string): Moment | undefined {
  if (date === undefined) return undefined;
  const moment = parseMoment(date);
  if (!moment) throw new ConfigError(noSuchDate(`The configuration's "${property}"`));
  return moment;
}

function secondsSince1970(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.max(0, seconds);
}

function noSuchDate(property: string): string {
  return `${property} must be a date that exists, written as 2024-01-31 or 2024-01-31T00:00:00Z.`;
}

/** Refuses what cannot be a key for reading, before it is sent anywhere. */
function checkKey(key: string): string {
  if (key.startsWith('pk_')) {
    throw new ConfigError(
      '"api_key" is a publishable key (pk_…), which cannot read data: use a secret or restricted key.',
    );
  }
  if (key.startsWith('whsec_')) {
    throw new ConfigError(
      '"api_key" is a webhook signing secret (whsec_…): use a secret or restricted key (sk_…, rk_…).',
    );
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new ConfigError('"api_key" contains spaces or characters that no Stripe key has: copy it again.');
  }
  return key;
}

/** The prefix of a key tells its mode: `sk_test_`, `rk_live_` and so on. */
function modeOf(key: string): Mode | undefined {
  if (/^[a-z]+_(org_)?live_/.test(key)) return 'live';
  return /^[a-z]+_(org_)?test_/.test(key) ? 'test' : undefined;
}

function checkExpand(expand: unknown): Settings['expand'] {
  if (expand === undefined) return {};
  if (!isObject(expand)) {
    throw new ConfigError('The configuration\'s "expand" must be an object such as {"charges": ["customer"]}.');
  }
  const checked = Object.entries(expand).map(([stream, fields]) => [stream, checkFields(stream, fields)] as const);
  return Object.fromEntries(checked.filter(([, fields]) => fields.length > 0));
}

const FIELD = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/i;

function checkFields(stream: string, given: unknown): readonly string[] {
  const fields = Array.isArray(given) && given.every((field) => typeof field === 'string') ? given : undefined;
  if (!fields?.every((field) => FIELD.test(field))) throw new ConfigError(noFields(stream, given));
  return [...new Set(fields.map((field) => field.replace(/^data\./, '')))];
}

/** Shows what was probably meant by a text that holds one field, or several. */
function noFields(stream: string, given: unknown): string {
  const texts = [given].flat().filter((text) => typeof text === 'string');
  const names = texts.flatMap((text) => text.split(/[\s,;]+/)).filter((name) => /^[a-z_]+(\.[a-z_]+)*$/.test(name));
  const example = names.length > 0 ? names : ['customer'];
  return `The configuration's "expand.${stream}" must be a list of field names, such as ${JSON.stringify(example)}.`;
}

/** The key travels with every request, so the base must be https, or never leave this machine. */
function checkBase(base: string): string {
  const url = URL.canParse(base) ? new URL(base) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new ConfigError('The configuration\'s "api_base" is not a URL such as https://api.stripe.com.');
  }
  const extras = [url.username, url.password, url.search, url.hash, url.pathname.replace('/', '')];
  if (extras.some((extra) => extra !== '')) {
    throw new ConfigError('The configuration\'s "api_base" must hold scheme, host and port only.');
  }
  if (url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    throw new ConfigError(
      'The configuration\'s "api_base" must use https: plain http would show the key to the network.',
    );
  }
  return url.origin;
}

function unknownProperties(given: Readonly<Record<string, unknown>>): readonly string[] {
  const known = readSpec().connectionSpecification.properties;
  return Object.keys(given)
    .filter((name) => !(name in known) && !name.startsWith('_'))
    .map((name) => `The configuration's "${name}" is not known and is ignored.`);
}
