/** A failed attempt, as far as it decides on another one. */
export interface Failure {
  /** Absent when no answer came: connection refused or reset, timeout, body cut off. */
  readonly status?: number | undefined;
  /** `code` of Stripe's error, or of the network error where there is no status. */
  readonly code?: string | undefined;
  readonly retryAfter?: string | undefined;
  readonly shouldRetry?: string | undefined;
}

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 32_000;
/** Whatever `Retry-After` says: asking again after an hour costs one request. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** So many steps further on in the backoff is a retry that Stripe advises against: 2 to 4 s for the first. */
const STEPS_LATER = 3;

/**
 * What Node says of a certificate that does not prove who the server is: its X509 error codes (nodejs.org/api/tls.html,
 * v24) except OUT_OF_MEM, UNSPECIFIED for those of OpenSSL that it has no name for, and its own for the name.
 */
const UNTRUSTED = new RegExp(
  '^(CERT_|CRL_|ERROR_IN_(CERT|CRL)_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$|' +
    'HOSTNAME_MISMATCH$|UNSPECIFIED$|ERR_TLS_CERT_ALTNAME_)',
);

/** What stays so, however often it is asked: the request cannot be sent as it is, or the answer is too large to be held. */
const HOPELESS = /^(ERR_TLS_INVALID_|ERR_INVALID_|ERR_UNESCAPED_|ERR_BAD_OPTION|ERR_BAD_RESPONSE$)/;

/** Whether the server did not prove who it is. */
export function isUntrusted({ status, code = '' }: Failure): boolean {
  return status === undefined && UNTRUSTED.test(code);
}

/**
 * Whether the same GET may succeed later. `Stripe-Should-Retry: true` allows a retry of anything; `false` forbids none of
 * a GET that another moment may answer, and only makes it later (`retryDelayMs`).
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

/** Whether Stripe refused because there were too many requests. Older versions of the API answer 400 with this code. */
export function isRateLimit({ status, code }: Failure): boolean {
  return code === 'rate_limit' || (status === 429 && code !== 'lock_timeout');
}

/**
 * How long to wait before attempt `attempt + 1`, in milliseconds; the first failure is attempt 1. Doubles up to a limit,
 * with a jitter of half of it; later where Stripe advises against a retry. Never less than what `Retry-After` asks for
 * (seconds, or a date), up to an hour.
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
