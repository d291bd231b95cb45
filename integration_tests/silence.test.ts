import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Message } from '../src/protocol/messages.js';
import { catalogOf, idsOf, jsonFile, lastStates, logsOf, runConnector, runInProcess, statusesOf } from './connector.js';
import { configOf } from './own-sandbox.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

const MAIN = new URL('../dist/main.js', import.meta.url).pathname;
const HOUR_MS = 3_600_000;
/**
 * A process that has to end does so within this time even on a very busy machine, and one that waits for Stripe does
 * not.
 */
const PATIENCE_MS = 60_000;
/** For a whole test: to start, to come to the silence, and to end. */
const TEST = { timeout: 3 * PATIENCE_MS };

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: { charges: 1500, customers: 20 } });
});

afterAll(() => sandbox.close());

const config = () => configOf(sandbox);

function readArgs(settings: object = config(), streams: readonly string[] = ['charges']): readonly string[] {
  return [MAIN, 'read', '--config', jsonFile(settings), '--catalog', jsonFile(catalogOf(streams))];
}

/** Resolves at the n-th request for a path. */
function nthRequest(from: Sandbox, path: string, n: number): Promise<void> {
  let left = n;
  return new Promise((resolve) => {
    const stop = from.onRequest((request) => {
      left -= request.path === path ? 1 : 0;
      if (left > 0) return;
      stop();
      resolve();
    });
  });
}

/** Refuses the list of charges for an hour, from its page `after` on. Resolves at the first refusal. */
async function beginSilence(after: number): Promise<void> {
  sandbox.clearFaults();
  sandbox.fault({ kind: '429', retryAfter: 3600, match: '/v1/charges', after, times: Number.POSITIVE_INFINITY });
  await nthRequest(sandbox, '/v1/charges', after + 1);
}

/** Resolves when an event comes long before the silence is over, and rejects when it does not. */
function soon(emitter: NodeJS.EventEmitter, event: string): Promise<readonly unknown[]> {
  return once(emitter, event, { signal: AbortSignal.timeout(PATIENCE_MS) });
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}

function isLimited(message: Message): boolean {
  return message.type === 'TRACE' && message.trace.stream_status?.reasons !== undefined;
}

it(
  'a refusal for an hour is reported with the time when it ends, and SIGTERM ends the wait with a valid state',
  TEST,
  async () => {
    const silence = beginSilence(3);
    let ended: Promise<readonly unknown[]> | undefined;
    const before = Date.now();
    const first = await runConnector({
      command: 'read',
      config: { ...config(), max_concurrency: 1 },
      catalog: catalogOf(['charges']),
      onMessage: (message, child) => {
        if (!isLimited(message)) return;
        ended ??= soon(child, 'exit');
        child.kill('SIGTERM');
      },
    });
    await silence;
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(statusesOf(first, 'charges')).toEqual(['STARTED', 'RUNNING', 'RUNNING', 'INCOMPLETE']);
    const [limited] = first.messages.filter(isLimited).flatMap((each) => (each.type === 'TRACE' ? [each.trace] : []));
    expect(limited?.stream_status?.reasons).toEqual([
      { type: 'RATE_LIMITED', rate_limited: { quota_reset: expect.any(Number) } },
    ]);
    const reset = limited?.stream_status?.reasons?.[0]?.rate_limited.quota_reset ?? 0;
    expect(reset).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(reset).toBeLessThanOrEqual(Date.now() + HOUR_MS);
    sandbox.clearFaults();
    const second = await runInProcess({
      command: 'read',
      config: config(),
      catalog: catalogOf(['charges']),
      state: lastStates(first),
    });
    expect(idsOf(first).length).toBe(300);
    expect([...idsOf(first), ...idsOf(second)].sort()).toEqual([...sandbox.ids('charges')].sort());
  },
);

it('a refusal of the first request is reported before there is any row', TEST, async () => {
  const silence = beginSilence(0);
  const result = await runConnector({
    command: 'read',
    config: config(),
    catalog: catalogOf(['charges']),
    onMessage: (message, child) => {
      if (isLimited(message)) child.kill('SIGTERM');
    },
  });
  await silence;
  expect([result.signal, idsOf(result)]).toEqual(['SIGTERM', []]);
  expect(statusesOf(result, 'charges')).toEqual(['STARTED', 'RUNNING', 'INCOMPLETE']);
  expect(logsOf(result, 'WARN').join()).toContain('retry 1 in 3600 s');
});

it('SIGTERM ends the process even if its reader no longer reads', TEST, async () => {
  const full = await startSandbox({ rows: { charges: 20_000, customers: 100 } });
  // By its third attempt the charges have long filled every buffer on the way to the reader.
  full.fault({ kind: 'status', status: 500, match: '/v1/customers', times: Number.POSITIVE_INFINITY });
  const thirdAttempt = nthRequest(full, '/v1/customers', 3);
  const args = readArgs({ ...config(), api_key: full.apiKey, api_base: full.url }, ['charges', 'customers']);
  const child: ChildProcess = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await thirdAttempt;
  const asked = full.requests().filter(({ path }) => path === '/v1/charges').length;
  expect(asked).toBeLessThan(200);
  child.kill('SIGTERM');
  expect(await soon(child, 'exit')).toEqual([null, 'SIGTERM']);
  child.stdout?.destroy();
  await full.close();
});

it('a long silence is broken by a line for the reader every few seconds', TEST, async () => {
  const silence = beginSilence(0);
  let lines = 0;
  const result = await runConnector({
    command: 'read',
    config: config(),
    catalog: catalogOf(['charges']),
    onMessage: (message, child) => {
      lines += message.type === 'LOG' && message.log.level === 'DEBUG' ? 1 : 0;
      if (lines === 2) child.kill('SIGTERM');
    },
  });
  await silence;
  expect(logsOf(result, 'DEBUG').slice(0, 2)).toEqual(
    Array.from({ length: 2 }, () =>
      expect.stringMatching(/^Waiting for Stripe: 1 streams to go, 0 rows in \d+ requests/),
    ),
  );
});

it('a long silence ends, quietly and with a non-zero exit code, when the reader goes away', TEST, async () => {
  const silence = beginSilence(0);
  const child: ChildProcess = spawn(process.execPath, readArgs(), { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = textOf(child.stderr);
  if (child.stdout) await untilSilent(child.stdout);
  await silence;
  child.stdout?.destroy();
  const [code, signal] = await soon(child, 'close');
  expect([code, signal, stderr()]).toEqual([1, null, '']);
});

it('a long silence before the account is known ends when the reader goes away', TEST, async () => {
  sandbox.clearFaults();
  sandbox.fault({ kind: '429', retryAfter: 3600, match: '/v1/account', times: Number.POSITIVE_INFINITY });
  const child: ChildProcess = spawn(process.execPath, readArgs(), { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = textOf(child.stderr);
  if (child.stdout) await untilSays(child.stdout, ['retry 1 in 3600 s']);
  child.stdout?.destroy();
  const [code, signal] = await soon(child, 'close').finally(() => child.kill('SIGKILL'));
  expect([code, signal, stderr()]).toEqual([1, null, '']);
});

it('a long silence ends when the parent process that reads is killed', TEST, async () => {
  const silence = beginSilence(0);
  const parent = spawn(process.execPath, ['--eval', PARENT, ...readArgs()], { stdio: ['ignore', 'pipe', 'pipe'] });
  const stderr = textOf(parent.stderr);
  await untilSilent(parent.stdout);
  await silence;
  // Both processes hold the other end of it, so it ends with the second of them.
  const bothGone = soon(parent.stderr, 'end');
  parent.kill('SIGKILL');
  await bothGone;
  expect(stderr()).toBe('');
});

/** Starts the process that its arguments name, and passes on its output as long as it lives itself. */
const PARENT = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, process.argv.slice(1), { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.pipe(process.stdout);
`;

/** Resolves when the connector has said that it waits, and has nothing more to say. */
function untilSilent(stdout: NodeJS.ReadableStream): Promise<void> {
  return untilSays(stdout, ['RATE_LIMITED', 'retry 1 in 3600 s']);
}

async function untilSays(stdout: NodeJS.ReadableStream, words: readonly string[]): Promise<void> {
  const text = textOf(stdout);
  while (!words.every((each) => text().includes(each))) await once(stdout, 'data');
}
