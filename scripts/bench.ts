import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

/**
 * The figures that the project promises, each as a ratio within one run: machines differ, ratios less so.
 * `npm run bench`, or `npm run bench -- 20000` for another number of charges than 100,000.
 */
const ROWS = Number(process.argv[2] ?? 100_000);
const MAIN = 'dist/main.js';
const folder = mkdtempSync(join(tmpdir(), 'source-stripe-bench-'));

interface Cost {
  readonly seconds: number;
  readonly peakMb: number;
  readonly cpuSeconds: number;
}

interface RemoteSandbox {
  readonly url: string;
  readonly apiKey: string;
  /** Requests since the last call. */
  readonly countRequests: () => Promise<number>;
  readonly stop: () => void;
}

async function main(): Promise<void> {
  await benchStart();
  const few = await benchThroughput(ROWS);
  await benchMemory(few);
}

/** How long `spec` takes beside a Node that does nothing. */
async function benchStart(): Promise<void> {
  const runs = Array.from({ length: 15 });
  const [idle, spec]: [number[], number[]] = [[], []];
  for (const _ of runs) {
    idle.push((await measure(['-e', '0'])).seconds);
    spec.push((await measure([MAIN, 'spec'])).seconds);
  }
  report('start of `spec` / node -e 0', median(spec) / median(idle), 'at most 2', `${ms(spec)} / ${ms(idle)}`);
}

/** One stream without limits, side by side with a loop that does nothing but fetch, parse, serialise and write. */
async function benchThroughput(rows: number): Promise<Cost> {
  const sandbox = await startSandbox(rows);
  const [bare, ours]: [Cost[], Cost[]] = [[], []];
  let requests = 0;
  for (let run = 0; run < 3; run += 1) {
    bare.push(await measure(['scripts/bench/bare.mjs', sandbox.url, sandbox.apiKey]));
    await sandbox.countRequests();
    ours.push(await readCharges(sandbox));
    requests = await sandbox.countRequests();
  }
  sandbox.stop();
  const [bareTime, ourTime] = [bare, ours].map((costs) => median(costs.map(({ seconds }) => seconds))) as [
    number,
    number,
  ];
  const rate = `${Math.round(rows / ourTime)} rows/s / ${Math.round(rows / bareTime)} rows/s`;
  report(`throughput of ${rows} charges / bare loop`, bareTime / ourTime, 'at least 0.70', rate);
  report('requests / (records / 100 + 1)', requests / (rows / 100 + 1), 'at most 1', `${requests} requests`);
  const cpu = ([bare, ours] as const).map((costs) => median(costs.map(({ cpuSeconds }) => cpuSeconds))) as [
    number,
    number,
  ];
  report('CPU / bare loop', cpu[1] / cpu[0], 'lower is better', `${cpu[1].toFixed(1)} s / ${cpu[0].toFixed(1)} s`);
  const peakMb = Math.max(...ours.map((cost) => cost.peakMb));
  return { seconds: ourTime, cpuSeconds: cpu[1], peakMb };
}

/** Peak memory, and that ten times the records do not need more. */
async function benchMemory(few: Cost): Promise<void> {
  const sandbox = await startSandbox(ROWS * 10);
  const many = await readCharges(sandbox);
  sandbox.stop();
  report('peak memory / 200 MB', few.peakMb / 200, 'at most 1', `${few.peakMb.toFixed(0)} MB`);
  report(
    `peak memory of ${ROWS * 10} / of ${ROWS}`,
    many.peakMb / few.peakMb,
    'about 1',
    `${many.peakMb.toFixed(0)} MB`,
  );
}

function readCharges({ url, apiKey }: RemoteSandbox): Promise<Cost> {
  const pace = { requests_per_second: 1e9, endpoint_requests_per_second: 1e9 };
  const config = file('config.json', { api_key: apiKey, api_base: url, ...pace });
  const catalog = file('catalog.json', { streams: [{ stream: { name: 'charges' }, sync_mode: 'incremental' }] });
  return measure([MAIN, 'read', '--config', config, '--catalog', catalog]);
}

/** Runs Node with these arguments, reads its stdout to the end, and tells what it cost. */
async function measure(args: readonly string[]): Promise<Cost> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', './scripts/bench/peak.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  child.stdout?.resume();
  let told = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, ...(JSON.parse(told) as Omit<Cost, 'seconds'>) };
}

async function startSandbox(charges: number): Promise<RemoteSandbox> {
  const options = JSON.stringify({ rows: { charges } });
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'scripts/bench/sandbox.ts', options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout || !child.stdin) throw new Error('no pipes');
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout });
  const { url, apiKey } = JSON.parse(await nextLine(lines));
  const countRequests = async () => {
    const answer = nextLine(lines);
    stdin.write('\n');
    return Number(await answer);
  };
  return { url, apiKey, countRequests, stop: () => stdin.end() };
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = await once(lines, 'line');
  return String(line);
}

function report(what: string, ratio: number, goal: string, figures: string): void {
  console.log(`${what.padEnd(52)} ${ratio.toFixed(2).padStart(6)}   (${goal}; ${figures})`);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function ms(seconds: readonly number[]): string {
  return `${Math.round(median(seconds) * 1000)} ms`;
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

await main();
