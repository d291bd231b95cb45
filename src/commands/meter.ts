import type { Watched } from './context.js';

const REFRESH_MS = 200;
const ERASE_LINE = '\r\x1b[2K';
/** Rates are measured over the last seconds, so that they show what happens now. */
const WINDOW_MS = 5_000;
const BAR_LENGTH = 20;

/** How far a sync was at some time (epoch milliseconds). */
interface Sample {
  readonly at: number;
  readonly rows: number;
  readonly requests: number;
}

/** Keeps one line with a bar on a terminal up to date. The returned function draws it for the last time. */
export function startMeter(sync: Watched, show: (text: string) => void, now: () => number): () => void {
  let samples: readonly Sample[] = [sampleOf(sync, now())];
  const draw = () => {
    const latest = sampleOf(sync, now());
    samples = [...samples, latest].filter(({ at }) => at >= latest.at - WINDOW_MS);
    show(`${ERASE_LINE}${line(sync, samples)}`);
  };
  const timer = setInterval(draw, REFRESH_MS).unref();
  return () => {
    clearInterval(timer);
    draw();
    show('\n');
  };
}

function sampleOf({ streams, requests }: Watched, at: number): Sample {
  return { at, rows: streams.reduce((sum, { rows }) => sum + rows, 0), requests };
}

/**
 * One line about a sync, for example
 * `[#####---------------] 12,300 rows, 2,050/s, 130 requests (62 % of the allowed rate), 3 of 31 streams, 0:18 left`.
 */
export function line(sync: Watched, samples: readonly Sample[]): string {
  const { streams, requests, allowedPerSecond } = sync;
  const rows = samples.at(-1)?.rows ?? 0;
  const coming = streams.reduce((sum, stream) => sum + rowsComing(stream), 0);
  const rowRate = rateOf(samples, ({ rows }) => rows);
  const done = streams.filter(({ isDone }) => isDone).length;
  const share = Math.round((rateOf(samples, ({ requests }) => requests) / allowedPerSecond) * 100);
  const isOver = done === streams.length;
  const parts = [
    `${bar(isOver ? 1 : shareDone(sync, rows, coming))} ${count(rows)} rows`,
    `${count(Math.round(rowRate))}/s`,
    `${count(requests)} requests (${share} % of the allowed rate)`,
    `${done} of ${streams.length} streams`,
  ];
  return [...parts, ...(coming > 0 && rowRate > 0 ? [`${duration(coming / rowRate)} left`] : [])].join(', ');
}

function rowsComing({ rows, expectedRows, isDone }: Watched['streams'][number]): number {
  return isDone ? 0 : Math.max(0, (expectedRows ?? rows) - rows);
}

/** A stream that has not begun counts as one of all streams, because nothing else is known about it. */
function shareDone({ streams }: Watched, rows: number, coming: number): number {
  const begun = streams.filter(({ isDone, rows }) => isDone || rows > 0).length;
  return streams.length === 0 || rows === 0 ? 0 : (begun / streams.length) * (rows / (rows + coming));
}

/** How much something grew per second. */
function rateOf(samples: readonly Sample[], value: (sample: Sample) => number): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at <= first.at) return 0;
  return ((value(last) - value(first)) * 1000) / (last.at - first.at);
}

function bar(share: number): string {
  const full = Math.min(BAR_LENGTH, Math.floor(share * BAR_LENGTH));
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_LENGTH - full)}]`;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const pad = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
