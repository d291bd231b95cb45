/**
 * Why a request failed, by the reaction that the failure asks of the caller:
 * - `authentication`: Stripe does not accept the key, so nothing can be read with it
 * - `permission`: the key may not read this, but may read other things
 * - `forbidden`: the key has no access to the account, so nothing can be read with it
 * - `uncontrolled`: the platform does not control this account, so it may not read this; it may read it of other
 *   accounts
 * - `unavailable`: the account does not have the product, so there is nothing to read
 * - `not_found`: the object does not exist, or no longer does
 * - `no_items`: the object exists, but has lost its items for good
 * - `cursor`: the object that a page should start after is gone; the list can be entered elsewhere
 * - `request`: Stripe refuses the request itself, such as one of its parameters
 * - `limited`: Stripe refused every attempt because of a limit; a later sync may succeed
 * - `untrusted`: the server cannot prove its identity
 * - `transient`: every attempt failed; a later sync may succeed
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

/** How Stripe refused: the HTTP status, and its own words. */
export interface Answer {
  readonly status: number;
  readonly said: string;
}

/** A request that failed for good. Its message is for people and contains neither the key nor a record. */
export class StripeError extends Error {
  override readonly name = 'StripeError';
  readonly kind: StripeErrorKind;
  /** Undefined if no answer arrived, or one that is not a refusal. */
  readonly answer: Answer | undefined;

  constructor(kind: StripeErrorKind, message: string, answer?: Answer) {
    super(message);
    this.kind = kind;
    this.answer = answer;
  }
}

/** An answer with which Stripe refuses a request, as far as it decides about the reaction. */
export interface Refusal {
  readonly status: number;
  readonly code?: string | undefined;
  readonly param?: string | undefined;
  readonly message: string;
  /** The path that was requested. */
  readonly path?: string | undefined;
  /** Whether the request was for the key's own account, without `Stripe-Account`. */
  readonly isOwnAccount?: boolean | undefined;
}

/** The kind of a refusal that is not worth a retry. */
export function kindOf(refusal: Refusal): StripeErrorKind {
  return kindByReason(refusal) ?? kindByStatus(refusal);
}

/** Whatever the status is: these reasons come with several. */
function kindByReason(refusal: Refusal): StripeErrorKind | undefined {
  const { message } = refusal;
  if (lacksPermission(message)) return 'permission';
  if (isNoPlatform(refusal)) return 'unavailable';
  if (lacksAccount(refusal)) return 'forbidden';
  if (lacksControl(message)) return 'uncontrolled';
  return lacksProduct(refusal) ? 'unavailable' : undefined;
}

function kindByStatus(refusal: Refusal): StripeErrorKind {
  const { status, param, message } = refusal;
  if (status === 401) return 'authentication';
  if (status === 403) return 'permission';
  if (param === 'starting_after' || isAgedOut(message)) return 'cursor';
  if (lacksLineItems(refusal)) return 'no_items';
  if (lacksObject(refusal)) return 'not_found';
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

/** A page of events cannot start after an event that Stripe no longer keeps (Estuary's source-stripe-native, 2026). */
function isAgedOut(message: string): boolean {
  return /aged out of our retention/i.test(message);
}

/** 403 for persons and external accounts of an uncontrolled account (Estuary's source-stripe-native, 2026). */
function lacksControl(message: string): boolean {
  return /do not have platform controls/i.test(message);
}

/** Old test-mode checkout sessions have lost theirs: 400 without a code (Estuary's source-stripe-native, 2026). */
function lacksLineItems({ status, message }: Refusal): boolean {
  return (status === 400 || status === 404) && /could not find line items/i.test(message);
}

function lacksObject({ status, code }: Refusal): boolean {
  return (status === 400 || status === 404) && code === 'resource_missing';
}

/** Paths about connected accounts, which only a Connect platform has. */
const CONNECTED_ACCOUNTS = /^\/(v1|v2\/core)\/accounts(\/|$)/;

/**
 * The account is not a Connect platform, but the request is for data that only a platform has: "You cannot access the
 * connected accounts…" (a list, with a merchant's own key, 2026-04), "Only Stripe Connect platforms can work with
 * other accounts." (stripe-apps issue 505, 2022-05). With the header `Stripe-Account`, these words can also mean that
 * the key may not use that account (`lacksAccount`); but then the request for the account itself meets them first,
 * before any path about connected accounts is read. Without the header, they never mean that.
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
 * The key may not use the account in the header `Stripe-Account`. Codes: docs.stripe.com/error-codes (2026-11). Some
 * versions send these texts without a code:
 * - "Only Stripe Connect platforms can work with other accounts. …": 403 (stripe-apps issue 505, 2022-05)
 * - "You cannot access the connected accounts of your platform's connected accounts.": stripe-apps issue 846
 *   (2023-05)
 * - "The account acct_… was a test account created with a testmode key, and therefore can only be used with testmode
 *   keys.": 400 (public logs of 2026-09)
 * - "The provided key 'sk_…' does not have access to account 'acct_…' (or that account does not exist). Application
 *   access may have been revoked.": 403, mostly with `account_invalid`
 *
 * "No such account" does not belong here: Stripe says it of an account in the path, which may have been deleted
 * meanwhile.
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
 * Wordings for a product that the account does not have, as Stripe's own sync-engine collected them until 2026-11.
 * They come without a code. Each pattern includes the subject of its sentence, because other refusals are worded
 * alike: "Apple Pay is not enabled for this currency". A 404 for an unknown URL has nearly the same words as
 * Treasury's refusal, but means something else.
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
