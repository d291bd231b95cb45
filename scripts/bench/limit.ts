import { incremental, read } from './process.js';
import { startRemoteSandbox } from './remote-sandbox.js';
import { count, type Goal, type Report } from './report.js';
import { Rows } from './rows.js';
import { type Limits, useOf } from './use.js';

interface Load {
  readonly streams: readonly string[];
  /** How many rows each stream has. */
  readonly rows: number;
  readonly limits: Limits;
  readonly latencyMs: number;
  readonly workers: number;
  /** For the share of the allowed requests that is used. */
  readonly goal?: Goal;
}

const GOAL: Goal = { atLeast: 0.95 };

/**
 * Tax rates are light rows, because the bench measures how requests are scheduled, whereas a page of charges costs any
 * connector at least 5 ms of CPU. Charges get a limit that fits them. File links are light, too, but Stripe documents no
 * order of their list, so that it cannot be split as freely.
 */
const LOADS: readonly Load[] = [
  { streams: ['tax_rates'], rows: 200_000, limits: { endpoint: 250 }, latencyMs: 100, workers: 64, goal: GOAL },
  { streams: ['tax_rates'], rows: 200_000, limits: { endpoint: 250 }, latencyMs: 400, workers: 160, goal: GOAL },
  { streams: ['charges'], rows: 60_000, limits: { endpoint: 75 }, latencyMs: 100, workers: 24, goal: GOAL },
  {
    streams: ['tax_rates', 'payouts', 'reviews', 'balance_transactions'],
    rows: 80_000,
    limits: { account: 300, endpoint: 200 },
    latencyMs: 100,
    workers: 64,
    goal: GOAL,
  },
  { streams: ['file_links'], rows: 200_000, limits: { endpoint: 250 }, latencyMs: 100, workers: 64 },
  { streams: ['file_links'], rows: 100_000, limits: { endpoint: 25 }, latencyMs: 300, workers: 20 },
];

/** Loads that Stripe's limits hold back: how close to the limits the connector stays, and what that costs. */
export async function benchLimit(report: Report): Promise<void> {
  for (const load of LOADS) await benchLoad(report, { ...load, rows: Math.round(load.rows * report.scale) });
}

async function benchLoad(report: Report, { streams, rows, limits, latencyMs, workers, goal }: Load): Promise<void> {
  const sandbox = await startRemoteSandbox({
    rows: Object.fromEntries(streams.map((name) => [name, rows])),
    shapes: Object.fromEntries(streams.map((name) => [name, 'bursty'])),
    limits,
    latencyMs,
  });
  const out = new Rows();
  const { account = 1e9, endpoint } = limits;
  const config = {
    requests_per_second: account,
    endpoint_requests_per_second: endpoint,
    max_concurrency: workers,
  };
  await sandbox.requests();
  const { seconds, cpuSeconds } = await read(sandbox, { streams: incremental(...streams), config, onOutput: out.take });
  const stallMs = await sandbox.stallMs();
  const asked = (await sandbox.requests()).filter(({ path }) => path !== '/v1/account');
  sandbox.stop();
  const use = useOf(asked, limits);
  const all = rows * streams.length;
  const allowed = limits.account === undefined ? `${endpoint}/s` : `${account}/s of the account`;
  const name = `${streams.length > 1 ? `${streams.length} streams` : streams[0]}, ${allowed}, ${latencyMs} ms, ${workers} workers`;
  report.add({
    what: `${name}: used / allowed`,
    ratio: use.share,
    ...(goal && { goal }),
    raw: `${use.seconds} seconds, the least used ${use.leastOfASecond.toFixed(2)}; of the whole load ${use.shareOfAll.toFixed(2)}; stall ${Math.round(stallMs)} ms`,
  });
  report.add({
    what: '  answered 429 / requests',
    ratio: use.refused / use.requests,
    goal: { atMost: 0.01 },
    raw: `${count(use.refused)} / ${count(use.requests)}`,
  });
  report.add({
    what: '  requests / (records / 100)',
    ratio: use.requests / (all / 100),
    goal: { atMost: mostRequests(all, workers) },
    raw: `${count(use.requests)} / ${count(all / 100)}`,
  });
  report.add({
    what: '  rows that came once / rows there are',
    ratio: (2 * out.distinct - out.count) / all,
    goal: { exactly: 1 },
    raw: `${count(out.distinct)} different, ${count(out.count - out.distinct)} twice; ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s CPU`,
  });
}

/** How many requests per hundred records are acceptable: a slice may begin and end with a page that is not full. */
export function mostRequests(rows: number, workers: number): number {
  return 1.03 + (2 * workers) / (rows / 100);
}
