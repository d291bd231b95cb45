import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAlarm } from '../../../src/stripe/limits/alarm.js';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

/** An alarm on the fake clock, and the times at which it has rung. */
function alarmOf() {
  const rung: number[] = [];
  const sleep = (delayMs: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, delayMs);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason);
      });
    });
  const { set } = createAlarm({ now: Date.now, sleep }, () => rung.push(Date.now()));
  return { set, rung };
}

describe('an alarm', () => {
  it('an alarm rings once at its time', async () => {
    const { set, rung } = alarmOf();
    set(1000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(rung).toEqual([1000]);
  });

  it('an alarm can be set again after it has rung', async () => {
    const { set, rung } = alarmOf();
    set(1000);
    await vi.advanceTimersByTimeAsync(1000);
    set(3000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(rung).toEqual([1000, 3000]);
  });

  it('an earlier time replaces the one that was set, and a later one does not', async () => {
    const { set, rung } = alarmOf();
    set(1000);
    set(500);
    set(2000);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect(rung).toEqual([500]);
  });

  it('an alarm that is turned off leaves no timer behind, and never rings', async () => {
    const { set, rung } = alarmOf();
    set(1000);
    set(Number.POSITIVE_INFINITY);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(5000);
    expect(rung).toEqual([]);
  });

  it('an alarm for a time in the past rings at once', async () => {
    const { set, rung } = alarmOf();
    set(-5);
    await vi.advanceTimersByTimeAsync(0);
    expect(rung).toEqual([0]);
  });
});
