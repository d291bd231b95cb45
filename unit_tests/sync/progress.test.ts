import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advance, align, below, type Progress, plan, reenter, type Slice, type Want } from '../../src/sync/progress.js';

const want = (from: number, to: number, lookback = 0): Want => ({ from, to, bounded: true, lookback });

describe('plan', () => {
  it.each([
    ['a first load is one slice from the start date to the horizon', undefined, want(10, 90), [{ gte: 10, lte: 90 }]],
    ['all history needs no lower bound', undefined, want(0, 90), [{ lte: 90 }]],
    ['an incremental sync begins a second after the cursor', done(0, 90), want(0, 120), [{ gte: 91, lte: 120 }]],
    ['a cursor that is ahead of the horizon leaves nothing to read', done(0, 90), want(0, 80), []],
    [
      'a start date moved back is the gap and what is new',
      done(50, 90),
      want(20, 99),
      [
        { gte: 20, lte: 49 },
        { gte: 91, lte: 99 },
      ],
    ],
    [
      'a start date moved back past an end date leaves no hole behind it',
      done(50, 90),
      want(20, 30),
      [{ gte: 20, lte: 49 }],
    ],
    ['a later start date only filters what is new', done(0, 90), want(60, 99), [{ gte: 91, lte: 99 }]],
    ['a start date beyond the cursor skips what lies between', done(0, 90), want(95, 99), [{ gte: 95, lte: 99 }]],
    [
      'a lookback reads the seconds before the cursor again',
      done(0, 90),
      want(0, 99, 10),
      [
        { gte: 81, lte: 90 },
        { gte: 91, lte: 99 },
      ],
    ],
    [
      'a lookback does not reach behind the start date',
      done(0, 90),
      want(85, 99, 10),
      [
        { gte: 85, lte: 90 },
        { gte: 91, lte: 99 },
      ],
    ],
    ['a start date in the future that moves back forgets nothing', done(500, 90), want(20, 99), [{ gte: 20, lte: 99 }]],
  ] as const)('%s', (_, before, wanted, pending) => {
    expect(plan(before, wanted).pending).toEqual(pending);
  });

  it('keeps what an interrupted sync left and adds what is new', () => {
    const left = { lte: 90, after: 'ch_1', seen: 40 };
    expect(plan({ from: 0, created: 90, pending: [left] }, want(0, 99)).pending).toEqual([left, { gte: 91, lte: 99 }]);
  });

  it('does not read twice with a lookback what an interrupted sync will still read', () => {
    const left = { lte: 90, after: 'ch_1', seen: 85 };
    const { pending } = plan({ from: 0, created: 90, pending: [left] }, want(0, 99, 10));
    expect(pending).toEqual([left, { gte: 86, lte: 90 }, { gte: 91, lte: 99 }]);
  });

  it('never moves the cursor back', () => {
    expect(plan(done(0, 90), want(0, 50)).created).toBe(90);
  });

  it('reads a list without a filter whole, or from where it was left', () => {
    const whole = { ...want(0, 90), bounded: false };
    expect(plan(undefined, whole).pending).toEqual([{}]);
    const interrupted = { from: 0, created: 80, pending: [{ after: 'pm_1' }] };
    expect(plan(interrupted, whole)).toEqual(interrupted);
  });
});

describe('below', () => {
  it('is nothing after the last page, however long it was', () => {
    expect(below({ hasMore: false, lastId: 'a', times: [5] }, { lte: 9 })).toBeUndefined();
  });

  it('keeps the bounds as they were, for `after` is only valid with them', () => {
    expect(below({ hasMore: true, lastId: 'a', times: [7, 5] }, { gte: 1, lte: 9 })).toEqual({
      gte: 1,
      lte: 9,
      after: 'a',
      seen: 5,
    });
  });

  it('forgets the second once the order is broken, within a page or between two', () => {
    const broken = { gte: 1, lte: 9, after: 'a' };
    expect(below({ hasMore: true, lastId: 'a', times: [5, 7] }, { gte: 1, lte: 9 })).toEqual(broken);
    expect(below({ hasMore: true, lastId: 'a', times: [6, 5] }, { gte: 1, lte: 9, after: 'z', seen: 5 })).toEqual(
      broken,
    );
    expect(below({ hasMore: true, lastId: 'a', times: [4, 3] }, { gte: 1, lte: 9, after: 'z' })).toEqual(broken);
  });
});

describe('reenter', () => {
  it('repeats the second of the last object, and everything when the order was broken', () => {
    expect(reenter({ gte: 1, lte: 9, after: 'a', seen: 5 })).toEqual({ gte: 1, lte: 5 });
    expect(reenter({ gte: 1, lte: 9, after: 'a' })).toEqual({ gte: 1, lte: 9 });
    expect(reenter({ after: 'a' })).toEqual({});
  });
});

describe('align', () => {
  it('makes the slices of streams on one list the same or disjoint, and loses no second', () => {
    const bound = fc.integer({ min: 1, max: 30 });
    const slices = fc.uniqueArray(bound, { minLength: 0, maxLength: 6 }).map(pairUp);
    fc.assert(
      fc.property(fc.array(slices, { minLength: 1, maxLength: 4 }), (pendings) => {
        const before = pendings.map((pending) => ({ from: 0, created: 30, pending }));
        const after = align(before);
        expect(after.map(seconds)).toEqual(before.map(seconds));
        const all = new Set(after.flatMap(({ pending }) => pending));
        for (const a of all) for (const b of all) expect(a === b || !overlap(a, b)).toBe(true);
      }),
    );
  });

  it('lets slices in use stand as they are', () => {
    const used = { lte: 90, after: 'a', seen: 40 };
    const [one, other] = align([
      { from: 0, created: 90, pending: [used] },
      { from: 0, created: 90, pending: [{ lte: 50 }] },
    ]);
    expect(one?.pending).toEqual([used]);
    expect(other?.pending).toEqual([{ lte: 50 }]);
  });
});

describe('a list that is read by slices', () => {
  it('gives every row that was there, wherever syncs are stopped, dates are moved and objects vanish', () => {
    const sync = fc.record({
      from: fc.integer({ min: 0, max: 40 }),
      step: fc.integer({ min: 0, max: 30 }),
      pages: fc.integer({ min: 0, max: 8 }),
      vanish: fc.boolean(),
      end: fc.option(fc.integer({ min: 40, max: 120 }), { nil: Number.POSITIVE_INFINITY }),
      lookback: fc.integer({ min: 0, max: 20 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 60 }),
        fc.array(sync, { maxLength: 8 }),
        (times, syncs) => {
          const list = times.sort((a, b) => b - a).map((created, index) => ({ id: `id_${index}`, created }));
          const out = new Set<string>();
          let progress: Progress | undefined;
          let horizon = 0;
          const all = Number.POSITIVE_INFINITY;
          const last = { from: 0, step: 120, pages: all, vanish: false, end: all, lookback: 0 };
          for (const { from, step, pages, vanish, end, lookback } of [...syncs, last]) {
            horizon += step;
            const wanted = want(from, Math.min(horizon, end), lookback);
            progress = readSome(list, plan(progress, wanted), pages, vanish, out);
          }
          expect(progress?.pending).toEqual([]);
          expect([...out].sort()).toEqual(
            list
              .filter(({ created }) => created <= horizon)
              .map(({ id }) => id)
              .sort(),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

interface Item {
  readonly id: string;
  readonly created: number;
}

const PAGE = 3;

/** Reads at most `pages` pages as the engine does; with `vanish` the object to start after is gone once. */
function readSome(list: readonly Item[], start: Progress, pages: number, vanish: boolean, out: Set<string>): Progress {
  let progress = start;
  let budget = pages;
  let willVanish = vanish;
  for (const slice of start.pending) {
    let held = slice;
    let rest: Slice | undefined = slice;
    while (rest && budget > 0) {
      if (willVanish && rest.after !== undefined) {
        rest = reenter(rest);
        willVanish = false;
      }
      const { items, hasMore } = page(list, rest);
      for (const { id } of items) out.add(id);
      const left: Slice | undefined = below(
        { hasMore, lastId: items.at(-1)?.id, times: items.map(({ created }) => created) },
        rest,
      );
      progress = advance(progress, held, left);
      if (left) held = left;
      rest = left;
      budget -= 1;
    }
  }
  return progress;
}

function page(list: readonly Item[], { gte = 0, lte = Number.POSITIVE_INFINITY, after }: Slice) {
  const start = after === undefined ? 0 : list.findIndex(({ id }) => id === after) + 1;
  const matching = list.slice(start).filter(({ created }) => created >= gte && created <= lte);
  return { items: matching.slice(0, PAGE), hasMore: matching.length > PAGE };
}

function done(from: number, created: number): Progress {
  return { from, created, pending: [] };
}

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
