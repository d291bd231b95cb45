import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Watched } from '../../src/commands/context.js';
import { startMeter } from '../../src/commands/meter.js';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A meter over a sync, and the line that it shows at the moment. */
function meterOf(sync: Watched) {
  let shown = '';
  const stop = startMeter(sync, (text) => (shown += text), Date.now);
  return { stop, line: () => shown.split('\x1b[2K').at(-1) ?? '' };
}

function streamOf(name: string, rows: number, expectedRows: number | undefined, isDone = false) {
  return { name, rows, expectedRows, isDone };
}

describe('startMeter', () => {
  it('the meter is one line with a bar, rows, rate, requests, their share of the allowed rate and the time left', () => {
    const charges = streamOf('charges', 0, 4000);
    const sync = { streams: [charges, streamOf('customers', 0, undefined, true)], requests: 0, allowedPerSecond: 20 };
    const { line, stop } = meterOf(sync);
    charges.rows = 1000;
    sync.requests = 10;
    vi.advanceTimersByTime(1000);
    expect(line()).toBe(
      '[#####---------------] 1,000 rows, 1,000/s, 10 requests (50 % of the allowed rate), 1 of 2 streams, 0:03 left',
    );
    stop();
    expect(line().endsWith('\n')).toBe(true);
  });

  it('the meter shows no time left where it cannot be known', () => {
    const sync = { streams: [streamOf('charges', 5, undefined)], requests: 1, allowedPerSecond: 20 };
    const { line, stop } = meterOf(sync);
    vi.advanceTimersByTime(400);
    expect(line()).not.toContain('left');
    stop();
  });

  it('the meter measures rates over the last seconds, not since the start', () => {
    const charges = streamOf('charges', 0, undefined);
    const { line, stop } = meterOf({ streams: [charges], requests: 0, allowedPerSecond: 20 });
    vi.advanceTimersByTime(60_000);
    charges.rows = 5000;
    vi.advanceTimersByTime(1000);
    expect(line()).toContain('5,000 rows, 1,000/s');
    stop();
  });

  it('the bar is full when all streams are done', () => {
    const { line, stop } = meterOf({ streams: [streamOf('a', 0, undefined, true)], requests: 1, allowedPerSecond: 20 });
    stop();
    expect(line()).toContain('[####################] 0 rows');
  });
});
