import { log } from '../protocol/messages.js';
import type { Account as StripeAccount } from '../stripe/api.generated.js';
import { StripeError } from '../stripe/errors.js';
import { type Account, Ending } from './account/account.js';
import { Expansions } from './account/expansions.js';
import type { SyncOptions } from './options.js';
import type { Seconds } from './progress/slice.js';
import { isAccountId } from './progress/stream-state.js';

/** Clocks differ by seconds. A larger difference means that one of them is wrong. */
const NOTEWORTHY_SKEW_MS = 300_000;

/** 2011-01-01: Stripe launched in 2011. */
const STRIPE_BEGAN = 1_293_840_000;

/**
 * Asks for the account first, so that a bad key fails once and not once per stream, the state can be compared with the
 * account, and Stripe's clock is known before the horizon is fixed. Throws a StripeError if nothing can be read.
 */
export async function openAccount(options: SyncOptions): Promise<Account> {
  const { client, livemode, write } = options;
  const { id, created: floor = STRIPE_BEGAN } = await identify(options);
  const horizon = await compareClocks(options);
  const expansions = expansionsOf(options);
  const say: Account['say'] = (level, text) => write(log(level, text));
  return { id, livemode, client, expansions, say, horizon, floor, ending: new Ending() };
}

/** What is known about an account. */
interface Identity {
  readonly id: string | undefined;
  readonly created?: Seconds;
}

/** The account that Stripe names, even when it refuses to show it; else the configured one. */
async function identify({ client, accountId }: SyncOptions): Promise<Identity> {
  try {
    const { id, created } = (await client.get({ path: '/v1/account' })) as Partial<StripeAccount>;
    return { id: firstAccount(id, accountId), ...(typeof created === 'number' ? { created } : {}) };
  } catch (error) {
    if (!(error instanceof StripeError) || error.kind !== 'permission') throw error;
    return { id: firstAccount(accountNamedIn(error.message), accountId) };
  }
}

function firstAccount(said: unknown, configured: string | undefined): string | undefined {
  // For an organization's key, an account below another one is configured as `acct_P/acct_C`.
  return [said, configured?.split('/').at(-1)].find(isAccountId);
}

/**
 * The id in "… the required permissions for this endpoint on account 'acct_…'" (Stripe's wording, 2025-01 and 2026).
 * Undefined unless the id is whole.
 */
function accountNamedIn(refusal: string): string | undefined {
  return /\bon account '(acct_[A-Za-z0-9]+)'/.exec(refusal)?.[1];
}

/** The time by the clock that is behind. */
async function compareClocks({ now, client, write }: SyncOptions): Promise<Seconds> {
  const [local, stripe] = [now(), client.stripeTime() ?? now()];
  const behind = Math.max(0, Math.floor(Math.min(local, stripe) / 1000));
  if (Math.abs(local - stripe) > NOTEWORTHY_SKEW_MS) {
    const minutes = Math.round(Math.abs(local - stripe) / 60_000);
    const text = `The local clock and Stripe's differ by ${minutes} minutes. Rows are read up to ${isoTime(behind)}.`;
    await write(log('WARN', text));
  }
  return behind;
}

function expansionsOf({ catalog, streams, expand }: SyncOptions): Expansions {
  const names = new Set(streams.map(({ descriptor }) => descriptor.name));
  const children = catalog.filter(({ name, parent }) => parent && names.has(name));
  return new Expansions(children, expand);
}

/** A time in ISO 8601; a time that no calendar has is given in seconds. */
export function isoTime(seconds: Seconds): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString();
}
