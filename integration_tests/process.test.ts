import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  catalogOf,
  idsOf,
  jsonFile,
  lastStates,
  parseMessage,
  runConnector,
  runInProcess,
  statesOf,
  statusesOf,
} from './connector.js';
import { configOf } from './own-sandbox.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

const MAIN = new URL('../dist/main.js', import.meta.url).pathname;
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: { charges: 5000, customers: 20 }, latencyMs: 5 });
});

afterAll(() => sandbox.close());

const config = () => configOf(sandbox);

function start(stdout: 'pipe' | number, more: object = {}) {
  const files = [
    '--config',
    jsonFile({ ...config(), ...more }),
    '--catalog',
    jsonFile(catalogOf(['charges', 'customers'])),
  ];
  return spawn(process.execPath, [MAIN, 'read', ...files], { stdio: ['ignore', stdout, 'pipe'] });
}

it.each([
  'SIGTERM',
  'SIGINT',
] as const)('%s ends the process, with a state from which the next sync continues', async (name) => {
  // The sync never ends by itself, however late the signal comes.
  sandbox.fault({ kind: 'stall', match: '/v1/charges', after: 40, times: Number.POSITIVE_INFINITY });
  let states = 0;
  const first = await runConnector({
    command: 'read',
    config: config(),
    catalog: catalogOf(['charges', 'customers']),
    onMessage: (message, child) => {
      if (message.type !== 'STATE') return;
      states += 1;
      if (states === 3) child.kill(name);
    },
  });
  sandbox.clearFaults();
  expect([first.code, first.signal]).toEqual([null, name]);
  expect(statusesOf(first, 'charges')).toEqual(['STARTED', 'RUNNING', 'INCOMPLETE']);
  const covered = statesOf(first, 'charges').reduce((sum, { sourceStats }) => sum + sourceStats.recordCount, 0);
  expect(covered).toBe(idsOf(first, 'charges').length);
  const second = await runInProcess({
    command: 'read',
    config: config(),
    catalog: catalogOf(['charges', 'customers']),
    state: lastStates(first),
  });
  expect([...idsOf(first, 'charges'), ...idsOf(second, 'charges')].sort()).toEqual([...sandbox.ids('charges')].sort());
});

it('SIGTERM between the children of a page loses no row that was emitted', async () => {
  const own = await startSandbox({ rows: { payouts: 60, balance_transactions: 6000 }, latencyMs: 5 });
  own.fault({ kind: 'stall', match: '/v1/balance_transactions', after: 40, times: Number.POSITIVE_INFINITY });
  const streams = { catalog: catalogOf(['payouts', 'payout_balance_transactions']), command: 'read' };
  const settings = { ...config(), api_key: own.apiKey, api_base: own.url };
  let rows = 0;
  const first = await runConnector({
    ...streams,
    config: settings,
    onMessage: (message, child) => {
      if (message.type !== 'RECORD' || message.record.stream === 'payouts') return;
      rows += 1;
      if (rows === 1500) child.kill('SIGTERM');
    },
  });
  own.clearFaults();
  expect([first.signal, statesOf(first, 'payouts').length]).toEqual(['SIGTERM', 1]);
  const second = await runInProcess({ ...streams, config: settings, state: lastStates(first) });
  const expected = own.ids('payouts').flatMap((id) => own.children('payout_balance_transactions', id)).length;
  const all = [...idsOf(first, 'payout_balance_transactions'), ...idsOf(second, 'payout_balance_transactions')];
  await own.close();
  expect(new Set(all).size).toBe(expected);
  expect(idsOf(second, 'payout_balance_transactions').length).toBeLessThan(expected - 1000);
  expect(idsOf(second, 'payouts')).toEqual([]);
});

it('SIGTERM ends the process even if its output is not read', async () => {
  const asked = new Promise<void>((resolve) => {
    let pages = 0;
    const stop = sandbox.onRequest(({ path }) => {
      if (path === '/v1/charges') pages += 1;
      if (pages < 3) return;
      stop();
      resolve();
    });
  });
  const child = start('pipe');
  child.stdout?.pause();
  await asked;
  child.kill('SIGTERM');
  const [code, signal] = await once(child, 'exit');
  expect([code, signal]).toEqual([null, 'SIGTERM']);
  child.stdout?.destroy();
});

it('SIGTERM ends a wait of an hour for Stripe', async () => {
  sandbox.fault({ kind: '429', retryAfter: 3600, match: '/v1/charges', times: Number.POSITIVE_INFINITY });
  const result = await runConnector({
    command: 'read',
    config: config(),
    catalog: catalogOf(['charges']),
    onMessage: (message, child) => {
      if (message.type === 'LOG' && message.log.message.includes('retry 1')) child.kill('SIGTERM');
    },
  });
  sandbox.clearFaults();
  expect(result.signal).toBe('SIGTERM');
});

it('every line arrives whole when stdout is read slowly', async () => {
  // By then the output is larger than a pipe holds.
  const full = new Promise<void>((resolve) => {
    let pages = 0;
    const stop = sandbox.onRequest(({ path }) => {
      pages += path === '/v1/charges' ? 1 : 0;
      if (pages < 5) return;
      stop();
      resolve();
    });
  });
  const child = start('pipe');
  let text = '';
  const { stdout } = child;
  if (!stdout) throw new Error('no pipe');
  stdout.pause();
  await full;
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  stdout.resume();
  const [code] = await once(child, 'close');
  const messages = text.trimEnd().split('\n').map(parseMessage);
  expect([code, idsOf({ messages }, 'charges').length]).toEqual([0, 5000]);
  expect(text.endsWith('\n')).toBe(true);
});

it('the process ends quietly, with a non-zero exit code, when its stdout is closed', async () => {
  const child = start('pipe');
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout?.once('data', () => child.stdout?.destroy());
  const [code] = await once(child, 'close');
  expect([code, stderr]).toEqual([1, '']);
});

it.runIf(existsSync('/dev/full'))(
  'the process says on stderr that stdout is full, and ends with a non-zero exit code',
  async () => {
    const full = openSync('/dev/full', 'w');
    const child = start(full);
    closeSync(full);
    let stderr = '';
    child.stderr?.on('data', (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(stderr).toMatch(/Cannot write to stdout: ENOSPC/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  },
);
