import type { Asked } from './sandbox.js';

/** Requests per second that the sandbox allows. */
export interface Limits {
  readonly account?: number;
  readonly endpoint: number;
}

/** How much of what was allowed was used. */
export interface Use {
  /** The share in the whole seconds in which the limit could have been reached. NaN when there was no such second. */
  readonly share: number;
  readonly leastOfASecond: number;
  readonly seconds: number;
  /** The time that the requests need at the limit, divided by the time that they took. */
  readonly shareOfAll: number;
  readonly requests: number;
  readonly refused: number;
}

const TOO_MANY = 429;
/** A list counts as read once this share of it is read, because its last requests cannot all be made at once. */
const NEARLY_ALL = 0.95;

/**
 * Seconds are counted from the first request. The first one is left out, because nothing is known about the lists then.
 * The last one is the second before too few lists have much left to reach the limit.
 */
export function useOf(asked: readonly Asked[], limits: Limits): Use {
  const passed = asked.filter(({ status }) => status !== TOO_MANY);
  const lists = [...new Set(passed.map(({ path }) => path))].map((list) =>
    passed.filter(({ path }) => path === list).map(({ at }) => at),
  );
  const perSecond = reachable(limits, lists.length);
  const first = Math.min(...passed.map(({ at }) => at));
  const last = Math.max(...passed.map(({ at }) => at));
  const seconds = Math.max(0, Math.floor((endOf(lists, limits) - first) / 1000) - 1);
  const perSecondUsed = Array.from({ length: seconds }, (_, n) => countIn(passed, first + (n + 1) * 1000));
  const longest = Math.max(...lists.map(({ length }) => length));
  const needed = Math.max(passed.length / perSecond, longest / limits.endpoint);
  return {
    share: perSecondUsed.reduce((sum, used) => sum + used, 0) / (perSecond * seconds),
    leastOfASecond: Math.min(...perSecondUsed) / perSecond,
    seconds,
    shareOfAll: needed / ((last - first) / 1000),
    requests: asked.length,
    refused: asked.length - passed.length,
  };
}

/** How many requests per second this many lists may send together. */
function reachable({ account = Number.POSITIVE_INFINITY, endpoint }: Limits, lists: number): number {
  return Math.min(account, endpoint * lists);
}

function endOf(lists: readonly (readonly number[])[], limits: Limits): number {
  const ends = lists.map((times) => times[Math.floor(times.length * NEARLY_ALL)] ?? 0).sort((a, b) => a - b);
  const enough = reachable(limits, lists.length);
  return ends.find((_, n) => reachable(limits, lists.length - n - 1) < enough) ?? 0;
}

/** How many requests were sent in the second that begins at `start`. */
function countIn(asked: readonly Asked[], start: number): number {
  return asked.filter(({ at }) => at >= start && at < start + 1000).length;
}
