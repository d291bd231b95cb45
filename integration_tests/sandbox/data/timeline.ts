import { fraction, mix } from './random.js';

/** Unix seconds, as Stripe counts time. */
export type Seconds = number;

/**
 * How `created` is spread over a collection's history:
 * - `uniform`: evenly; `growing`: ever more towards the end; `bursty`: most objects in a few short bursts
 * - `one_second`, `two_seconds`: all in one second in the middle of the history, or in two that follow each other
 * - `recent`: all within the last day
 * - an array: these very times, one object each
 */
export type Shape = 'uniform' | 'growing' | 'bursty' | 'one_second' | 'two_seconds' | 'recent' | readonly Seconds[];

/** When the objects of a collection were created; never decreases from one index to the next. */
export interface Timeline {
  readonly length: number;
  readonly at: (index: number) => Seconds;
}

export interface Span {
  readonly from: Seconds;
  readonly to: Seconds;
  readonly length: number;
  readonly seed: number;
}

const DAY = 86_400;
const BURSTS = 12;
/** The first 2 % of the time of a burst hold 90 % of its objects. */
const BURST_TIME = 0.02;
const BURST_SHARE = 0.9;

/** When an object is created, as a fraction of the span, by its rank as a fraction. Must never decrease. */
const curves: Readonly<Record<Exclude<Shape, readonly Seconds[]>, (rank: number) => number>> = {
  uniform: (rank) => rank,
  growing: Math.sqrt,
  bursty: (rank) => {
    const burst = Math.floor(rank * BURSTS);
    const within = rank * BURSTS - burst;
    const time =
      within < BURST_SHARE
        ? (within / BURST_SHARE) * BURST_TIME
        : BURST_TIME + ((within - BURST_SHARE) / (1 - BURST_SHARE)) * (1 - BURST_TIME);
    return (burst + time) / BURSTS;
  },
  one_second: () => 0.5,
  two_seconds: () => 0.5,
  recent: (rank) => rank,
};

/** A timeline of this shape over a span of time, as a function of the index alone. */
export function createTimeline(shape: Shape, span: Span): Timeline {
  if (typeof shape !== 'string') return timelineOf([...shape].sort((a, b) => a - b));
  const { to, length, seed } = span;
  const from = shape === 'recent' ? Math.max(span.from, to - DAY) : span.from;
  const curve = curves[shape];
  const middle = Math.floor(length / 2);
  const at = (index: number) => {
    const rank = (index + fraction(mix(seed, index))) / length;
    const step = shape === 'two_seconds' && index >= middle ? 1 : 0;
    return Math.floor(from + curve(rank) * (to - from)) + step;
  };
  return { length, at };
}

/** A timeline of times in ascending order. */
export function timelineOf(times: ArrayLike<Seconds>): Timeline {
  return { length: times.length, at: (index) => times[index] ?? Number.POSITIVE_INFINITY };
}

/** How many objects of a timeline were created at or before a time. */
export function countUpTo(timeline: Timeline, time: Seconds): number {
  let low = 0;
  let high = timeline.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeline.at(middle) <= time) low = middle + 1;
    else high = middle;
  }
  return low;
}
