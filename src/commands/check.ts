import { ConfigError } from '../protocol/errors.js';
import { log } from '../protocol/messages.js';
import { catalog } from '../streams/catalog.js';
import type { Client, Params } from '../stripe/client.js';
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
    await probe(context, connect(context, settings, MAX_RETRIES), settings.apiKey);
    await context.write({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'SUCCEEDED' } });
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof StripeError)) throw error;
    const { message } = traceOf(error);
    await context.write({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message } });
  }
  return true;
}

/** A secret key that is accepted may read everything; a restricted one is tried on every list. */
async function probe(context: Context, client: Client, apiKey: string): Promise<void> {
  const refusal = await refusalOf(client, '/v1/account');
  if (refusal && refusal.kind !== 'permission') throw refusal;
  if (!refusal && !apiKey.startsWith('rk_')) return;
  const lists = catalog.filter(({ parent }) => parent === undefined);
  const refused: string[] = [];
  for (const { name, path, params, paginates } of lists) {
    const error = await refusalOf(client, path, [
      ...Object.entries(params ?? {}),
      ...(paginates === false ? [] : [['limit', '1'] as const]),
    ]);
    if (error?.kind !== 'permission') continue;
    refused.push(name);
    await context.write(log('WARN', traceOf(error, name).message));
  }
  if (refused.length === lists.length)
    throw new ConfigError('The API key may not read any stream: give it read permissions.');
}

/** Why Stripe does not let us read here, if it does not. What is no refusal is thrown. */
async function refusalOf(client: Client, path: string, params: Params = []): Promise<StripeError | undefined> {
  try {
    await client.get({ path, params });
    return undefined;
  } catch (error) {
    if (!(error instanceof StripeError)) throw error;
    if (error.kind === 'authentication' || error.kind === 'transient') throw error;
    return error;
  }
}
