import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Progress, plan, type Want } from '../../../src/sync/progress/plan.js';
import { share } from '../../../src/sync/progress/share.js';
import {
  below,
  cutShort,
  halve,
  middleOf,
  reenter,
  rises,
  type Slice,
  secondsLeft,
} from '../../../src/sync/progress/slice.js';

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
    ['a lookback reads the seconds before the cursor again', done(0, 90), want(0, 99, 10), [{ gte: 81, lte: 99 }]],
    ['a lookback does not reach behind the start date', done(0, 90), want(85, 99, 10), [{ gte: 85, lte: 99 }]],
    ['a start date in the future that moves back forgets nothing', done(500, 90), want(20, 99), [{ gte: 20, lte: 99 }]],
  ] as const)('%s', (_, before, wanted, pending) => {
    expect(plan(before, wanted).pending).toEqual(pending);
  });

  it('keeps what an interrupted sync left and adds what is new', () => {
    const left = { lte: 90, after: 'ch_1', seen: 40 };
    expect(plan({ from: 0, created: 90, pending: [left] }, want(0, 99)).pending).toEqual([left, { gte: 91, lte: 99 }]);
  });

  it('makes one slice of neighbours that nobody has begun, so that a state does not grow with every sync', () => {
    const pending = [{ lte: 90 }];
    expect(plan({ from: 0, created: 90, pending }, want(0, 99)).pending).toEqual([{ lte: 99 }]);
  });

  it('does not read twice with a lookback what an interrupted sync will still read', () => {
    const left = { lte: 90, after: 'ch_1', seen: 85 };
    const { pending } = plan({ from: 0, created: 90, pending: [left] }, want(0, 99, 10));
    expect(pending).toEqual([left, { gte: 86, lte: 99 }]);
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

  it.each([
    ['the start date has moved back', { from: 50, created: 80 }, { from: 20, to: 90 }],
    ['the end date is gone', { from: 0, created: 80, end: 80 }, { from: 0, to: 90 }],
    ['the end date has moved on', { from: 0, created: 80, end: 80 }, { from: 0, to: 85, end: 85 }],
  ])('reads a list without a filter again when %s, for pages that are out lack rows', (_, before, dates) => {
    const wanted = { ...dates, bounded: false, lookback: 0 };
    expect(plan({ ...before, pending: [{ after: 'pm_1' }] }, wanted).pending).toEqual([{}]);
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
      seen: 7,
    });
  });

  it('can be entered again at the newest second of the page, so that a straggler at its end moves nothing', () => {
    const left = below({ hasMore: true, lastId: 'a', times: [8, 7, 2] }, { lte: 9 });
    expect(left && reenter(left, left.seen)).toEqual({ lte: 8 });
  });

  it('sees the order broken by the first object of a page that is newer than the last of the page before', () => {
    const slice = { lte: 9, after: 'a', seen: 8 };
    expect(rises({ times: [7, 6], previous: 2 }, slice)).toBe(true);
    expect(rises({ times: [7, 6] }, slice)).toBe(false);
    expect(rises({ times: [], previous: 2 }, slice)).toBe(false);
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

describe('a slice that was cut short', () => {
  const cut = { gte: 1, lte: 9, stop: 5 };

  it('keeps its stop from page to page', () => {
    const left = below({ hasMore: true, lastId: 'a', times: [8, 5] }, cut);
    expect(left).toEqual({ ...cut, after: 'a', seen: 8 });
  });

  it('ends with a whole page below its stop, and not with one object of a page', () => {
    expect(below({ hasMore: true, lastId: 'a', times: [6, 4] }, cut)).toEqual({ ...cut, after: 'a', seen: 6 });
    expect(below({ hasMore: true, lastId: 'a', times: [4, 4, 3] }, cut)).toBeUndefined();
  });

  it('goes on to the end of a list in disorder, for rows of it may come late', () => {
    expect(below({ hasMore: true, lastId: 'a', times: [4, 8, 3] }, cut)).toEqual({ ...cut, after: 'a' });
    expect(below({ hasMore: true, lastId: 'b', times: [3] }, { ...cut, after: 'a' })).toEqual({ ...cut, after: 'b' });
  });

  it('is entered again within what is its own', () => {
    expect(reenter({ ...cut, after: 'a', seen: 7 }, 7)).toEqual({ gte: 5, lte: 7 });
    expect(reenter({ lte: 9, stop: 5, after: 'a' })).toEqual({ gte: 5, lte: 9 });
  });
});

describe('a split', () => {
  it('changes the bounds of a slice that nobody has asked for, and stops one in use', () => {
    expect(halve({ gte: 1, lte: 9 }, 5)).toEqual({ newer: { gte: 5, lte: 9 }, older: { gte: 1, lte: 4 } });
    expect(cutShort({ lte: 9, after: 'a', seen: 7 }, 5)).toEqual({
      newer: { lte: 9, after: 'a', seen: 7, stop: 5 },
      older: { lte: 4 },
    });
  });

  it('never gives away what an earlier one gave away', () => {
    const { older } = cutShort({ gte: 1, lte: 90, after: 'a', seen: 80, stop: 50 }, 65);
    expect(older).toEqual({ gte: 50, lte: 64 });
  });
});

describe('middleOf', () => {
  it.each<[string, Slice, number | undefined]>([
    ['halves the time between the bounds', { gte: 0, lte: 10 }, 5],
    ['halves what is left', { gte: 0, lte: 100, after: 'a', seen: 10 }, 5],
    ['takes the floor for the start of all history', { lte: 100 }, 90],
    ['leaves the second that is being read to its reader', { gte: 9, lte: 100, after: 'a', seen: 10 }, 10],
    ['cannot halve a second', { gte: 10, lte: 10 }, undefined],
    ['cannot halve a list in disorder', { gte: 0, lte: 10, after: 'a' }, undefined],
    ['cannot halve a list without bounds', {}, undefined],
  ])('%s', (_, slice, middle) => {
    expect(middleOf(slice, 80)).toBe(middle);
    expect(secondsLeft(slice, 80) > 0).toBe(middle !== undefined);
  });
});

describe('reenter', () => {
  it('repeats the second of the last object, and everything when the order was broken', () => {
    expect(reenter({ gte: 1, lte: 9, after: 'a', seen: 5 }, 5)).toEqual({ gte: 1, lte: 5 });
    expect(reenter({ gte: 1, lte: 9, after: 'a' })).toEqual({ gte: 1, lte: 9 });
    expect(reenter({ after: 'a' })).toEqual({});
  });
});

describe('share', () => {
  it('makes the slices of streams on one list the same or disjoint, and loses no second', () => {
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

  it('lets slices in use stand as they are, the same for all who have it, each with its own place in the page', () => {
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

describe('a list that is read by slices', () => {
  it('gives every row that was there, wherever syncs are stopped, dates are moved and objects vanish', () => {
    const sync = fc.record({
      from: fc.integer({ min: 0, max: 40 }),
      step: fc.integer({ min: 0, max: 30 }),
      pages: fc.integer({ min: 0, max: 8 }),
      vanish: fc.boolean(),
      splits: fc.array(fc.nat({ max: 12 }), { maxLength: 6 }),
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
          const last = { from: 0, step: 120, pages: all, vanish: false, splits: [1, 3], end: all, lookback: 0 };
          for (const { from, step, end, lookback, ...how } of [...syncs, last]) {
            horizon += step;
            const wanted = want(from, Math.min(horizon, end), lookback);
            progress = readSome(list, plan(progress, wanted), how, out);
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

interface How {
  readonly pages: number;
  readonly vanish: boolean;
  /** Before which pages a slice is split. */
  readonly splits: readonly number[];
}

/**
 * Reads some pages as the engine does, of one slice after the other in turn, splitting some while a page of them is on
 * its way; with `vanish` the object to start after is gone once.
 */
function readSome(list: readonly Item[], start: Progress, how: How, out: Set<string>): Progress {
  const pending: Slice[] = [...start.pending];
  let willVanish = how.vanish;
  for (let turn = 0; turn < how.pages && pending.length > 0; turn += 1) {
    const slice = pending.shift() ?? {};
    const isLost = willVanish && slice.after !== undefined;
    if (isLost) willVanish = false;
    const asked = isLost ? reenter(slice, slice.seen) : slice;
    const { items, hasMore } = page(list, asked);
    const middle = how.splits.includes(turn) ? middleOf(asked, 0) : undefined;
    const { newer, older } = middle === undefined ? { newer: asked, older: undefined } : cutShort(asked, middle);
    const { stop = 0 } = newer;
    for (const { id, created } of items) if (created >= stop) out.add(id);
    const left = below({ hasMore, lastId: items.at(-1)?.id, times: items.map(({ created }) => created) }, newer);
    pending.push(...(older ? [older] : []), ...(left ? [left] : []));
  }
  return { ...start, pending };
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
