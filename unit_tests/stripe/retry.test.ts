import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRateLimit, isUntrusted, isWorthRetrying, retryDelayMs } from '../../src/stripe/retry.js';

describe('isWorthRetrying', () => {
  it.each([
    ['an attempt without an answer', { code: 'ECONNRESET' }],
    ['a timeout', { code: 'ECONNABORTED' }],
    ['a handshake that fails', { code: 'EPROTO' }],
    ['a handshake that takes too long', { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }],
    ['an answer that takes too long', { code: 'ERR_ANSWER_LATE' }],
    ['a 429', { status: 429 }],
    ['a conflict', { status: 409 }],
    ['a server error', { status: 503 }],
    ['a success with a broken body', { status: 200 }],
    ['an old-style rate limit', { status: 400, code: 'rate_limit' }],
    ['a bad request that Stripe says may be retried', { status: 400, shouldRetry: 'true' }],
    ['a server error with a meaningless Stripe-Should-Retry', { status: 500, shouldRetry: 'maybe' }],
  ])('%s is worth a retry', (_, failure) => {
    expect(isWorthRetrying(failure)).toBe(true);
  });

  it.each([
    ['a server that cannot prove its identity', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    ['a path that cannot be sent', { code: 'ERR_UNESCAPED_CHARACTERS' }],
    ['an answer that is too large', { code: 'ERR_BAD_RESPONSE' }],
    ['a bad request', { status: 400 }],
    ['a redirect', { status: 302 }],
    ['a missing permission', { status: 403 }],
    ['a bad request with a meaningless Stripe-Should-Retry', { status: 400, shouldRetry: 'maybe' }],
  ])('%s is not worth a retry', (_, failure) => {
    expect(isWorthRetrying(failure)).toBe(false);
  });

  it.each([
    [{ status: 429 }, true],
    [{ status: 409 }, true],
    [{ status: 500 }, true],
    [{ status: 502 }, true],
    [{ status: 503 }, true],
    [{ status: 504 }, true],
    [{ status: 599 }, true],
    [{ status: 200 }, true],
    [{ status: 400, code: 'rate_limit' }, true],
    [{ status: 400, code: 'lock_timeout' }, true],
    [{ status: 302 }, false],
    [{ status: 400 }, false],
    [{ status: 401 }, false],
    [{ status: 402 }, false],
    [{ status: 403 }, false],
    [{ status: 404 }, false],
  ])('Stripe-Should-Retry: false does not change whether %j is worth a retry (%s), but may delay it', (failure, expected) => {
    const advised = { ...failure, shouldRetry: 'false' };
    expect([isWorthRetrying(failure), isWorthRetrying(advised)]).toEqual([expected, expected]);
    expect(isWorthRetrying({ ...failure, shouldRetry: 'true' })).toBe(true);
    for (const attempt of [1, 2, 3, 5, 15]) {
      const [usual, later] = [failure, advised].map((each) => retryDelayMs(each, attempt, 0, 0.5));
      expect(later).toBeGreaterThanOrEqual(usual ?? 0);
    }
  });
});

/** Node's X509 certificate error codes (nodejs.org/api/tls.html, v20 to v24), without OUT_OF_MEM. */
const CERTIFICATE_CODES = [
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_DECRYPT_CRL_SIGNATURE',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'CERT_SIGNATURE_FAILURE',
  'CRL_SIGNATURE_FAILURE',
  'CERT_NOT_YET_VALID',
  'CERT_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_HAS_EXPIRED',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CRL_LAST_UPDATE_FIELD',
  'ERROR_IN_CRL_NEXT_UPDATE_FIELD',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_CHAIN_TOO_LONG',
  'CERT_REVOKED',
  'INVALID_CA',
  'PATH_LENGTH_EXCEEDED',
  'INVALID_PURPOSE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'HOSTNAME_MISMATCH',
  // Node's code for an OpenSSL error that is not in its list, such as a key that is too small.
  'UNSPECIFIED',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

describe('isUntrusted', () => {
  it.each(CERTIFICATE_CODES)('%s means an untrusted certificate, which is not worth a retry', (code) => {
    expect([isUntrusted({ code }), isWorthRetrying({ code })]).toEqual([true, false]);
  });

  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    'EPROTO',
    'ETIMEDOUT',
    'OUT_OF_MEM',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_TLS_HANDSHAKE_TIMEOUT',
    'ERR_TLS_INVALID_PROTOCOL_VERSION',
    'ERR_INVALID_URL',
  ])('%s does not mean an untrusted certificate', (code) => {
    expect(isUntrusted({ code })).toBe(false);
  });

  it('an error code in an answer of Stripe never means an untrusted certificate', () => {
    expect(isUntrusted({ status: 400, code: 'CERT_REVOKED' })).toBe(false);
  });
});

describe('isRateLimit', () => {
  it.each([
    ['a 429', { status: 429 }],
    ['a 429 with the code rate_limit', { status: 429, code: 'rate_limit' }],
    ['an old-style rate limit', { status: 400, code: 'rate_limit' }],
  ])('%s counts as a refusal because of too many requests', (_, failure) => {
    expect(isRateLimit(failure)).toBe(true);
  });

  it.each([
    ['a lock timeout', { status: 429, code: 'lock_timeout' }],
    ['a conflict', { status: 409 }],
    ['a server error', { status: 503 }],
    ['an attempt without an answer', { code: 'ECONNRESET' }],
  ])('%s does not count as a refusal because of too many requests', (_, failure) => {
    expect(isRateLimit(failure)).toBe(false);
  });
});

describe('retryDelayMs', () => {
  it('the delay doubles from half a second and stays within 32 s, jitter included', () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs({}, attempt, 0, 1))).toEqual([500, 1000, 2000, 4000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const delayMs = retryDelayMs({ status: 500 }, attempt, 0, random);
        expect(delayMs).toBeGreaterThanOrEqual(250);
        expect(delayMs).toBeLessThanOrEqual(32_000);
      }),
    );
  });

  it('the first delay is at least two seconds if Stripe advises against a retry', () => {
    const delays = (random: number) =>
      [1, 2, 3, 4].map((attempt) => retryDelayMs({ status: 503, shouldRetry: 'false' }, attempt, 0, random));
    expect([delays(0), delays(1)]).toEqual([
      [2000, 4000, 8000, 16_000],
      [4000, 8000, 16_000, 32_000],
    ]);
    expect(retryDelayMs({ status: 429, shouldRetry: 'false', retryAfter: '60' }, 1, 0, 0)).toBe(60_000);
  });

  it('the delay is at least as long as Retry-After demands, in seconds or until a date', () => {
    expect(retryDelayMs({ retryAfter: '60' }, 1, 0, 0)).toBe(60_000);
    expect(retryDelayMs({ retryAfter: 'Thu, 01 Jan 1970 00:01:00 GMT' }, 1, 10_000, 0)).toBe(50_000);
  });

  it('the delay is never longer than an hour, whatever Retry-After demands', () => {
    expect(retryDelayMs({ retryAfter: '99999999' }, 1, 0, 0)).toBe(3_600_000);
    expect(retryDelayMs({ retryAfter: 'Infinity' }, 1, 0, 0)).toBe(3_600_000);
  });

  it('a Retry-After that makes no sense is ignored', () => {
    for (const retryAfter of ['soon', '-5', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
      expect(retryDelayMs({ retryAfter }, 1, 10_000, 1)).toBe(500);
    }
  });
});
