import type { Watched } from './context.js';

const REFRESH_MS = 200;
const ERASE_LINE = '\r\x1b[2K';

/** Keeps one line with rows, rate and streams done on a terminal; returns how to draw it for the last time. */
export function startMeter(sync: Watched, show: (text: string) => void, now: () => number): () => void {
  const start = now();
  const draw = () => show(`${ERASE_LINE}${line(sync, now() - start)}`);
  const timer = setInterval(draw, REFRESH_MS).unref();
  return () => {
    clearInterval(timer);
    draw();
    show('\n');
  };
}

/** For example `12,300 rows, 2,050/s, 130 requests, 3 of 31 streams done, reading charges`. */
export function line({ streams, requests }: Watched, elapsedMs: number): string {
  const rows = streams.reduce((sum, stream) => sum + stream.rows, 0);
  const rate = elapsedMs > 0 ? Math.round((rows * 1000) / elapsedMs) : 0;
  const done = streams.filter(({ isDone }) => isDone).length;
  const current = streams.findLast(({ isDone, rows }) => !isDone && rows > 0);
  const parts = [
    `${count(rows)} rows`,
    `${count(rate)}/s`,
    `${count(requests)} requests`,
    `${done} of ${streams.length} streams done`,
  ];
  return [...parts, ...(current ? [`reading ${current.name}`] : [])].join(', ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
