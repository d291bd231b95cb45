import type { Asked } from './sandbox.js';

/** Requests per second that the sandbox allows. */
export interface Limits {
  readonly account?: number;
  readonly endpoint: number;
}

/** How much of what was allowed was used. */
export interface Use {
  /** Of the whole seconds in which the limit could have been reached. NaN when there was none. */
  readonly share: number;
  readonly leastOfASecond: number;
  readonly seconds: number;
  /** The time that the requests need at the limit / the time that they took. */
  readonly shareOfAll: number;
  readonly requests: number;
  readonly refused: number;
}

const TOO_MANY = 429;
/** A list counts as read when so much of it is: its last requests cannot all be made at once. */
const NEARLY_ALL = 0.95;

/**
 * Seconds are those of the wall clock, as the sandbox counts. They begin with the first whole one after the first
 * request, and end where the lists that are not nearly read are too few to reach the limit.
 */
export function useOf(asked: readonly Asked[], limits: Limits): Use {
  const passed = asked.filter(({ status }) => status !== TOO_MANY);
  const lists = [...new Set(passed.map(({ path }) => path))].map((list) =>
    passed.filter(({ path }) => path === list).map(({ at }) => at),
  );
  const perSecond = reachable(limits, lists.length);
  const first = Math.min(...passed.map(({ at }) => at));
  const last = Math.max(...passed.map(({ at }) => at));
  const [begin, end] = [Math.floor(first / 1000) + 1, Math.floor(endOf(lists, limits) / 1000)];
  const perSecondUsed = Array.from({ length: Math.max(0, end - begin) }, (_, n) => countIn(passed, begin + n));
  const longest = Math.max(...lists.map(({ length }) => length));
  const needed = Math.max(passed.length / perSecond, longest / limits.endpoint);
  return {
    share: perSecondUsed.reduce((sum, used) => sum + used, 0) / (perSecond * perSecondUsed.length),
    leastOfASecond: Math.min(...perSecondUsed) / perSecond,
    seconds: perSecondUsed.length,
    shareOfAll: needed / ((last - first) / 1000),
    requests: asked.length,
    refused: asked.length - passed.length,
  };
}

/** What so many lists may ask together. */
function reachable({ account = Number.POSITIVE_INFINITY, endpoint }: Limits, lists: number): number {
  return Math.min(account, endpoint * lists);
}

function endOf(lists: readonly (readonly number[])[], limits: Limits): number {
  const ends = lists.map((times) => times[Math.floor(times.length * NEARLY_ALL)] ?? 0).sort((a, b) => a - b);
  const enough = reachable(limits, lists.length);
  return ends.find((_, n) => reachable(limits, lists.length - n - 1) < enough) ?? 0;
}

function countIn(asked: readonly Asked[], second: number): number {
  return asked.filter(({ at }) => Math.floor(at / 1000) === second).length;
}
