import { type Cost, incremental, measure, read } from './process.js';
import { startRemoteSandbox } from './remote-sandbox.js';
import { count, median, type Report } from './report.js';

const ROWS = 100_000;
const RUNS = 3;

/** One stream without limits, side by side with a loop that does nothing but fetch, parse, serialise and write. */
export async function benchThroughput(report: Report): Promise<void> {
  const rows = Math.round(ROWS * report.scale);
  const sandbox = await startRemoteSandbox({ rows: { charges: rows } });
  const [bare, ours]: [Cost[], Cost[]] = [[], []];
  const requests: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    bare.push(await measure(['scripts/bench/bare.mjs', sandbox.url, sandbox.apiKey]));
    await sandbox.requests();
    ours.push(await read(sandbox, { streams: incremental('charges') }));
    requests.push((await sandbox.requests()).length);
  }
  sandbox.stop();
  const [bareSeconds, ourSeconds] = [medianOf(bare, 'seconds'), medianOf(ours, 'seconds')];
  report.add({
    what: `throughput of ${count(rows)} charges / bare loop`,
    ratio: bareSeconds / ourSeconds,
    goal: { atLeast: 0.8 },
    raw: `${count(rows / ourSeconds)} rows/s / ${count(rows / bareSeconds)} rows/s`,
  });
  report.add({
    what: 'requests / (records / 100 + 1)',
    ratio: median(requests) / (rows / 100 + 1),
    goal: { atMost: 1.03 },
    raw: `${count(median(requests))} requests`,
  });
  const perMillion = ([ours, bare] as const).map((costs) => (medianOf(costs, 'cpuSeconds') / rows) * 1e6);
  report.add({
    what: 'CPU seconds per million rows / bare loop',
    ratio: medianOf(ours, 'cpuSeconds') / medianOf(bare, 'cpuSeconds'),
    raw: perMillion.map((seconds) => `${seconds.toFixed(1)} s`).join(' / '),
  });
}

function medianOf(costs: readonly Cost[], what: keyof Cost): number {
  return median(costs.map((cost) => cost[what]));
}
