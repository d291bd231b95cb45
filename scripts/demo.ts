import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Sandbox, startSandbox } from '../integration_tests/sandbox/sandbox.js';
import type { Message, StateMessage, Stream } from '../src/protocol/messages.js';

/**
 * Shows the main job to a person: check, discover, a first read and an incremental second one, against the embedded
 * sandbox, or against Stripe itself when STRIPE_API_KEY is set. Everything is written to out/.
 */
const OUT = 'out';
const MAIN = 'dist/main.js';

interface Summary {
  readonly rows: ReadonlyMap<string, number>;
  readonly states: ReadonlyMap<string, StateMessage>;
  readonly logs: readonly string[];
  readonly code: number | null;
}

async function main(): Promise<void> {
  mkdirSync(OUT, { recursive: true });
  const key = process.env['STRIPE_API_KEY'];
  const sandbox = key === undefined ? await startSandbox({ latencyMs: 5 }) : undefined;
  try {
    await demonstrate(sandbox ? { api_key: sandbox.apiKey, api_base: sandbox.url } : { api_key: key }, sandbox);
  } finally {
    await sandbox?.close();
  }
}

async function demonstrate(account: object, sandbox: Sandbox | undefined): Promise<void> {
  say(sandbox ? `A sandbox that behaves as Stripe does, at ${sandbox.url}` : 'Stripe, with the key of STRIPE_API_KEY');
  // The sandbox has no other users to leave room for.
  const pace = sandbox ? { requests_per_second: 1000, endpoint_requests_per_second: 500 } : {};
  const config = file('config.json', { ...account, ...pace });

  say('check');
  const check = await run(['check', '--config', config], 'check.jsonl', (message) => {
    if (message.type === 'CONNECTION_STATUS') show(Object.values(message.connectionStatus).join(': '));
  });
  if (check.code !== 0) throw new Error('check failed');

  say('discover');
  const streams: Stream[] = [];
  await run(['discover', '--config', config], 'catalog.jsonl', (message) => {
    if (message.type === 'CATALOG') streams.push(...message.catalog.streams);
  });
  show(`${streams.length} streams, ${streams.filter(isIncremental).length} of them incremental`);
  const catalog = file('catalog.json', { streams: streams.map(configured) });

  say('read, for the first time');
  const first = await run(['read', '--config', config, '--catalog', catalog], 'first.jsonl');
  table(first);

  if (sandbox) await addNewRows(sandbox, first);
  say('read again, from the state of the first time');
  const state = file('state.json', [...first.states.values()]);
  const second = await run(['read', '--config', config, '--catalog', catalog, '--state', state], 'second.jsonl');
  show('new rows of the incremental streams; the others are read in full:');
  table(second, streams.filter(isIncremental));

  say(`Open ${OUT}/first.jsonl and ${OUT}/second.jsonl for the rows, ${OUT}/state.json for the state.`);
  process.exitCode = first.code || second.code || 0;
}

/** New customers and charges, as if they had come in since the horizon of the first read. */
async function addNewRows(sandbox: Sandbox, first: Summary): Promise<void> {
  for (const [stream, count] of [
    ['customers', 3],
    ['charges', 12],
  ] as const) {
    const state = first.states.get(stream)?.stream.stream_state as { created: number } | undefined;
    if (!state) continue;
    sandbox.append(stream, count, state.created + 1);
    show(`${count} new ${stream} appear in Stripe`);
  }
  await sleep(2000);
}

function isIncremental({ supported_sync_modes }: Stream): boolean {
  return supported_sync_modes.includes('incremental');
}

function configured(stream: Stream) {
  return { stream, sync_mode: stream.supported_sync_modes.at(-1), destination_sync_mode: 'append' };
}

/** Runs the built connector. Its messages go into a file, and its progress bar to this terminal. */
async function run(
  args: readonly string[],
  name: string,
  see: (message: Message) => void = () => {},
): Promise<Summary> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  const lines = createWriteStream(`${OUT}/${name}`);
  const rows = new Map<string, number>();
  const states = new Map<string, StateMessage>();
  const logs: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.write(`${line}\n`);
    const message: Message = JSON.parse(line);
    if (message.type === 'RECORD') rows.set(message.record.stream, (rows.get(message.record.stream) ?? 0) + 1);
    if (message.type === 'STATE') states.set(message.state.stream.stream_descriptor.name, message.state);
    if (message.type === 'LOG') logs.push(message.log.message);
    showTrouble(message);
    see(message);
  }
  await new Promise((resolve) => lines.end(resolve));
  return { rows, states, logs, code: await closed };
}

function showTrouble(message: Message): void {
  if (message.type === 'LOG' && message.log.level !== 'INFO') show(`${message.log.level}: ${message.log.message}`);
  if (message.type === 'TRACE' && message.trace.error) show(`ERROR: ${message.trace.error.message}`);
}

/** Rows and state of each stream; with `only`, of those streams that gave rows. */
function table({ rows, states, logs }: Summary, only?: readonly Stream[]): void {
  for (const [name, { stream }] of states) {
    const count = rows.get(name) ?? 0;
    if (only && (count === 0 || !only.some((each) => each.name === name))) continue;
    show(
      `${name.padEnd(28)}${count.toLocaleString('en-US').padStart(8)} rows   ${JSON.stringify(stream.stream_state)}`,
    );
  }
  show(logs.at(-1) ?? '');
}

function file(name: string, content: unknown): string {
  writeFileSync(`${OUT}/${name}`, JSON.stringify(content, null, 2), { mode: 0o600 });
  return `${OUT}/${name}`;
}

function say(text: string): void {
  console.log(`\n\x1b[1m${text}\x1b[0m`);
}

function show(text: string): void {
  console.log(`  ${text}`);
}

await main();
