import { describe, expect, it } from 'vitest';
import { waitForReader } from '../../src/protocol/patience.js';

const STEP_MS = 250;

/** When waiting ends for a reader that has taken `accepted(ms)` bytes after so many milliseconds. */
function givesUpAt(accepted: (ms: number) => number, isPending: (ms: number) => boolean = () => true): number {
  let ms = 0;
  const isOver = waitForReader(
    () => ({ accepted: accepted(ms), isPending: isPending(ms) }),
    () => 1e6 + ms,
  );
  while (!isOver()) ms += STEP_MS;
  return ms;
}

describe('waitForReader', () => {
  it('a reader without progress is given up after 5 seconds', () => {
    expect(givesUpAt(() => 65_536)).toBe(5_000);
    expect(givesUpAt((ms) => (ms < 2_000 ? 0 : 65_536))).toBe(7_000);
  });

  it('a reader that takes a little now and then gets 8 seconds and no more', () => {
    expect(givesUpAt((ms) => ms)).toBe(8_000);
    expect(givesUpAt((ms) => Math.floor(ms / 4_500))).toBe(8_000);
  });

  it('the time in which there is nothing to take does not count against the reader', () => {
    expect(
      givesUpAt(
        () => 0,
        () => false,
      ),
    ).toBe(8_000);
    expect(
      givesUpAt(
        () => 0,
        (ms) => ms > 2_000,
      ),
    ).toBe(7_000);
  });
});
