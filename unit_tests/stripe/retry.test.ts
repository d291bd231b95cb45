import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRateLimit, isUntrusted, isWorthRetrying, retryDelayMs } from '../../src/stripe/retry.js';

describe('isWorthRetrying', () => {
  it.each([
    ['no answer', { code: 'ECONNRESET' }, true],
    ['a timeout', { code: 'ECONNABORTED' }, true],
    ['a server that cannot prove who it is', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, false],
    ['a handshake that fails', { code: 'EPROTO' }, true],
    ['a handshake that takes too long', { code: 'ERR_TLS_HANDSHAKE_TIMEOUT' }, true],
    ['a path that cannot be sent', { code: 'ERR_UNESCAPED_CHARACTERS' }, false],
    ['an answer that is too large', { code: 'ERR_BAD_RESPONSE' }, false],
    ['an answer that takes too long', { code: 'ERR_ANSWER_LATE' }, true],
    ['too many requests', { status: 429 }, true],
    ['a conflict', { status: 409 }, true],
    ['a server error', { status: 503 }, true],
    ['a success with a broken body', { status: 200 }, true],
    ['an old-style rate limit', { status: 400, code: 'rate_limit' }, true],
    ['a bad request', { status: 400 }, false],
    ['a redirect', { status: 302 }, false],
    ['a missing permission', { status: 403 }, false],
    ['a bad request that Stripe says may be retried', { status: 400, shouldRetry: 'true' }, true],
    ['a header that says nothing, with a bad request', { status: 400, shouldRetry: 'maybe' }, false],
    ['a header that says nothing, with a server error', { status: 500, shouldRetry: 'maybe' }, true],
  ])('%s', (_, failure, expected) => {
    expect(isWorthRetrying(failure)).toBe(expected);
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
  ])('%j with Stripe-Should-Retry: false: %s, and never with less patience than without it', (failure, expected) => {
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
  // What Node says of an error of OpenSSL's that is not in its list, such as a key that is too small.
  'UNSPECIFIED',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
];

describe('isUntrusted', () => {
  it.each(CERTIFICATE_CODES)('%s is about the certificate, and no retry mends it', (code) => {
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
  ])('%s is not', (code) => {
    expect(isUntrusted({ code })).toBe(false);
  });

  it('is nothing that Stripe can say itself', () => {
    expect(isUntrusted({ status: 400, code: 'CERT_REVOKED' })).toBe(false);
  });
});

describe('isRateLimit', () => {
  it.each([
    ['too many requests', { status: 429 }, true],
    ['too many requests, with the code', { status: 429, code: 'rate_limit' }, true],
    ['an old-style rate limit', { status: 400, code: 'rate_limit' }, true],
    ['a lock', { status: 429, code: 'lock_timeout' }, false],
    ['a conflict', { status: 409 }, false],
    ['a server error', { status: 503 }, false],
    ['no answer', { code: 'ECONNRESET' }, false],
  ])('%s', (_, failure, expected) => {
    expect(isRateLimit(failure)).toBe(expected);
  });
});

describe('retryDelayMs', () => {
  it('doubles from half a second and stays within 32 s, jitter included', () => {
    expect([1, 2, 3, 4].map((attempt) => retryDelayMs({}, attempt, 0, 1))).toEqual([500, 1000, 2000, 4000]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
        const delayMs = retryDelayMs({ status: 500 }, attempt, 0, random);
        expect(delayMs).toBeGreaterThanOrEqual(250);
        expect(delayMs).toBeLessThanOrEqual(32_000);
      }),
    );
  });

  it('begins with at least two seconds where Stripe advises against a retry', () => {
    const delays = (random: number) =>
      [1, 2, 3, 4].map((attempt) => retryDelayMs({ status: 503, shouldRetry: 'false' }, attempt, 0, random));
    expect([delays(0), delays(1)]).toEqual([
      [2000, 4000, 8000, 16_000],
      [4000, 8000, 16_000, 32_000],
    ]);
    expect(retryDelayMs({ status: 429, shouldRetry: 'false', retryAfter: '60' }, 1, 0, 0)).toBe(60_000);
  });

  it('waits at least as long as Retry-After asks for, in seconds or until a date', () => {
    expect(retryDelayMs({ retryAfter: '60' }, 1, 0, 0)).toBe(60_000);
    expect(retryDelayMs({ retryAfter: 'Thu, 01 Jan 1970 00:01:00 GMT' }, 1, 10_000, 0)).toBe(50_000);
  });

  it('waits no longer than an hour, whatever Retry-After asks for', () => {
    expect(retryDelayMs({ retryAfter: '99999999' }, 1, 0, 0)).toBe(3_600_000);
    expect(retryDelayMs({ retryAfter: 'Infinity' }, 1, 0, 0)).toBe(3_600_000);
  });

  it('takes no notice of a Retry-After that says nothing', () => {
    for (const retryAfter of ['soon', '-5', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
      expect(retryDelayMs({ retryAfter }, 1, 10_000, 1)).toBe(500);
    }
  });
});
