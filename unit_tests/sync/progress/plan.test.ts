import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Progress, plan, type Want } from '../../../src/sync/progress/plan.js';
import { below, cutShort, middleOf, reenter, type Slice } from '../../../src/sync/progress/slice.js';

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

  it('a plan keeps what an interrupted sync left and adds what is new', () => {
    const left = { lte: 90, after: 'ch_1', seen: 40 };
    expect(plan({ from: 0, created: 90, pending: [left] }, want(0, 99)).pending).toEqual([left, { gte: 91, lte: 99 }]);
  });

  it('a plan makes one slice of neighbours that were not begun, so that a state does not grow with every sync', () => {
    const pending = [{ lte: 90 }];
    expect(plan({ from: 0, created: 90, pending }, want(0, 99)).pending).toEqual([{ lte: 99 }]);
  });

  it('a lookback does not read twice what an interrupted sync has left to be read', () => {
    const left = { lte: 90, after: 'ch_1', seen: 85 };
    const { pending } = plan({ from: 0, created: 90, pending: [left] }, want(0, 99, 10));
    expect(pending).toEqual([left, { gte: 86, lte: 99 }]);
  });

  it('a plan never moves the cursor back', () => {
    expect(plan(done(0, 90), want(0, 50)).created).toBe(90);
  });

  it('a list without a filter is read whole, or from where it was left', () => {
    const whole = { ...want(0, 90), bounded: false };
    expect(plan(undefined, whole).pending).toEqual([{}]);
    const interrupted = { from: 0, created: 80, pending: [{ after: 'pm_1' }] };
    expect(plan(interrupted, whole)).toEqual(interrupted);
  });

  it.each([
    ['the start date has moved back', { from: 50, created: 80 }, { from: 20, to: 90 }],
    ['the end date is gone', { from: 0, created: 80, end: 80 }, { from: 0, to: 90 }],
    ['the end date has moved on', { from: 0, created: 80, end: 80 }, { from: 0, to: 85, end: 85 }],
  ])('a list without a filter is read again when %s, because pages that were emitted lack rows', (_, before, dates) => {
    const wanted = { ...dates, bounded: false, lookback: 0 };
    expect(plan({ ...before, pending: [{ after: 'pm_1' }] }, wanted).pending).toEqual([{}]);
  });
});

describe('a list that is read by slices', () => {
  it('a list gives every row that was there, wherever syncs are stopped, dates are moved and objects vanish', () => {
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
