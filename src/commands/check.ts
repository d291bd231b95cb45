import type { Settings } from '../config/config.js';
import { checkMessageOf } from '../failure.js';
import { ConfigError } from '../protocol/errors.js';
import { log } from '../protocol/messages.js';
import { catalog } from '../streams/catalog.js';
import type { StreamDefinition } from '../streams/definition.js';
import type { Client } from '../stripe/client.js';
import { StripeError, type StripeErrorKind } from '../stripe/errors.js';
import { type Context, connect, loadSettings, type Patience } from './context.js';
import { probeExpand, requestOf } from './expand-probe.js';
import { refusalOf } from './refusal.js';

/** A person waits for the answer in a form; a sync is more patient. */
const PATIENCE: Patience = { maxRetries: 3, longestDelayMs: 10_000 };

/** Errors that may pass by themselves. */
const PASSING: readonly StripeErrorKind[] = ['transient', 'limited'];

/**
 * Writes exactly one CONNECTION_STATUS, which says whether a sync can be expected to succeed, whatever is wrong with the
 * configuration. Throws only what is a defect of the connector itself.
 */
export async function check(context: Context): Promise<boolean> {
  try {
    const settings = await loadSettings(context);
    await probe(context, connect(context, settings, PATIENCE), settings);
    await context.write({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } });
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StripeError)) throw error;
    const message = checkMessageOf(error);
    await context.write({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message } });
  }
  return true;
}

/**
 * A secret key that is accepted may read everything; a restricted one is tried on every list. Fields to expand are tried
 * on each list for which the user names some.
 */
async function probe(context: Context, client: Client, settings: Settings): Promise<void> {
  const refusal = await refusalOf(client, { path: '/v1/account' }, isAccount);
  if (refusal && refusal.kind !== 'permission') throw refusal;
  const isRestricted = refusal !== undefined || settings.api_key.startsWith('rk_');
  for (const stream of catalog) {
    const fields = settings.expand[stream.name] ?? [];
    if (fields.length > 0) await probeFields(context, client, stream, { fields, isRestricted });
  }
  if (isRestricted) await probeLists(context, client, settings);
}

async function probeLists(context: Context, client: Client, { max_concurrency: most }: Settings): Promise<void> {
  const lists = catalog.filter(({ parent }) => parent === undefined);
  const refused: StripeError[] = [];
  for (let start = 0; start < lists.length; start += most) {
    const some = lists.slice(start, start + most);
    const refusals = await Promise.all(some.map((list) => refusalOf(client, requestOf(list))));
    for (const [index, error] of refusals.entries()) {
      if (!error || (error.kind !== 'permission' && !PASSING.includes(error.kind))) continue;
      if (error.kind === 'permission') refused.push(error);
      await context.write(log('WARN', checkMessageOf(error, some[index]?.name)));
    }
  }
  if (refused.length === lists.length) {
    // Stripe's words matter here: the cause may be an IP address that is not allowed, and not a missing permission.
    throw new ConfigError(`The API key may not read any stream: give it read permissions. ${refused[0]?.message}`);
  }
}

/** The fields that the user wants expanded in a stream. */
interface Wanted {
  readonly fields: readonly string[];
  /** Whether the list itself is tried later, with all others. */
  readonly isRestricted: boolean;
}

/** Throws when Stripe refuses the fields. Warns about what could not be tried, and about errors that may pass. */
async function probeFields(
  context: Context,
  client: Client,
  stream: StreamDefinition,
  { fields, isRestricted }: Wanted,
): Promise<void> {
  const { name, parent } = stream;
  const finding = await probeExpand(client, stream, fields);
  const setting = `expand.${name}`;
  switch (finding.kind) {
    case 'works':
      return;
    case 'refused':
      throw new ConfigError(refusedFields(`${setting}: ${finding.fields.join(', ')}`, finding.refusal));
    case 'untried':
      return context.write(log('WARN', `${setting}: ${fields.join(', ')} could not be tried: ${finding.why}`));
    case 'unreadable':
      if (finding.refusal.kind === 'request') throw finding.refusal;
      if (finding.refusal.kind === 'permission' && isRestricted && !parent) return;
      return context.write(log('WARN', checkMessageOf(finding.refusal, name)));
  }
}

/** The list itself works, so the fields are at fault. */
function refusedFields(what: string, { kind, message }: StripeError): string {
  const end = message.endsWith('.') ? '' : '.';
  const remedy = PASSING.includes(kind) ? 'Try again later, or take it out of expand.' : 'Take it out of expand.';
  return `${what} makes Stripe refuse the list, which it returns otherwise. ${message}${end} ${remedy}`;
}

function isAccount(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'object' in body && body.object === 'account';
}
