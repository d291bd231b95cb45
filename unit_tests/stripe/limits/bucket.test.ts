import { describe, expect, it } from 'vitest';
import { createBucket } from '../../../src/stripe/limits/bucket.js';

const START = 10_000;

function bucketOf(ratePerSecond: number) {
  let now = START;
  const bucket = createBucket(ratePerSecond, () => now);
  return {
    ...bucket,
    pass: (ms: number) => {
      now += ms;
    },
    /** How long the next request has to wait. */
    waitMs: (ahead = 0) => Math.max(0, bucket.readyAt(ahead) - now),
  };
}

describe('a bucket', () => {
  it('the first request need not wait', () => {
    expect(bucketOf(10).waitMs()).toBe(0);
  });

  it('requests that come at once are spread over the second', () => {
    const bucket = bucketOf(10);
    bucket.spend();
    bucket.spend();
    expect([bucket.waitMs(), bucket.waitMs(1), bucket.waitMs(2)]).toEqual([100, 200, 300]);
  });

  it('a request waits for those ahead of it, even if none has been sent yet', () => {
    const bucket = bucketOf(10);
    expect([bucket.waitMs(1), bucket.waitMs(2)]).toEqual([0, 100]);
  });

  it('a late request catches up by a tenth of a second at most', () => {
    const bucket = bucketOf(10);
    bucket.spend();
    bucket.pass(60_000);
    bucket.spend();
    bucket.spend();
    expect(bucket.waitMs()).toBe(100);
  });

  it('no more requests than the rate are sent within 1000 ms, whenever they are sent', () => {
    const bucket = bucketOf(2);
    bucket.pass(1000);
    bucket.spend();
    bucket.pass(400);
    bucket.spend();
    expect(bucket.waitMs()).toBe(600);
  });

  it('a refusal lowers the rate by a twentieth, which comes back within seconds', () => {
    const bucket = bucketOf(10);
    bucket.slowDown();
    bucket.spend();
    const lowered = bucket.waitMs(1);
    expect(lowered).toBeCloseTo(2000 / 9.5 - 100);
    bucket.pass(3000);
    bucket.spend();
    expect(bucket.waitMs(1)).toBeCloseTo(100);
  });

  it('a bucket that has seen many thousands of requests still knows the last second', () => {
    const bucket = bucketOf(2);
    for (let sent = 0; sent < 5000; sent += 1) {
      bucket.spend();
      bucket.pass(500);
    }
    expect(bucket.waitMs()).toBe(0);
    bucket.spend();
    expect(bucket.waitMs()).toBe(500);
  });
});
