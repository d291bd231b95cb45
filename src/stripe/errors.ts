/**
 * Why Stripe did not give what was asked for, by the reaction that it asks of the caller:
 * - `authentication`: the key is not accepted; nothing can be read with it
 * - `permission`: the key may not read this; other things it may
 * - `forbidden`: the key has no access to the account that is read, so nothing can be read with it
 * - `uncontrolled`: the platform does not control this one account, and may not read this of it; of others it may
 * - `unavailable`: the account does not have the product; there is nothing to read
 * - `not_found`: the object is not there (any more)
 * - `no_items`: the object is there, and has lost its items for good
 * - `cursor`: the object that a page was to start after is gone; the list can be entered elsewhere
 * - `request`: Stripe refuses the request as we put it
 * - `limited`: refused because of a limit, to the limit of retries; a later sync may succeed
 * - `untrusted`: the server cannot prove who it is
 * - `transient`: repeated to the limit of retries without success; a later sync may succeed
 */
export type StripeErrorKind =
  | 'authentication'
  | 'permission'
  | 'forbidden'
  | 'uncontrolled'
  | 'unavailable'
  | 'not_found'
  | 'no_items'
  | 'cursor'
  | 'request'
  | 'limited'
  | 'untrusted'
  | 'transient';

/** A refusal: its HTTP status, and Stripe's own words. */
export interface Answer {
  readonly status: number;
  readonly said: string;
}

/** A request that failed for good. The message is for people and holds neither key nor record. */
export class StripeError extends Error {
  override readonly name = 'StripeError';
  readonly kind: StripeErrorKind;
  /** What Stripe answered; undefined where no answer came, or one that is not what was asked for. */
  readonly answer: Answer | undefined;

  constructor(kind: StripeErrorKind, message: string, answer?: Answer) {
    super(message);
    this.kind = kind;
    this.answer = answer;
  }
}

/** An answer that is not a success, as far as it decides about the reaction. */
export interface Refusal {
  readonly status: number;
  readonly code?: string | undefined;
  readonly param?: string | undefined;
  readonly message: string;
  /** What was asked for. */
  readonly path?: string | undefined;
  /** Whether the key's own account was asked, without `Stripe-Account`. */
  readonly isOwnAccount?: boolean | undefined;
}

/** What to make of a refusal that is not worth a retry. */
export function kindOf(refusal: Refusal): StripeErrorKind {
  const { status, code, param, message } = refusal;
  if (lacksPermission(message)) return 'permission';
  if (isNoPlatform(refusal)) return 'unavailable';
  if (lacksAccount(refusal)) return 'forbidden';
  if (lacksControl(message)) return 'uncontrolled';
  if (lacksProduct(refusal)) return 'unavailable';
  if (status === 401) return 'authentication';
  if (status === 403) return 'permission';
  if (param === 'starting_after' || isAgedOut(message)) return 'cursor';
  if (status === 400 || status === 404) {
    if (lacksLineItems(message)) return 'no_items';
    if (code === 'resource_missing') return 'not_found';
  }
  if (status === 429) return 'limited';
  return status >= 500 || status === 409 ? 'transient' : 'request';
}

/**
 * Stripe gives no code for a missing permission, with 403 on test accounts and 401 on live ones, so the text decides
 * (wordings of 2025-01 and 2026; Estuary's source-stripe-native on the status).
 */
function lacksPermission(message: string): boolean {
  return /does not have the required permissions/i.test(message);
}

/** A list of events cannot be entered at one that is no longer kept (Estuary's source-stripe-native, 2026). */
function isAgedOut(message: string): boolean {
  return /aged out of our retention/i.test(message);
}

/** 403 for persons and external accounts of an account that is not controlled (Estuary's source-stripe-native, 2026). */
function lacksControl(message: string): boolean {
  return /do not have platform controls/i.test(message);
}

/** Old sessions of test mode have lost theirs: 400 without a code (Estuary's source-stripe-native, 2026). */
function lacksLineItems(message: string): boolean {
  return /could not find line items/i.test(message);
}

/** Only a Connect platform has connected accounts, which are what these paths are about. */
const CONNECTED_ACCOUNTS = /^\/(v1|v2\/core)\/accounts(\/|$)/;

/**
 * The account is no Connect platform, and was asked for what only a platform has: "You cannot access the connected
 * accounts…" (list of 2026-04, from a merchant's own key), "Only Stripe Connect platforms can work with other accounts."
 * (stripe-apps issue 505, 2022-05). With the header `Stripe-Account`, the account request meets the same words first;
 * without it, they are never about that header.
 */
function isNoPlatform(refusal: Refusal): boolean {
  const { path = '', isOwnAccount = false } = refusal;
  return needsPlatform(refusal) && (isOwnAccount || CONNECTED_ACCOUNTS.test(path));
}

function needsPlatform({ code, message }: Refusal): boolean {
  if (code === 'platform_account_required') return true;
  return [
    /only stripe connect platforms can work with other accounts/i,
    /you cannot access the connected accounts of/i,
  ].some((wording) => wording.test(message));
}

/**
 * The account in the header `Stripe-Account` is not one that the key may use. Codes: docs.stripe.com/error-codes (2026-11).
 * The texts, which come without a code from some versions:
 * - "Only Stripe Connect platforms can work with other accounts. …": 403 (stripe-apps issue 505, 2022-05)
 * - "You cannot access the connected accounts of your platform's connected accounts.": stripe-apps issue 846 (2023-05)
 * - "The account acct_… was a test account created with a testmode key, and therefore can only be used with testmode
 *   keys.": 400 (public logs of 2026-09)
 * - "The provided key 'sk_…' does not have access to account 'acct_…' (or that account does not exist). Application access
 *   may have been revoked.": 403, mostly with `account_invalid`
 *
 * "No such account" is none of them: it is said of an account in the path, which may have been deleted meanwhile.
 */
function lacksAccount(refusal: Refusal): boolean {
  if (refusal.code === 'account_invalid' || needsPlatform(refusal)) return true;
  return [
    /\bwas a (test|live) account created with a (test|live)mode key/i,
    /does not have access to account '/i,
    /application access may have been revoked/i,
  ].some((wording) => wording.test(refusal.message));
}

/**
 * Wordings for a product that the account does not have, as Stripe's own sync-engine collected them until 2026-11; there
 * is no code. They are tied to what they were said of, because other refusals have words like them: "Apple Pay is not enabled
 * for this currency". An unknown URL is a 404 of nearly the same words as those of Treasury, and something else.
 */
const NO_PRODUCT: readonly RegExp[] = [
  /\byour account is not set up to use /i,
  /\bhave you onboarded to /i,
  /\baccounts v2 is not enabled for your /i,
  /\baccounts v2 isn.t available in test mode/i,
  /\bthis api surface is not enabled for testmode usage/i,
  /\byour account is not authorized to send forwarding requests/i,
  /\bthis endpoint is only available in testmode/i,
];

function lacksProduct({ status, message }: Refusal): boolean {
  if (![400, 403, 404].includes(status)) return false;
  if (status === 400 && /^unrecognized request url \(get: \/v1\/treasury\//i.test(message)) return true;
  return NO_PRODUCT.some((wording) => wording.test(message));
}
