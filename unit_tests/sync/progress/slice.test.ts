import { describe, expect, it } from 'vitest';
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

describe('below', () => {
  it('nothing is left of a slice after its last page, however long that was', () => {
    expect(below({ hasMore: false, lastId: 'a', times: [5] }, { lte: 9 })).toBeUndefined();
  });

  it('what is left of a slice has the bounds that it had, because `after` is only valid with them', () => {
    expect(below({ hasMore: true, lastId: 'a', times: [7, 5] }, { gte: 1, lte: 9 })).toEqual({
      gte: 1,
      lte: 9,
      after: 'a',
      seen: 7,
    });
  });

  it('a slice is entered again at the newest second of its last page, so that a straggler at its end moves nothing', () => {
    const left = below({ hasMore: true, lastId: 'a', times: [8, 7, 2] }, { lte: 9 });
    expect(left && reenter(left, left.seen)).toEqual({ lte: 8 });
  });

  it('the order is broken by the first object of a page where it is newer than the last of the page before', () => {
    const slice = { lte: 9, after: 'a', seen: 8 };
    expect(rises({ times: [7, 6], previous: 2 }, slice)).toBe(true);
    expect(rises({ times: [7, 6] }, slice)).toBe(false);
    expect(rises({ times: [], previous: 2 }, slice)).toBe(false);
  });

  it('a slice forgets the second that was seen once the order is broken, within a page or between two', () => {
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

  it('a slice that was cut short keeps its stop from page to page', () => {
    const left = below({ hasMore: true, lastId: 'a', times: [8, 5] }, cut);
    expect(left).toEqual({ ...cut, after: 'a', seen: 8 });
  });

  it('a slice that was cut short ends with a whole page below its stop, and not with one object of a page', () => {
    expect(below({ hasMore: true, lastId: 'a', times: [6, 4] }, cut)).toEqual({ ...cut, after: 'a', seen: 6 });
    expect(below({ hasMore: true, lastId: 'a', times: [4, 4, 3] }, cut)).toBeUndefined();
  });

  it('a slice that was cut short goes on to the end of a list in disorder, because its rows may come late', () => {
    expect(below({ hasMore: true, lastId: 'a', times: [4, 8, 3] }, cut)).toEqual({ ...cut, after: 'a' });
    expect(below({ hasMore: true, lastId: 'b', times: [3] }, { ...cut, after: 'a' })).toEqual({ ...cut, after: 'b' });
  });

  it('a slice that was cut short is entered again within what is its own', () => {
    expect(reenter({ ...cut, after: 'a', seen: 7 }, 7)).toEqual({ gte: 5, lte: 7 });
    expect(reenter({ lte: 9, stop: 5, after: 'a' })).toEqual({ gte: 5, lte: 9 });
  });
});

describe('a split', () => {
  it('a split changes the bounds of a slice that was not asked for, and stops one in use', () => {
    expect(halve({ gte: 1, lte: 9 }, 5)).toEqual({ newer: { gte: 5, lte: 9 }, older: { gte: 1, lte: 4 } });
    expect(cutShort({ lte: 9, after: 'a', seen: 7 }, 5)).toEqual({
      newer: { lte: 9, after: 'a', seen: 7, stop: 5 },
      older: { lte: 4 },
    });
  });

  it('a split never gives away what an earlier one gave away', () => {
    const { older } = cutShort({ gte: 1, lte: 90, after: 'a', seen: 80, stop: 50 }, 65);
    expect(older).toEqual({ gte: 50, lte: 64 });
  });
});

describe('middleOf', () => {
  it.each<[string, Slice, number | undefined]>([
    ['is halfway between the bounds', { gte: 0, lte: 10 }, 5],
    ['is halfway in what is left', { gte: 0, lte: 100, after: 'a', seen: 10 }, 5],
    ['is halfway from the floor, where there is no lower bound', { lte: 100 }, 90],
    ['leaves the second that is being read to its reader', { gte: 9, lte: 100, after: 'a', seen: 10 }, 10],
    ['does not exist in one second', { gte: 10, lte: 10 }, undefined],
    ['does not exist in a list in disorder', { gte: 0, lte: 10, after: 'a' }, undefined],
    ['does not exist in a list without bounds', {}, undefined],
  ])('the middle of a slice %s', (_, slice, middle) => {
    expect(middleOf(slice, 80)).toBe(middle);
    expect(secondsLeft(slice, 80) > 0).toBe(middle !== undefined);
  });
});

describe('reenter', () => {
  it('a slice that is entered again repeats the second of its last object, and everything when the order was broken', () => {
    expect(reenter({ gte: 1, lte: 9, after: 'a', seen: 5 }, 5)).toEqual({ gte: 1, lte: 5 });
    expect(reenter({ gte: 1, lte: 9, after: 'a' })).toEqual({ gte: 1, lte: 9 });
    expect(reenter({ after: 'a' })).toEqual({});
  });
});
