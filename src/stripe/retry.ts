/** A failed attempt, as far as it decides whether another one follows, and when. */
export interface Failure {
  /** Absent when no answer arrived: connection refused or reset, timeout, body cut off. */
  readonly status?: number | undefined;
  /** The `code` of Stripe's error or, without a status, of the network error. */
  readonly code?: string | undefined;
  /** The header `Retry-After`. */
  readonly retryAfter?: string | undefined;
  /** The header `Stripe-Should-Retry`. */
  readonly shouldRetry?: string | undefined;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 32_000;
/** The longest `Retry-After` that is obeyed, because asking again after an hour costs only one request. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** A retry that Stripe advises against comes this many steps later in the backoff: the first one after 2 to 4 s. */
const STEPS_LATER = 3;

/**
 * Node's codes for a certificate that does not prove the server's identity: its X509 error codes
 * (nodejs.org/api/tls.html, v24) except OUT_OF_MEM, UNSPECIFIED for OpenSSL errors that Node has no name for, and
 * ERR_TLS_CERT_ALTNAME_… for the wrong host name.
 */
const UNTRUSTED = new RegExp(
  '^(CERT_|CRL_|ERROR_IN_(CERT|CRL)_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|' +
    'HOSTNAME_MISMATCH$|UNSPECIFIED$|ERR_TLS_CERT_ALTNAME_)',
);

/** Codes that no retry changes: the request cannot be sent as it is, or the answer is too large for the memory. */
const HOPELESS = /^(ERR_TLS_INVALID_|ERR_INVALID_|ERR_UNESCAPED_|ERR_BAD_OPTION|ERR_BAD_RESPONSE$)/;

/** Whether the server did not prove its identity. */
export function isUntrusted({ status, code = '' }: Failure): boolean {
  return status === undefined && UNTRUSTED.test(code);
}

/**
 * Whether the same GET may succeed later. `Stripe-Should-Retry: true` allows a retry of anything. `false` does not
 * prevent the retry of a GET that may succeed at another time, but only delays it (`retryDelayMs`).
 */
export function isWorthRetrying(failure: Failure): boolean {
  if (failure.status === undefined) return !isUntrusted(failure) && !HOPELESS.test(failure.code ?? '');
  if (failure.shouldRetry === 'true') return true;
  // A success whose body cannot be read: cut off, or not JSON.
  if (failure.status >= 200 && failure.status < 300) return true;
  // Older versions of the API answer 400 with these codes.
  if (failure.code === 'rate_limit' || failure.code === 'lock_timeout') return true;
  return failure.status === 409 || failure.status === 429 || failure.status >= 500;
}

/** Whether Stripe refused because of too many requests. Older versions of the API answer 400 with this code. */
export function isRateLimit({ status, code }: Failure): boolean {
  return code === 'rate_limit' || (status === 429 && code !== 'lock_timeout');
}

/**
 * How long to wait after failed attempt number `attempt` (from 1), in milliseconds. The delay doubles with each
 * attempt, up to a limit; up to half of it is taken off at random (`random`: 0 to 1). It is longer if Stripe advises
 * against a retry, and never shorter than `Retry-After` demands (seconds, or a date), up to an hour.
 */
export function retryDelayMs(failure: Failure, attempt: number, now: number, random: number): number {
  const step = attempt - 1 + (failure.shouldRetry === 'false' ? STEPS_LATER : 0);
  const backoff = Math.min(FIRST_DELAY_MS * 2 ** step, MAX_DELAY_MS) * (0.5 + random / 2);
  return Math.max(backoff, retryAfterMs(failure.retryAfter, now));
}

function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS);
}
