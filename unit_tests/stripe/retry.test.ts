import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRateLimit, isWorthRetrying, retryDelayMs } from '../../src/stripe/retry.js';

describe('isWorthRetrying', () => {
  it.each([
    ['no answer', { code: 'ECONNRESET' }, true],
    ['a timeout', { code: 'ECONNABORTED' }, true],
    ['a server that cannot prove who it is', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, false],
    ['too many requests', { status: 429 }, true],
    ['a conflict', { status: 409 }, true],
    ['a server error', { status: 503 }, true],
    ['a success with a broken body', { status: 200 }, true],
    ['an old-style rate limit', { status: 400, code: 'rate_limit' }, true],
    ['a bad request', { status: 400 }, false],
    ['a redirect', { status: 302 }, false],
    ['a missing permission', { status: 403 }, false],
    ['a bad request that Stripe says may be retried', { status: 400, shouldRetry: 'true' }, true],
    ['a server error that Stripe says may not be retried', { status: 500, shouldRetry: 'false' }, false],
  ])('%s', (_, failure, expected) => {
    expect(isWorthRetrying(failure)).toBe(expected);
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
