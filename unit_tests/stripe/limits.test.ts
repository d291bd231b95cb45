import { describe, expect, it } from 'vitest';
import { createLimiter } from '../../src/stripe/limits.js';

/** A limiter whose clock stands still, so that the wait for a place tells when the request would be sent. */
function limiterAt(start: number) {
  let now = start;
  let slept = 0;
  const sleep = async (delayMs: number) => {
    slept = delayMs;
  };
  const limiter = createLimiter({ account: 50, endpoint: 20 }, { now: () => now, sleep });
  const { signal } = new AbortController();
  const waitOf = async (endpoint: string) => {
    slept = 0;
    await limiter.take(endpoint, signal);
    return slept;
  };
  return {
    limiter,
    pass: (ms: number) => {
      now += ms;
    },
    /** How long the last of `count` requests waits, sent to the endpoints in turn. */
    lastWait: async (count: number, endpoints: readonly string[]) => {
      let wait = 0;
      for (let sent = 0; sent < count; sent += 1) wait = await waitOf(endpoints[sent % endpoints.length] ?? '');
      return wait;
    },
  };
}

describe('createLimiter', () => {
  it('spaces the requests to one endpoint by its rate', async () => {
    expect(await limiterAt(10_000).lastWait(201, ['a'])).toBeCloseTo(10_000 - 100, 0);
  });

  it('spaces the requests to all endpoints by the rate of the account', async () => {
    expect(await limiterAt(10_000).lastWait(501, ['a', 'b', 'c', 'd'])).toBeCloseTo(10_000 - 100, 0);
  });

  it('lets an idle endpoint catch up on a tenth of a second and no more', async () => {
    const { lastWait, pass } = limiterAt(10_000);
    await lastWait(1, ['a']);
    pass(3_600_000);
    expect(await lastWait(3, ['a'])).toBe(0);
    expect(await lastWait(1, ['a'])).toBeCloseTo(50, 0);
  });

  it('slows the level that Stripe names and no other', async () => {
    const { limiter, lastWait } = limiterAt(10_000);
    limiter.slowDown('a', 'endpoint-rate');
    expect(await lastWait(15, ['a'])).toBeCloseTo(14 * (50 / 0.7) - 100, 0);
    expect(await lastWait(15, ['b'])).toBeCloseTo(14 * 50 - 100, 0);
  });

  it('takes a lock or a concurrency limit for what it is, no matter of rate', async () => {
    const { limiter, lastWait } = limiterAt(10_000);
    limiter.slowDown('a', 'endpoint-concurrency');
    expect(await lastWait(15, ['a'])).toBeCloseTo(14 * 50 - 100, 0);
  });

  it('comes back to full speed by itself', async () => {
    const { limiter, lastWait, pass } = limiterAt(10_000);
    limiter.slowDown('a', 'endpoint-rate');
    pass(60_000);
    expect(await lastWait(15, ['a'])).toBeCloseTo(14 * 50 - 100, 0);
  });

  it('never stops altogether', async () => {
    const { limiter, lastWait } = limiterAt(10_000);
    for (let times = 0; times < 1000; times += 1) limiter.slowDown('a', undefined);
    expect(await lastWait(2, ['a'])).toBeLessThanOrEqual(1000);
  });
});
