import { catalog } from '../../src/streams/catalog.js';
import { isIncremental } from '../../src/streams/definition.js';
import { incremental, read } from './process.js';
import { startRemoteSandbox } from './remote-sandbox.js';
import { count, type Report } from './report.js';

const FEW = 100_000;
const MANY_PER_FEW = 10;
const STREAMS = 40;
/** Rows of the streams that are read at once: from the fewest to the most, in even steps. */
const FEWEST = 2000;
const MOST = 5000;

/** Peak memory: of one stream, where ten times the records must not need more, and of many streams at once. */
export async function benchMemory(report: Report): Promise<void> {
  const few = Math.round(FEW * report.scale);
  const peakOfFew = await peakOfCharges(few);
  const peakOfMany = await peakOfCharges(few * MANY_PER_FEW);
  report.add({
    what: `peak memory of ${count(few * MANY_PER_FEW)} charges / 160 MB`,
    ratio: peakOfMany / 160,
    goal: { atMost: 1 },
    raw: mb(peakOfMany),
  });
  report.add({
    what: `peak memory of ${count(few * MANY_PER_FEW)} / of ${count(few)} charges`,
    ratio: peakOfMany / peakOfFew,
    goal: { atMost: 1.1 },
    raw: `${mb(peakOfMany)} / ${mb(peakOfFew)}`,
  });
  await benchManyStreams(report);
}

async function peakOfCharges(rows: number): Promise<number> {
  const sandbox = await startRemoteSandbox({ rows: { charges: rows } });
  const { peakMb } = await read(sandbox, { streams: incremental('charges') });
  sandbox.stop();
  return peakMb;
}

async function benchManyStreams(report: Report): Promise<void> {
  const names = catalog
    .filter(isIncremental)
    .map(({ name }) => name)
    .slice(0, STREAMS);
  const rowsOf = (n: number) => Math.round((FEWEST + ((MOST - FEWEST) * n) / (STREAMS - 1)) * report.scale);
  const rows = Object.fromEntries(names.map((name, n) => [name, rowsOf(n)]));
  const sandbox = await startRemoteSandbox({ rows });
  const config = { requests_per_second: 1e9, endpoint_requests_per_second: 1e9, max_concurrency: STREAMS };
  const { peakMb, seconds } = await read(sandbox, { streams: incremental(...names), config });
  sandbox.stop();
  report.add({
    what: `peak memory of ${names.length} streams at once / 220 MB`,
    ratio: peakMb / 220,
    goal: { atMost: 1 },
    raw: `${mb(peakMb)}; ${count(FEWEST * report.scale)} to ${count(MOST * report.scale)} rows each, ${STREAMS} requests in flight, ${seconds.toFixed(1)} s`,
  });
}

function mb(megabytes: number): string {
  return `${Math.round(megabytes)} MB`;
}
