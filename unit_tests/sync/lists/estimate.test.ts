import { describe, expect, it } from 'vitest';
import { estimateRows } from '../../../src/sync/lists/estimate.js';

describe('estimateRows', () => {
  it.each([
    ['takes what is ahead to be as rich in rows as what came', 300, 100, [50, 50], 600],
    ['is 0 for a stream that has no rows yet', 0, 100, [100], 0],
    ['is a whole number', 10, 3, [1], 13],
    ['does not exist before the first page', 0, 0, [500], undefined],
    ['does not exist when nothing is ahead', 300, 100, [], undefined],
    ['does not exist when nothing is known of what is ahead', 300, 100, [0, 0], undefined],
  ] as const)('an estimate of the rows %s', (_, rows, listed, ahead, estimate) => {
    expect(estimateRows(rows, listed, ahead)).toBe(estimate);
  });
});
