import type { World } from '../data/model.js';
import type { Kind } from '../kinds/kind.js';
import { ApiError } from './errors.js';
import type { Store } from './store.js';

/** What a key may do. */
export interface KeyRule {
  /**
   * Collections that a restricted key may read, `account` for the account itself, and lists that belong to objects and
   * are not embedded in them. Default: everything.
   */
  readonly reads?: readonly string[];
  /** Status of a missing permission: Stripe was seen to answer 403, and on live accounts 401. Default: 403. */
  readonly refusal?: 401 | 403;
  readonly expired?: boolean;
  /** Connected accounts that the key may act for. Default: all of them. */
  readonly accounts?: readonly string[];
}

export type Keys = ReadonlyMap<string, KeyRule>;

/** The sender of a request. */
export interface Caller {
  readonly key: string;
  readonly rule: KeyRule;
  readonly world: World;
}

/** Finds the sender by the headers; throws Stripe's answer to a sender that it does not know. */
export function authenticate(
  store: Store,
  keys: Keys,
  headers: { readonly authorization: string | undefined; readonly account: string | undefined },
): Caller {
  const key = keyOf(headers.authorization);
  if (key === undefined) throw new ApiError(401, { message: NO_KEY });
  if (key.startsWith('pk_')) throw new ApiError(401, { code: 'secret_key_required', message: PUBLISHABLE });
  const rule = keys.get(key);
  if (!rule) throw new ApiError(401, { message: `Invalid API Key provided: ${redacted(key)}` });
  if (rule.expired) {
    throw new ApiError(401, { code: 'api_key_expired', message: `Expired API Key provided: ${redacted(key)}` });
  }
  return { key, rule, world: worldOf(store, key, rule, headers.account) };
}

const NO_KEY =
  'You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth ' +
  "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we " +
  'can help at https://support.stripe.com/.';

const PUBLISHABLE =
  'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your ' +
  'API keys at https://dashboard.stripe.com/account/apikeys.';

/** The key in `Bearer <key>`, or the user name of Basic. */
function keyOf(authorization: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (authorization ?? '').split(/\s+/, 2);
  if (/^bearer$/i.test(scheme)) return value || undefined;
  if (!/^basic$/i.test(scheme)) return undefined;
  return Buffer.from(value, 'base64').toString().split(':')[0] || undefined;
}

/** A key as Stripe shows it in messages: what it begins and ends with. */
export function redacted(key: string): string {
  const prefix = key.match(/^[a-z]+_[a-z]+_/)?.[0] ?? '';
  return `${prefix}${'*'.repeat(Math.max(4, key.length - prefix.length - 4))}${key.slice(prefix.length).slice(-4)}`;
}

function worldOf(store: Store, key: string, rule: KeyRule, account: string | undefined): World {
  if (account === undefined || account === store.platform.account) return store.platform;
  const world = rule.accounts && !rule.accounts.includes(account) ? undefined : store.connected(account);
  if (world) return world;
  const message =
    `The provided key '${redacted(key)}' does not have access to account '${account}' (or that account does not ` +
    'exist). Application access may have been revoked.';
  throw new ApiError(403, { code: 'account_invalid', message });
}

/** What a restricted key must be allowed to read, by its name in `reads`. */
export type Needed = Pick<Kind, 'name' | 'permission'>;

const ACCOUNT: Needed = { name: 'account', permission: ['account_read', 'Account Read'] };

/** Throws Stripe's answer to a restricted key that may not read this: by default, the account itself. */
export function checkPermission(caller: Caller, needed: Needed = ACCOUNT): void {
  const { reads, refusal = 403 } = caller.rule;
  if (reads === undefined || reads.includes(needed.name)) return;
  const [code, label] = needed.permission;
  throw new ApiError(refusal, {
    message:
      `Permission denied. The provided key '${redacted(caller.key)}' does not have the required permissions for this ` +
      `endpoint on account '${caller.world.account}'. Enabling "${label}" ('${code}') permissions on this key would ` +
      'allow this request to continue.',
  });
}
