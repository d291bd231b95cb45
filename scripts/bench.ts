import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Message } from '../src/protocol/messages.js';
import { catalog } from '../src/streams/catalog.js';
import type { Parent } from '../src/streams/definition.js';
import { type Row, valueAt } from '../src/sync/records.js';

/**
 * The figures that the project promises, each as a ratio within one run: machines differ, ratios less so.
 * `npm run bench`, or `npm run bench -- 20000` for another number of charges than 100,000.
 */
const ROWS = Number(process.argv[2] ?? 100_000);
const MAIN = 'dist/main.js';
const UNLIMITED = { requests_per_second: 1e9, endpoint_requests_per_second: 1e9 };
const folder = mkdtempSync(join(tmpdir(), 'source-stripe-bench-'));

interface Cost {
  readonly seconds: number;
  readonly peakMb: number;
  readonly cpuSeconds: number;
}

interface RemoteSandbox {
  readonly url: string;
  readonly apiKey: string;
  /** Path and query of each request since the last call. */
  readonly requests: () => Promise<readonly string[]>;
  readonly stop: () => void;
}

async function main(): Promise<void> {
  await benchStart();
  const few = await benchThroughput(ROWS);
  await benchMemory(few);
  await benchCatalog();
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
  const sandbox = await startSandbox({ rows: { charges: rows } });
  const [bare, ours]: [Cost[], Cost[]] = [[], []];
  let requests = 0;
  for (let run = 0; run < 3; run += 1) {
    bare.push(await measure(['scripts/bench/bare.mjs', sandbox.url, sandbox.apiKey]));
    await sandbox.requests();
    ours.push(await readCharges(sandbox));
    requests = (await sandbox.requests()).length;
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
  const sandbox = await startSandbox({ rows: { charges: ROWS * 10 } });
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

/** `discover` of everything, and a sync of every stream: its requests beside the fewest that are possible. */
async function benchCatalog(): Promise<void> {
  const sandbox = await startSandbox({ rows: 20 });
  const config = file('config.json', { api_key: sandbox.apiKey, api_base: sandbox.url, ...UNLIMITED });
  let bytes = 0;
  const discovered = await measure([MAIN, 'discover', '--config', config], (chunk) => {
    bytes += chunk.length;
  });
  report('time of discover / 1 s', discovered.seconds, 'at most 1', `${catalog.length} streams`);
  report('size of discover / 6 MB', bytes / 6e6, 'at most 1', `${(bytes / 1e6).toFixed(2)} MB`);
  await sandbox.requests();
  const streams = catalog.map(({ name }) => ({ stream: { name }, sync_mode: 'full_refresh' }));
  const args = [MAIN, 'read', '--config', config, '--catalog', file('catalog.json', { streams })];
  const chunks: Buffer[] = [];
  await measure(args, (chunk) => chunks.push(chunk));
  const asked = (await sandbox.requests()).length;
  sandbox.stop();
  const fewest = fewestRequests(Buffer.concat(chunks).toString());
  report('requests for every stream / fewest possible', asked / fewest, 'about 1', `${asked} / ${fewest}`);
}

/**
 * The fewest requests that can give these rows: one for the account; a page of each top-level list; one for each parent
 * of a list that Stripe does not embed; and one for each hundred items beyond the ten that it embeds.
 */
function fewestRequests(output: string): number {
  const rows = new Map<string, Row[]>(catalog.map(({ name }) => [name, []]));
  for (const line of output.trimEnd().split('\n')) {
    const message: Message = JSON.parse(line);
    if (message.type === 'RECORD') rows.get(message.record.stream)?.push(message.record.data);
  }
  const roots = catalog.filter(({ parent }) => parent === undefined);
  const children = catalog.filter(({ parent }) => parent !== undefined && parent.embeddedIn === undefined);
  const pages = roots.map(({ name, path }) => Math.max(1, Math.ceil((rows.get(name)?.length ?? 0) / pageSize(path))));
  const completions = roots.flatMap(({ name }) => (rows.get(name) ?? []).map(pagesBeyondEmbedded));
  const byParent = children.map(
    ({ parent }) => (rows.get(parent?.stream.name ?? '') ?? []).filter((row) => hasList(parent, row)).length,
  );
  return [1, ...pages, ...completions, ...byParent].reduce((sum, count) => sum + count, 0);
}

function pageSize(path: string): number {
  return path.startsWith('/v2/') ? 20 : 100;
}

/** Of each list in a row, what Stripe does not embed: it embeds ten. */
function pagesBeyondEmbedded(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items = 'has_more' in value && 'data' in value && Array.isArray(value.data) ? value.data.length : 0;
  const own = Math.ceil(Math.max(0, items - 10) / 100);
  return Object.values(value).reduce<number>((sum, field) => sum + pagesBeyondEmbedded(field), own);
}

function hasList(parent: Parent | undefined, row: Row): boolean {
  const { only, query = {} } = parent ?? {};
  const isMeant = only === undefined || valueAt(row, only.field) === only.is;
  return isMeant && Object.values(query).every((field) => (valueAt(row, field) ?? null) !== null);
}

function readCharges({ url, apiKey }: RemoteSandbox): Promise<Cost> {
  const config = file('config.json', { api_key: apiKey, api_base: url, ...UNLIMITED });
  const catalog = file('catalog.json', { streams: [{ stream: { name: 'charges' }, sync_mode: 'incremental' }] });
  return measure([MAIN, 'read', '--config', config, '--catalog', catalog]);
}

/** Runs Node with these arguments, reads its stdout to the end, and tells what it cost. */
async function measure(args: readonly string[], onOutput: (chunk: Buffer) => void = () => {}): Promise<Cost> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', './scripts/bench/peak.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  child.stdout?.on('data', onOutput);
  let told = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, ...(JSON.parse(told) as Omit<Cost, 'seconds'>) };
}

async function startSandbox(options: object): Promise<RemoteSandbox> {
  const args = ['--import', 'tsx', 'scripts/bench/sandbox.ts', JSON.stringify(options)];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout || !child.stdin) throw new Error('no pipes');
  const { stdin } = child;
  const lines = createInterface({ input: child.stdout });
  const { url, apiKey } = JSON.parse(await nextLine(lines));
  const requests = async () => {
    const answer = nextLine(lines);
    stdin.write('\n');
    return JSON.parse(await answer);
  };
  return { url, apiKey, requests, stop: () => stdin.end() };
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
