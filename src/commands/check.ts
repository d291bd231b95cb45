import type { Settings } from '../config/config.js';
import { ConfigError } from '../protocol/errors.js';
import { log } from '../protocol/messages.js';
import { catalog } from '../streams/catalog.js';
import type { StreamDefinition } from '../streams/definition.js';
import { expandParams } from '../streams/expand.js';
import type { Client, Params, Request } from '../stripe/client.js';
import { StripeError } from '../stripe/errors.js';
import { traceOf } from '../sync/failure.js';
import { type Context, connect, loadSettings } from './context.js';

/** Somebody waits for the answer in a form; a sync is more patient. */
const MAX_RETRIES = 3;

/**
 * Tells whether a sync can be expected to succeed: exactly one CONNECTION_STATUS, whatever is wrong with the
 * configuration. Only a defect of the connector itself is thrown on.
 */
export async function check(context: Context): Promise<boolean> {
  try {
    const settings = await loadSettings(context);
    await probe(context, connect(context, settings, MAX_RETRIES), settings);
    await context.write({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } });
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StripeError)) throw error;
    const { message } = traceOf(error);
    await context.write({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message } });
  }
  return true;
}

/**
 * A secret key that is accepted may read everything; a restricted one is tried on every list. Lists with expanded fields
 * are tried with them.
 */
async function probe(context: Context, client: Client, settings: Settings): Promise<void> {
  const refusal = await refusalOf(client, { path: '/v1/account' }, isAccount);
  if (refusal && refusal.kind !== 'permission') throw refusal;
  await probeExpanded(client, settings);
  if (refusal || settings.apiKey.startsWith('rk_')) await probeLists(context, client, settings);
}

async function probeLists(context: Context, client: Client, { maxConcurrency }: Settings): Promise<void> {
  const lists = catalog.filter(({ parent }) => parent === undefined);
  let refused = 0;
  for (let start = 0; start < lists.length; start += maxConcurrency) {
    const some = lists.slice(start, start + maxConcurrency);
    const refusals = await Promise.all(some.map((list) => refusalOf(client, requestOf(list))));
    for (const [index, error] of refusals.entries()) {
      if (!error || !['permission', 'transient', 'limited'].includes(error.kind)) continue;
      if (error.kind === 'permission') refused += 1;
      await context.write(log('WARN', traceOf(error, some[index]?.name).message));
    }
  }
  if (refused === lists.length) {
    throw new ConfigError('The API key may not read any stream: give it read permissions.');
  }
}

async function probeExpanded(client: Client, { expand }: Settings): Promise<void> {
  for (const list of catalog.filter(({ name, parent }) => !parent && (expand[name] ?? []).length > 0)) {
    const refusal = await refusalOf(client, requestOf(list, expandParams(list, [], expand)));
    if (refusal?.kind === 'request') throw refusal;
  }
}

function requestOf({ path, params, paginates }: StreamDefinition, expand: Params = []): Request {
  const limit: Params = paginates === false ? [] : [['limit', '1']];
  return { path, params: [...limit, ...Object.entries(params ?? {}), ...expand] };
}

/** Why Stripe does not let us read here, if it does not. What concerns more than this place is thrown. */
async function refusalOf(
  client: Client,
  request: Request,
  isExpected: (body: unknown) => boolean = isAnything,
): Promise<StripeError | undefined> {
  try {
    if (isExpected(await client.get(request))) return undefined;
    return new StripeError('request', `GET ${request.path} did not answer as Stripe does.`);
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    if (['authentication', 'forbidden'].includes(error.kind)) throw error;
    return error;
  }
}

function isAccount(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'object' in body && body.object === 'account';
}

function isAnything(): boolean {
  return true;
}
