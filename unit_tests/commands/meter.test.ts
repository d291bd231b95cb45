import { describe, expect, it, vi } from 'vitest';
import { startMeter } from '../../src/commands/meter.js';

describe('startMeter', () => {
  it('keeps one line with what there is to know, and ends it', () => {
    vi.useFakeTimers();
    let shown = '';
    const streams = [
      { name: 'charges', rows: 1200, isDone: true },
      { name: 'customers', rows: 30, isDone: false },
    ];
    const stop = startMeter({ streams, requests: 14 }, (text) => (shown += text), Date.now);
    vi.advanceTimersByTime(2000);
    expect(shown.split('\r').at(-1)).toContain(
      '1,230 rows, 615/s, 14 requests, 1 of 2 streams done, reading customers',
    );
    expect(shown).not.toContain('\n');
    stop();
    expect(shown.endsWith('\n')).toBe(true);
    vi.useRealTimers();
  });
});
