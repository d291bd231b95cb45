import { drawLines } from './plot.js';
import { incremental, read, UNLIMITED } from './process.js';
import { startRemoteSandbox } from './remote-sandbox.js';
import { count, type Report } from './report.js';
import { Rows } from './rows.js';

const WORKERS = [1, 2, 4, 8, 16];
const SHAPES = ['uniform', 'bursty'] as const;
const LATENCY_MS = 100;
/** Light rows, so that 16 workers do not wait for the CPU. */
const STREAM = 'tax_rates';
const ROWS = 50_000;

interface Run {
  readonly workers: number;
  readonly seconds: number;
  readonly requests: number;
}

/** One stream read by ever more workers, from a sandbox that has latency and no limits. */
export async function benchScaling(report: Report): Promise<void> {
  const rows = Math.round(ROWS * report.scale);
  const runs: (readonly Run[])[] = [];
  for (const shape of SHAPES) runs.push(await runsOf(report, shape, rows));
  const lines = SHAPES.map((name, n) => ({ name, values: runs[n]?.map(({ seconds }) => rows / seconds) ?? [] }));
  report.table = tableOf(rows, runs);
  const single = Math.max(...lines.map(({ values }) => values[0] ?? 0));
  const ideal = { name: 'in proportion', values: WORKERS.map((workers) => workers * single), isDashed: true };
  const title = `Rows per second of one stream by workers, with ${LATENCY_MS} ms of latency`;
  report.draw({
    name: 'scaling.svg',
    title,
    text: drawLines({ title, x: WORKERS, xName: 'workers', yName: 'rows/s', lines: [...lines, ideal] }),
  });
}

/** A line for each number of workers, with rows/s, speed-up and requests of each shape. */
function tableOf(rows: number, shapes: readonly (readonly Run[])[]): string {
  const names = SHAPES.flatMap((shape) => [`${shape}: rows/s`, 'speed-up', 'requests']);
  const lines = WORKERS.map((workers, n) => {
    const cells = shapes.flatMap((runs) => {
      const { seconds = Number.NaN, requests = 0 } = runs[n] ?? {};
      return [count(rows / seconds), ((runs[0]?.seconds ?? 0) / seconds).toFixed(1), count(requests)];
    });
    return `| ${[workers, ...cells].join(' | ')} |`;
  });
  return [`| workers | ${names.join(' | ')} |`, `|${'---:|'.repeat(names.length + 1)}`, ...lines].join('\n');
}

async function runsOf(report: Report, shape: (typeof SHAPES)[number], rows: number): Promise<readonly Run[]> {
  const sandbox = await startRemoteSandbox({
    rows: { [STREAM]: rows },
    shapes: { [STREAM]: shape },
    latencyMs: LATENCY_MS,
  });
  const runs: Run[] = [];
  for (const workers of WORKERS) {
    const out = new Rows();
    const config = { ...UNLIMITED, max_concurrency: workers };
    const { seconds } = await read(sandbox, { streams: incremental(STREAM), config, onOutput: out.take });
    if (out.distinct !== rows) throw new Error(`${out.distinct} of ${rows} rows came`);
    runs.push({ workers, seconds, requests: (await sandbox.requests()).length });
    const first = runs[0]?.seconds ?? seconds;
    report.add({
      what: `${count(rows)} ${shape} rows, workers: ${workers}: speed-up / workers`,
      ratio: first / seconds / workers,
      raw: `${count(rows / seconds)} rows/s, ${(first / seconds).toFixed(1)} times as fast, ${count(runs.at(-1)?.requests ?? 0)} requests`,
    });
  }
  sandbox.stop();
  return runs;
}
