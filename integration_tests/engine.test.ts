import { expect, it } from 'vitest';
import type { Message } from '../src/protocol/messages.js';
import {
  catalogOf,
  errorsOf,
  idsOf,
  logsOf,
  type Result,
  recordsOf,
  runConnector,
  statesOf,
  statusesOf,
} from './connector.js';
import { configOf, holdUntil, ownSandbox } from './own-sandbox.js';
import type { LoggedRequest } from './sandbox/log.js';
import type { Sandbox, SandboxOptions } from './sandbox/sandbox.js';

const NOW = Math.floor(Date.now() / 1000) - 3600;
const DAY = 86_400;
const YEAR = 365 * DAY;
const PAGE = 100;

function start(options: SandboxOptions): Promise<Sandbox> {
  return ownSandbox({ now: NOW, ...options });
}

function read(sandbox: Sandbox, streams: readonly string[], config: object = {}): Promise<Result> {
  return runConnector({
    command: 'read',
    config: configOf(sandbox, config),
    catalog: catalogOf(streams),
  });
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}

/** True of requests for one of these lists. */
function isFor(...paths: readonly string[]): (request: LoggedRequest) => boolean {
  return ({ path }) => paths.includes(path);
}

function requestsTo(sandbox: Sandbox, path: string): number {
  return sandbox.requests().filter((request) => request.path === path).length;
}

it('loading_mode sync requests one page of a list at a time and emits its rows newest first', async () => {
  const sandbox = await start({ rows: { charges: 1000 }, latencyMs: 3 });
  const result = await read(sandbox, ['charges'], { loading_mode: 'sync', max_concurrency: 16 });
  expect([result.code, sandbox.summary().mostInFlight]).toEqual([0, 1]);
  expect(idsOf(result)).toEqual(sandbox.ids('charges'));
});

it("loading_mode sync emits children by parent, in the parents' order, with one request at a time", async () => {
  const sandbox = await start({ rows: { payouts: 150, balance_transactions: 9000 }, latencyMs: 1 });
  const streams = ['payouts', 'payout_balance_transactions'];
  const result = await read(sandbox, streams, { loading_mode: 'sync', max_concurrency: 16 });
  expect([result.code, sandbox.summary().mostInFlight]).toEqual([0, 1]);
  expect(idsOf(result, 'payouts')).toEqual(sandbox.ids('payouts'));
  const parents = recordsOf(result, 'payout_balance_transactions').map(({ data }) => String(data['payout']));
  expect(changesOf(parents)).toEqual(sandbox.ids('payouts').filter((id) => new Set(parents).has(id)));
  expect(sorted(idsOf(result, 'payout_balance_transactions'))).toEqual(sorted(recordedTransactions(sandbox)));
});

it('loading_mode sync reads several streams side by side, each with one request', async () => {
  const sandbox = await start({ rows: { charges: 500, customers: 500, coupons: 500 } });
  holdUntil(3, { sandbox, match: isFor('/v1/charges', '/v1/customers', '/v1/coupons') });
  const result = await read(sandbox, ['charges', 'customers', 'coupons'], { loading_mode: 'sync' });
  expect([result.code, sandbox.summary().mostInFlight]).toEqual([0, 3]);
});

/** The values without immediate repetitions. */
function changesOf(values: readonly string[]): readonly string[] {
  return values.filter((value, index) => value !== values[index - 1]);
}

function recordedTransactions(sandbox: Sandbox): readonly string[] {
  return sandbox.rows('payout_balance_transactions').map((key) => key.split(' ').at(-1) ?? '');
}

it.each([
  ['max_concurrency', 2],
  ['max_concurrency', 7],
  ['num_workers', 5],
])('one list is read with as many requests in flight as %s says, and no more (%i)', async (property, workers) => {
  const sandbox = await start({ rows: { file_links: 6000 } });
  // Before the first page there is nothing to share.
  holdUntil(workers, { sandbox, match: isFor('/v1/file_links'), after: 1 });
  const result = await read(sandbox, ['file_links'], { [property]: workers });
  expect([result.code, sandbox.summary().mostInFlight]).toEqual([0, workers]);
});

it('one list is read with several requests in flight by default', async () => {
  const sandbox = await start({ rows: { charges: 3000 } });
  holdUntil(2, { sandbox, match: isFor('/v1/charges'), after: 1 });
  await read(sandbox, ['charges']);
  expect(sandbox.summary().mostInFlight).toBeGreaterThan(1);
});

it('the children of one page of parents are read side by side', async () => {
  const sandbox = await start({ rows: { payouts: 30, balance_transactions: 900 } });
  holdUntil(8, { sandbox, match: isFor('/v1/balance_transactions') });
  const result = await read(sandbox, ['payout_balance_transactions'], { max_concurrency: 8 });
  expect([result.code, sandbox.summary().mostInFlight]).toEqual([0, 8]);
  expect(sorted(idsOf(result))).toEqual(sorted(recordedTransactions(sandbox)));
});

it('the long lists that one page of parents embeds are completed side by side', async () => {
  const sandbox = await start({
    rows: { invoices: 40, customers: 10, subscriptions: 10 },
    children: { invoiceLines: () => 25 },
  });
  holdUntil(6, { sandbox, match: ({ path }) => path.endsWith('/lines') });
  const result = await read(sandbox, ['invoices', 'invoice_line_items'], { max_concurrency: 6 });
  expect([result.code, sandbox.summary().mostInFlight]).toEqual([0, 6]);
  expect(sorted(idsOf(result, 'invoice_line_items'))).toHaveLength(40 * 25);
});

const ROWS = 4000;
const WORKERS = 16;

// Idle workers also ask for slices that turn out empty: a number of requests for each worker, however many rows there
// are.
it.each([
  ['uniform', 2, 'uniform'],
  ['growing', 2, 'growing'],
  ['bursty', 8, 'bursty'],
  ['in one second', 24, 'one_second'],
  ['in two seconds', 24, 'two_seconds'],
  ['of the last day', 10, 'recent'],
  ['with empty years between', 14, Array.from({ length: ROWS }, (_, n) => NOW - (n % 2) * 4 * YEAR - DAY - n)],
] as const)('a first load by many workers emits every row once, objects %s, for one request a page and %i a worker', async (_, spare, shape) => {
  const sandbox = await start({ rows: { file_links: ROWS }, shapes: { file_links: shape }, latencyMs: 4 });
  const result = await read(sandbox, ['file_links'], { max_concurrency: WORKERS });
  expect([result.code, errorsOf(result)]).toEqual([0, []]);
  expect(sorted(idsOf(result))).toEqual(sorted(sandbox.ids('file_links')));
  expect(requestsTo(sandbox, '/v1/file_links')).toBeLessThanOrEqual(1.03 * (ROWS / PAGE) + spare * WORKERS);
});

it('a first load by many workers emits every row of a list that cannot be cut once, for one request a page', async () => {
  const sandbox = await start({ rows: { payment_methods: 1000 } });
  const result = await read(sandbox, ['payment_methods'], { max_concurrency: WORKERS });
  expect([result.code, idsOf(result)]).toEqual([0, sandbox.rows('payment_methods')]);
  expect(requestsTo(sandbox, '/v1/payment_methods')).toBeLessThanOrEqual(11);
});

it('short lists are complete before a long one is half read', async () => {
  const short = ['coupons', 'customers', 'disputes', 'files', 'invoices', 'plans', 'prices', 'products', 'refunds'];
  const names = ['file_links', ...short, 'top_ups'];
  const rows = { ...Object.fromEntries(names.map((name) => [name, 150])), file_links: 8000 };
  const sandbox = await start({ rows });
  let letGo = () => {};
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  sandbox.fault({ kind: 'held', until, match: '/v1/file_links', after: 30, times: Number.POSITIVE_INFINITY });
  const left = new Set(names.slice(1));
  const result = await runConnector({
    command: 'read',
    config: configOf(sandbox, { max_concurrency: 4 }),
    catalog: catalogOf(names),
    onMessage: (message) => {
      for (const name of left) if (isStatus(message, name, 'COMPLETE')) left.delete(name);
      if (left.size === 0) letGo();
    },
  });
  // Otherwise the sync would stand still: the long list continues only when the short ones are complete.
  expect([result.code, idsOf(result, 'file_links').length]).toEqual([0, 8000]);
});

it.each([
  ['of the account', { concurrency: 3 }],
  ['of the endpoint', { endpointConcurrency: 3 }],
] as const)('a first load by many workers is whole although Stripe allows three requests in flight %s', async (_, limits) => {
  const sandbox = await start({ rows: { file_links: 6000, customers: 1000 }, latencyMs: 10, limits });
  holdUntil(4, { sandbox, match: isFor('/v1/file_links'), after: 1 });
  const result = await read(sandbox, ['file_links', 'customers'], { max_concurrency: WORKERS });
  expect([result.code, errorsOf(result)]).toEqual([0, []]);
  expect(sorted(idsOf(result, 'file_links'))).toEqual(sorted(sandbox.ids('file_links')));
  expect(sorted(idsOf(result, 'customers'))).toEqual(sorted(sandbox.ids('customers')));
  expect(sandbox.summary().byStatus['429']).toBeGreaterThan(0);
});

it.each([
  'global-concurrency',
  'endpoint-concurrency',
  'global-rate',
  'endpoint-rate',
  'resource-specific',
] as const)('a first load by many workers is whole although some of its requests are refused for %s', async (reason) => {
  const sandbox = await start({ rows: { file_links: 3000 }, latencyMs: 5 });
  sandbox.fault({ kind: '429', reason, match: '/v1/file_links', after: 3, times: 6 });
  const result = await read(sandbox, ['file_links'], { max_concurrency: WORKERS });
  expect([result.code, sandbox.summary().byStatus['429']]).toEqual([0, 6]);
  expect(sorted(idsOf(result))).toEqual(sorted(sandbox.ids('file_links')));
});

function isStatus(message: Message, stream: string, status: string): boolean {
  const told = message.type === 'TRACE' ? message.trace.stream_status : undefined;
  return told?.stream_descriptor.name === stream && told.status === status;
}

it('the states of a first load are at most 5 % of its output, count its records, and none comes twice with records in between', async () => {
  const streams = ['coupons', 'file_links', 'balance_transactions'];
  const rows = { coupons: 5000, file_links: 5000, balance_transactions: 5000, files: 100 };
  const sandbox = await start({ rows, latencyMs: 3 });
  const result = await read(sandbox, streams, { max_concurrency: 20 });
  expect(result.code).toBe(0);
  const lines = result.stdout.split('\n');
  const states = lines.filter((line) => line.startsWith('{"type":"STATE"'));
  expect(states.length).toBeGreaterThanOrEqual(3);
  expect(states.join('\n').length).toBeLessThanOrEqual(result.stdout.length * 0.05);
  for (const stream of streams) {
    expect(countsOf(result, stream), stream).toEqual(
      statesOf(result, stream).map(({ sourceStats }) => sourceStats.recordCount),
    );
    expect(repeated(result, stream), stream).toEqual([]);
  }
});

/** How many records came before each state of a stream, since the one before. */
function countsOf({ messages }: Result, stream: string): readonly number[] {
  const counts: number[] = [];
  let count = 0;
  for (const message of messages) {
    if (message.type === 'RECORD' && message.record.stream === stream) count += 1;
    if (message.type !== 'STATE' || message.state.stream.stream_descriptor.name !== stream) continue;
    counts.push(count);
    count = 0;
  }
  return counts;
}

/** States that are the same as the one before, though records came between. */
function repeated(result: Result, stream: string): readonly string[] {
  const texts = statesOf(result, stream).map(({ stream: { stream_state } }) => JSON.stringify(stream_state));
  const counts = countsOf(result, stream);
  return texts.filter((text, index) => index > 0 && text === texts[index - 1] && (counts[index] ?? 0) > 0);
}

interface Estimated {
  readonly rows: number;
  readonly estimate: number;
}

/** The estimates for a stream, each with the rows that came before it. */
function estimatesOf({ messages }: Result, stream: string): readonly Estimated[] {
  let rows = 0;
  return messages.flatMap((message): readonly Estimated[] => {
    if (message.type === 'RECORD' && message.record.stream === stream) rows += 1;
    const told = message.type === 'TRACE' ? message.trace.estimate : undefined;
    return told?.name === stream ? [{ rows, estimate: told.row_estimate }] : [];
  });
}

it('the estimates of a long uniform stream are right to a factor of two after its first quarter, and exact at its end', async () => {
  const sandbox = await start({ rows: { charges: 8000 }, latencyMs: 4 });
  const result = await read(sandbox, ['charges'], { max_concurrency: 8 });
  const estimates = estimatesOf(result, 'charges');
  expect(estimates.length).toBeGreaterThan(0);
  for (const { rows, estimate } of estimates.filter((each) => each.rows >= 2000)) {
    expect(estimate, `after ${rows} rows`).toBeGreaterThanOrEqual(4000);
    expect(estimate, `after ${rows} rows`).toBeLessThanOrEqual(16_000);
  }
  expect(estimates.at(-1)?.estimate).toBe(8000);
});

it('the estimates of children come with those of their parents', async () => {
  const sandbox = await start({ rows: { payouts: 400, balance_transactions: 4000 } });
  const result = await read(sandbox, ['payouts', 'payout_balance_transactions'], { loading_mode: 'sync' });
  for (const stream of ['payouts', 'payout_balance_transactions']) {
    const rows = recordsOf(result, stream).length;
    expect(estimatesOf(result, stream).at(-1)?.estimate, stream).toBe(rows);
  }
});

it('a stream that fits on one page has no estimate', async () => {
  const sandbox = await start({ rows: { charges: 100, customers: 0 } });
  const result = await read(sandbox, ['charges', 'customers']);
  expect([...estimatesOf(result, 'charges'), ...estimatesOf(result, 'customers')]).toEqual([]);
});

it('each stream ends with one line that says rows, requests, retries and seconds waited for limits', async () => {
  const sandbox = await start({ rows: { charges: 250, customers: 20, coupons: 0 } });
  sandbox.fault({ kind: '429', retryAfter: 1, match: '/v1/charges', times: 1 });
  sandbox.fault({ kind: 'status', status: 500, match: '/v1/charges', after: 1, times: 2 });
  const result = await read(sandbox, ['charges', 'customers', 'coupons'], { loading_mode: 'sync' });
  const lines = logsOf(result, 'INFO').filter((line) => line.includes('waited for limits'));
  expect(sorted(lines)).toEqual([
    expect.stringMatching(/^charges: 250 rows, 6 requests, 3 retries, [1-9]\d*\.\d s waited for limits$/),
    'coupons: 0 rows, 1 requests, 0 retries, 0.0 s waited for limits',
    'customers: 20 rows, 1 requests, 0 retries, 0.0 s waited for limits',
  ]);
  expect(requestsTo(sandbox, '/v1/charges')).toBe(6);
});

it('the last line of a stream of children counts the requests for them', async () => {
  const sandbox = await start({ rows: { payouts: 30, balance_transactions: 300 } });
  const result = await read(sandbox, ['payouts', 'payout_balance_transactions']);
  const lines = logsOf(result, 'INFO').filter((line) => line.includes('waited for limits'));
  const children = requestsTo(sandbox, '/v1/balance_transactions');
  expect(lines).toEqual([
    expect.stringMatching(/^payouts: 30 rows, 1 requests,/),
    expect.stringContaining(`rows, ${children} requests, 0 retries`),
  ]);
});

it('a refusal that is over soon is not reported as a wait for limits', async () => {
  const sandbox = await start({ rows: { charges: 250 } });
  sandbox.fault({ kind: '429', retryAfter: 1, reason: 'global-rate', match: '/v1/charges', times: 1 });
  const result = await read(sandbox, ['charges']);
  expect([result.code, statusesOf(result, 'charges')]).toEqual([0, ['STARTED', 'RUNNING', 'COMPLETE']]);
  expect(result.stdout).not.toContain('RATE_LIMITED');
});
