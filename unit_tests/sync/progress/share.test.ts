import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../../../src/sync/progress/plan.js';
import { share } from '../../../src/sync/progress/share.js';
import type { Slice } from '../../../src/sync/progress/slice.js';

describe('share', () => {
  it('the slices of streams on one list become the same or disjoint, and no second is lost', () => {
    const bound = fc.integer({ min: 1, max: 30 });
    const slices = fc.uniqueArray(bound, { minLength: 0, maxLength: 6 }).map(pairUp);
    fc.assert(
      fc.property(fc.array(slices, { minLength: 1, maxLength: 4 }), (pendings) => {
        const before = pendings.map((pending) => ({ from: 0, created: 30, pending }));
        const shared = share(before);
        const after = before.map((progress, index) => ({
          ...progress,
          pending: shared.filter(({ wanted }) => wanted.has(index)).map(({ slice }) => slice),
        }));
        expect(after.map(seconds)).toEqual(before.map(seconds));
        for (const a of shared) for (const b of shared) expect(a === b || !overlap(a.slice, b.slice)).toBe(true);
      }),
    );
  });

  it('a slice in use stays as it is, and is one for all streams that have it, each with its own position in the page', () => {
    const used = { lte: 90, after: 'a', seen: 40 };
    const shared = share([
      { from: 0, created: 90, pending: [used] },
      { from: 0, created: 90, pending: [{ ...used, within: { through: 'b' } }] },
      { from: 0, created: 90, pending: [{ lte: 50 }] },
    ]);
    expect(shared).toEqual([
      {
        slice: used,
        wanted: new Map([
          [0, undefined],
          [1, { through: 'b' }],
        ]),
      },
      { slice: { lte: 50 }, wanted: new Map([[2, undefined]]) },
    ]);
  });
});

function pairUp(bounds: readonly number[]): readonly Slice[] {
  const sorted = [...bounds].sort((a, b) => a - b);
  return sorted.flatMap((lte, index) => (index % 2 === 1 ? [{ gte: sorted[index - 1] ?? lte, lte }] : []));
}

function seconds({ pending }: Progress): readonly number[] {
  return pending
    .flatMap(({ gte = 0, lte = 0 }) => Array.from({ length: lte - gte + 1 }, (_, i) => gte + i))
    .sort((a, b) => a - b);
}

function overlap(a: Slice, b: Slice): boolean {
  return (a.gte ?? 0) <= (b.lte ?? 0) && (b.gte ?? 0) <= (a.lte ?? 0);
}
