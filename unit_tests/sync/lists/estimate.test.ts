import { describe, expect, it } from 'vitest';
import { estimateRows } from '../../../src/sync/lists/estimate.js';

describe('estimateRows', () => {
  it.each([
    ['takes what comes for as rich in rows as what came', 300, 100, [50, 50], 600],
    ['takes a stream that has no rows yet for one without any', 0, 100, [100], 0],
    ['rounds', 10, 3, [1], 13],
    ['knows nothing before the first page', 0, 0, [500], undefined],
    ['has nothing to say when nothing comes', 300, 100, [], undefined],
    ['has nothing to say when nothing is known to come', 300, 100, [0, 0], undefined],
  ] as const)('%s', (_, rows, listed, ahead, estimate) => {
    expect(estimateRows(rows, listed, ahead)).toBe(estimate);
  });
});
