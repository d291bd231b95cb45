import { describe, expect, it } from 'vitest';
import { createLevel } from '../../../src/stripe/limits/level.js';

const START = 10_000;

function levelOf(ratePerSecond: number, inFlight = 0) {
  const level = createLevel(ratePerSecond, () => START);
  for (let entered = 0; entered < inFlight; entered += 1) level.enter();
  return level;
}

describe('a level', () => {
  it('a level opens when its rate allows the next request', () => {
    expect(levelOf(10).opensAt()).toBeLessThanOrEqual(START);
    expect(levelOf(10, 2).opensAt()).toBe(START + 100);
  });

  it('a refusal for concurrency closes a level until a request leaves', () => {
    const level = levelOf(1e6, 20);
    level.leave();
    level.slowDown('concurrency');
    expect(level.opensAt()).toBe(Number.POSITIVE_INFINITY);
    level.leave();
    expect(level.opensAt()).toBeLessThanOrEqual(START);
  });

  it('a refusal for the rate delays the next request and does not limit the number in flight', () => {
    const level = levelOf(10, 1);
    const before = level.opensAt(5);
    level.slowDown('rate');
    expect(level.opensAt(5)).toBeGreaterThan(before);
    expect(level.opensAt(5)).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});
