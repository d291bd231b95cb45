import { Ajv } from 'ajv';
import { isObject } from '../protocol/catalog.js';
import { ConfigError } from '../protocol/errors.js';
import { checkBase } from './api-base.js';
import { checkKey, livemodeOf } from './api-key.js';
import type { Config } from './config.generated.js';
import { parseDate } from './dates.js';
import { type ExpandedFields, parseExpand } from './expand.js';
import { explain } from './explain.js';
import { OPTIONS, SPEC } from './spec.js';
import { tidy } from './tidy.js';

/**
 * The configuration as the rest of the program uses it: checked, with aliases and defaults resolved. An option has the
 * name and the type that spec.json gives it, unless `Resolved` says otherwise.
 */
export type Settings = Readonly<Omit<Config, keyof Resolved | keyof typeof ALIASES>> & Resolved;

/** The options that mean more than what spec.json says about their values. */
interface Resolved {
  /** Unix seconds; 0 means all history. */
  readonly start_date: number;
  /** Unix seconds; undefined means no end. */
  readonly end_date: number | undefined;
  readonly requests_per_second: number;
  readonly endpoint_requests_per_second: number;
  readonly expand: ExpandedFields;
}

/** The settings, and what the user should know about them. */
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

/** Checks a configuration and resolves it. Throws a ConfigError that names property, problem and what is allowed. */
export function parseConfig(raw: unknown): ParsedConfig {
  if (!isObject(raw)) throw new ConfigError('The configuration must be a JSON object with at least "api_key".');
  const given = tidyConfig(raw);
  const expand = parseExpand(given['expand']);
  const config = validate(resolveAliases(given));
  return { settings: resolve(config, expand), warnings: unknownProperties(given) };
}

/** An empty key is a mistake, whereas other empty texts are absent. */
function tidyConfig(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const given = tidy(raw, SPEC.connectionSpecification);
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

/** A test holds spec.json to the rules of JSON schema; to compile these costs 0.2 s of CPU time (ajv 8.20, Node 20). */
const ajv = new Ajv({ strict: false, useDefaults: true, validateSchema: false });
const matchesSpec = ajv.compile<Config>(SPEC.connectionSpecification);

/** Fills in the defaults of spec.json, too. */
function validate(given: Readonly<Record<string, unknown>>): Config {
  const config: unknown = { ...given };
  if (matchesSpec(config)) return config;
  throw new ConfigError(explain(matchesSpec.errors?.[0]));
}

function resolve(config: Config, expand: ExpandedFields): Settings {
  const api_key = checkKey(config.api_key);
  const start_date = secondsSince1970(parseDate(config.start_date, 'start_date')?.first) ?? 0;
  const end_date = secondsSince1970(parseDate(config.end_date, 'end_date')?.last);
  if (end_date !== undefined && end_date < start_date) {
    throw new ConfigError('The configuration\'s "end_date" lies before "start_date": swap them, or leave one out.');
  }
  const limit = livemodeOf(api_key) ? STRIPE_LIMITS.live : STRIPE_LIMITS.test;
  return {
    ...config,
    api_key,
    start_date,
    end_date,
    requests_per_second: config.requests_per_second ?? limit * HEADROOM_SHARE,
    endpoint_requests_per_second: config.endpoint_requests_per_second ?? STRIPE_LIMITS.endpoint * HEADROOM_SHARE,
    api_base: checkBase(config.api_base),
    expand,
  };
}

function secondsSince1970(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.max(0, seconds);
}

function unknownProperties(given: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(given)
    .filter((name) => !(name in OPTIONS) && !name.startsWith('_'))
    .map((name) => `The configuration's "${name}" is not known and is ignored.`);
}
