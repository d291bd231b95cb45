import { expect, it } from 'vitest';
import type { Message } from '../src/protocol/messages.js';
import {
  catalogOf,
  errorsOf,
  idsOf,
  lastStates,
  type Result,
  type Run,
  recordsOf,
  runConnector,
  runInProcess,
  statesOf,
  statusesOf,
} from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import type { LoggedRequest } from './sandbox/log.js';
import type { Sandbox, SandboxOptions } from './sandbox/sandbox.js';

const NOW = Math.floor(Date.now() / 1000) - 3600;
const ITEMS = 'payout_balance_transactions';

function start(options: SandboxOptions): Promise<Sandbox> {
  return ownSandbox({ now: NOW, ...options });
}

type Ended = Pick<Run, 'onMessage' | 'killAfter'> & { readonly config?: object };

/** A read that a signal ends. */
function readUntil(sandbox: Sandbox, streams: readonly string[], { config, ...ended }: Ended): Promise<Result> {
  const catalog = catalogOf(streams);
  return runConnector({ command: 'read', config: configOf(sandbox, config), catalog, ...ended });
}

interface More {
  readonly config?: object;
  readonly state?: unknown;
}

/** A read that ends by itself. */
function read(sandbox: Sandbox, streams: readonly string[], { config, ...more }: More = {}): Promise<Result> {
  const catalog = catalogOf(streams);
  return runInProcess({ command: 'read', config: configOf(sandbox, config), catalog, ...more });
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}

/** True of the n-th record of a stream. */
function nthRecord(n: number, stream: string): (message: Message) => boolean {
  let rows = 0;
  return (message) => {
    if (message.type !== 'RECORD' || message.record.stream !== stream) return false;
    rows += 1;
    return rows === n;
  };
}

function terminateAt(isTime: (message: Message) => boolean): NonNullable<Run['onMessage']> {
  return (message, child) => {
    if (isTime(message)) child.kill('SIGTERM');
  };
}

/** The ids of the records that stand before the last state of their stream. */
function coveredIds(result: Result, stream: string): readonly string[] {
  const last = result.messages.findLastIndex(
    (message) => message.type === 'STATE' && message.state.stream.stream_descriptor.name === stream,
  );
  return idsOf({ messages: result.messages.slice(0, last + 1) }, stream);
}

/** The kinds of messages after the last record of a stream, without immediate repetitions. */
function endOf({ messages }: Result, stream: string): readonly string[] {
  const kinds = messages.filter((message) => streamOf(message) === stream).map(kindOf);
  const end = kinds.slice(kinds.lastIndexOf('RECORD') + 1);
  return end.filter((kind, index) => kind !== end[index - 1]);
}

/** The stream that a record, a state, a status or an error is about. */
function streamOf(message: Message): string | undefined {
  if (message.type === 'RECORD') return message.record.stream;
  if (message.type === 'STATE') return message.state.stream.stream_descriptor.name;
  if (message.type !== 'TRACE') return undefined;
  const { stream_status: told, error } = message.trace;
  return (told ?? error)?.stream_descriptor?.name;
}

function kindOf(message: Message): string {
  return message.type === 'TRACE' ? (message.trace.stream_status?.status ?? 'ERROR') : message.type;
}

it('SIGTERM during a first load leaves one state behind the last row of each stream, and the next sync reads exactly the rest', async () => {
  const rows = { file_links: 6000, customers: 3000, payouts: 60, balance_transactions: 4000 };
  const sandbox = await start({ rows, latencyMs: 5 });
  const streams = ['file_links', 'customers', 'payouts', ITEMS];
  const config = { max_concurrency: 16 };
  const isTime = nthRecord(2500, 'file_links');
  const first = await readUntil(sandbox, streams, { config, onMessage: terminateAt(isTime) });
  expect([first.code, first.signal, first.stderr]).toEqual([null, 'SIGTERM', '']);
  for (const stream of ['file_links', 'customers']) expect(endOf(first, stream)).toEqual(['STATE', 'INCOMPLETE']);
  const second = await read(sandbox, streams, { config, state: lastStates(first) });
  expect([second.code, errorsOf(second)]).toEqual([0, []]);
  for (const stream of streams) {
    const expected = sandbox.rows(stream).map((key) => key.split(' ').at(-1) ?? '');
    expect(sorted([...idsOf(first, stream), ...idsOf(second, stream)]), stream).toEqual(sorted(expected));
  }
  expect(idsOf(second, 'file_links').length).toBeGreaterThan(0);
  expect(idsOf(second, 'file_links').length).toBeLessThan(3600);
});

const ALL = 1500;
const modes = (sync_mode: 'full_refresh' | 'incremental', destination_sync_mode: string, stream = 'file_links') => ({
  streams: catalogOf([stream], sync_mode).streams.map((each) => ({ ...each, destination_sync_mode })),
});
const start1500 = () => start({ rows: { file_links: ALL, payouts: 20, balance_transactions: 1500 }, latencyMs: 2 });
const jobs = (job: string | undefined) => (job === undefined ? {} : { env: { WORKER_JOB_ID: job } });

async function twice(catalog: ReturnType<typeof modes>, [first, second]: readonly (string | undefined)[]) {
  const sandbox = await start1500();
  const run = { command: 'read', config: configOf(sandbox, { max_concurrency: 1 }), catalog };
  const stream = catalog.streams[0]?.stream.name ?? '';
  const onMessage = terminateAt(nthRecord(700, stream));
  const before = await runConnector({ ...run, ...jobs(first), onMessage });
  const after = await runInProcess({ ...run, ...jobs(second), state: lastStates(before) });
  const expected = sandbox.rows(stream).map((key) => key.split(' ').at(-1) ?? '');
  expect([before.signal, after.code, statusesOf(after, stream).at(-1)]).toEqual(['SIGTERM', 0, 'COMPLETE']);
  return { before: sorted(idsOf(before)), after: sorted(idsOf(after)), expected: sorted(expected) };
}

it.each([
  ['overwrite', undefined, undefined],
  ['overwrite_dedup', undefined, undefined],
  ['overwrite', '7', undefined],
  ['overwrite', undefined, '7'],
  ['append', '7', '8'],
])('an interrupted full refresh starts again when the destination dropped the first part or the job is another (%s, job %s, then %s)', async (mode, ...attempts) => {
  const { after, expected } = await twice(modes('full_refresh', mode), attempts);
  expect(after).toEqual(expected);
});

it.each([
  ['full_refresh', 'overwrite', '7', '7', 'file_links'],
  ['full_refresh', 'append', undefined, undefined, 'file_links'],
  ['full_refresh', 'append_dedup', undefined, '7', 'file_links'],
  ['incremental', 'overwrite', undefined, undefined, ITEMS],
] as const)('an interrupted full refresh continues when the destination keeps the first part (%s, %s, job %s, then %s, %s)', async (sync, mode, first, second, stream) => {
  const { before, after, expected } = await twice(modes(sync, mode, stream), [first, second]);
  expect(after.length).toBeLessThan(expected.length);
  expect(sorted([...before, ...after])).toEqual(expected);
});

const DAY = 86_400;
const date = (seconds: number) => new Date(seconds * 1000).toISOString();
const EARLY = { end_date: date(NOW - 200 * DAY) };

const [CUT, CHILD, WHOLE] = ['file_links', ITEMS, 'payment_methods'] as const;
const STREAMS = [CUT, CHILD, WHOLE];

/** The ids that each attempt emitted, by stream, and all that exist. */
async function attempts(configs: readonly object[]) {
  const rows = { file_links: 300, payouts: 30, balance_transactions: 300, payment_methods: 150 };
  const sandbox = await start({ rows });
  const run = { command: 'read', catalog: catalogOf(STREAMS, 'full_refresh'), env: { WORKER_JOB_ID: '7' } };
  let state: readonly object[] = [];
  const results: Result[] = [];
  for (const more of configs) {
    const result = await runInProcess({ ...run, config: configOf(sandbox, more), state });
    expect([result.code, STREAMS.map((stream) => statusesOf(result, stream).at(-1))]).toEqual([
      0,
      STREAMS.map(() => 'COMPLETE'),
    ]);
    state = lastStates(result);
    results.push(result);
  }
  const idsIn = (stream: string) => results.map((result) => sorted(idsOf(result, stream)));
  const allOf = (stream: string) => sorted(sandbox.rows(stream).map((key) => key.split(' ').at(-1) ?? ''));
  return { idsIn, allOf };
}

it.each([
  ['a later end date', EARLY, { end_date: date(NOW) }],
  ['no end date any more', EARLY, {}],
  ['an earlier start date', { start_date: date(NOW - 200 * DAY) }, {}],
])('a full refresh that this job finished reads what is missing with %s, or all of a list that cannot be cut', async (_, ...configs) => {
  const { idsIn, allOf } = await attempts([...configs, ...configs.slice(1)]);
  for (const stream of [CUT, CHILD]) {
    expect(idsIn(stream)[0]?.length).toBeGreaterThan(0);
    expect(sorted(idsIn(stream).flat())).toEqual(allOf(stream));
  }
  expect(idsIn(WHOLE)[1]).toEqual(allOf(WHOLE));
  for (const stream of STREAMS) expect(idsIn(stream)[2]).toEqual([]);
});

it('a full refresh that this job finished reads nothing with an earlier end date, a later start date, or no date again', async () => {
  const { idsIn, allOf } = await attempts([{}, EARLY, { start_date: date(NOW - 200 * DAY) }, {}]);
  for (const stream of STREAMS) expect(idsIn(stream)).toEqual([allOf(stream), [], [], []]);
});

const AT = 3000;

it.each([
  'SIGTERM',
  'SIGKILL',
] as const)('the next sync continues inside a parent with very many children where %s ended the last one', async (signal) => {
  const sandbox = await start({ rows: { payouts: 2, balance_transactions: 12_000 }, latencyMs: 2 });
  const streams = ['payouts', ITEMS];
  const isTime = nthRecord(AT, ITEMS);
  const first = await readUntil(
    sandbox,
    streams,
    signal === 'SIGKILL'
      ? { killAfter: isTime, config: { max_concurrency: 1 } }
      : { onMessage: terminateAt(isTime), config: { max_concurrency: 1 } },
  );
  expect(first.signal).toBe(signal);
  const covered = coveredIds(first, ITEMS);
  expect(covered.length).toBeGreaterThanOrEqual(AT - 200);
  sandbox.resetLog();
  const second = await read(sandbox, streams, { state: lastStates(first) });
  const rest = sandbox.rows(ITEMS).length - covered.length;
  expect(second.code).toBe(0);
  expect(sorted([...covered, ...idsOf(second, ITEMS)])).toEqual(sorted(itemIds(sandbox)));
  const asked = sandbox.requests().filter(({ path }) => path === '/v1/balance_transactions');
  expect(asked.length).toBeLessThanOrEqual(Math.ceil(rest / 100) + 2);
  const known = new Set(covered.slice(0, -1));
  expect(asked.filter(({ query }) => known.has(query['starting_after'] ?? ''))).toEqual([]);
  expect(idsOf(second, 'payouts')).toEqual(signal === 'SIGTERM' ? [] : expect.any(Array));
});

it('the next sync reads no item again of parents with very many children that were read side by side', async () => {
  const sandbox = await start({ rows: { payouts: 3, balance_transactions: 9000 }, latencyMs: 3 });
  const config = { max_concurrency: 4 };
  const first = await readUntil(sandbox, [ITEMS], { config, killAfter: nthRecord(4000, ITEMS) });
  const covered = coveredIds(first, ITEMS);
  const parents = new Set(recordsOf(first, ITEMS).map(({ data }) => data['payout']));
  expect(parents.size).toBe(3);
  const second = await read(sandbox, [ITEMS], { config, state: lastStates(first) });
  expect(sorted([...covered, ...idsOf(second)])).toEqual(sorted(itemIds(sandbox)));
});

function itemIds(sandbox: Sandbox): readonly string[] {
  return sandbox.rows(ITEMS).map((key) => key.split(' ').at(-1) ?? '');
}

it.each([
  [
    "a child's list that may not be read",
    'payouts',
    ITEMS,
    { kind: 'no_permission', match: '/v1/balance_transactions', after: 20 },
  ],
  [
    'a list that answers 500',
    'customers',
    'file_links',
    { kind: 'status', status: 500, match: '/v1/file_links', after: 20 },
  ],
  [
    'a list whose object is refused',
    'customers',
    'file_links',
    { kind: 'status', status: 400, match: isOlderPage, after: 6, message: 'no' },
  ],
] as const)('a stream that fails during a load by many workers says INCOMPLETE behind a state that covers its rows (%s)', async (_, other, failing, fault) => {
  const rows = { file_links: 6000, customers: 1500, payouts: 200, balance_transactions: 6000 };
  const sandbox = await start({ rows, latencyMs: 4 });
  sandbox.fault({ ...fault, times: Number.POSITIVE_INFINITY });
  const streams = [other, failing];
  const config = { max_retries: 0, max_concurrency: 8 };
  const first = await read(sandbox, streams, { config });
  expect([first.code, errorsOf(first).map((error) => error.stream_descriptor?.name)]).toEqual([1, [failing]]);
  expect(statusesOf(first, other)).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
  expect(endOf(first, failing)).toEqual(['STATE', 'INCOMPLETE', 'ERROR']);
  expect(idsOf(first, failing).length).toBeGreaterThan(0);
  sandbox.clearFaults();
  const second = await read(sandbox, streams, { config, state: lastStates(first) });
  const expected = sandbox.rows(failing).map((key) => key.split(' ').at(-1) ?? '');
  expect([second.code, statusesOf(second, failing).at(-1)]).toEqual([0, 'COMPLETE']);
  const both = [...idsOf(first, failing), ...idsOf(second, failing)];
  expect(sorted([...new Set(both)])).toEqual(sorted(expected));
  // A full refresh that missed objects and has no job to continue starts again.
  if (failing !== 'payout_balance_transactions') expect(both).toHaveLength(expected.length);
  expect(idsOf(second, other)).toEqual([]);
  expect(statesOf(second, other)).toHaveLength(1);
});

function isOlderPage({ path, query }: LoggedRequest): boolean {
  return path === '/v1/file_links' && query['starting_after'] !== undefined;
}
