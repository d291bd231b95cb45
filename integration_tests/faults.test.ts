import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { catalog } from '../src/streams/catalog.js';
import {
  catalogOf,
  errorsOf,
  idsOf,
  lastStates,
  logsOf,
  type Result,
  runConnector,
  runInProcess,
  statusesOf,
} from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import type { Fault } from './sandbox/faults.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

let sandbox: Sandbox;
const PATH = '/v1/charges';
/** What Stripe says of a request that it does not advise to repeat. */
const NEVER = { 'stripe-should-retry': 'false' };
/** What it says of one that it advises to repeat. */
const ADVISED = { 'stripe-should-retry': 'true' };
const HOUR_AGO = Math.floor(Date.now() / 1000) - 3600;

beforeAll(async () => {
  sandbox = await startSandbox({
    rows: { charges: 250, customers: 20, invoices: 20, subscriptions: 10, payouts: 30 },
  });
});

afterEach(() => sandbox.clearFaults());
afterAll(() => sandbox.close());

function read(streams: readonly string[], config: object = {}): Promise<Result> {
  return runInProcess({ command: 'read', config: configOf(sandbox, config), catalog: catalogOf(streams) });
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}

type Kind = Pick<Fault, 'kind'> & Readonly<Record<string, unknown>>;

/**
 * Faults that a retry or a later sync does not meet again. Each has a list of its own, so that one sync meets all of
 * them.
 */
const TRANSIENT: readonly (readonly [fault: string, list: string, Kind])[] = [
  ['429 for the rate of the account', 'charges', { kind: '429', reason: 'global-rate' }],
  ['429 for the rate of the endpoint', 'customers', { kind: '429', reason: 'endpoint-rate' }],
  ['429 for the concurrency of the account', 'disputes', { kind: '429', reason: 'global-concurrency' }],
  ['429 for the concurrency of the endpoint', 'files', { kind: '429', reason: 'endpoint-concurrency' }],
  ['429 for one resource', 'file_links', { kind: '429', reason: 'resource-specific' }],
  ['429 without a reason', 'invoices', { kind: '429' }],
  ['429 with Retry-After', 'invoice_items', { kind: '429', retryAfter: 1 }],
  ['a lock_timeout', 'invoice_payments', { kind: 'lock_timeout' }],
  ['500', 'payment_intents', { kind: 'status', status: 500 }],
  ['502 with HTML', 'payouts', { kind: 'status', status: 502, html: true }],
  ['503', 'products', { kind: 'status', status: 503 }],
  ['409', 'refunds', { kind: 'status', status: 409 }],
  ['400 with Stripe-Should-Retry', 'reviews', { kind: 'status', status: 400, headers: ADVISED }],
  ['a reset connection', 'setup_intents', { kind: 'reset' }],
  ['a body that is cut off', 'subscription_schedule', { kind: 'cut' }],
  ['a chunked body that is cut off', 'tax_rates', { kind: 'cut', chunked: true }],
  ['HTML with 200', 'top_ups', { kind: 'html' }],
  ['something that is not JSON', 'transfers', { kind: 'not_json' }],
  ['an empty page that says that there are more', 'balance_transactions', { kind: 'empty' }],
];

const TROUBLED = TRANSIENT.map(([, list]) => list);
const UNTROUBLED = 'tax_codes';
const ALL = [...TROUBLED, UNTROUBLED];

function pathOf(list: string): string {
  return catalog.find(({ name }) => name === list)?.path ?? '';
}

/** A sandbox in which every list of TRANSIENT has its fault `times` times, from its second request on. */
async function troubledSandbox(times: number): Promise<Sandbox> {
  const own = await ownSandbox({ now: HOUR_AGO, rows: Object.fromEntries(ALL.map((list) => [list, 150])) });
  for (const [, list, fault] of TRANSIENT) own.fault({ ...fault, match: pathOf(list), after: 1, times } as Fault);
  return own;
}

describe('with a fault that passes', () => {
  let troubled: Sandbox;
  let result: Result;

  beforeAll(async () => {
    troubled = await troubledSandbox(1);
    result = await runConnector({ command: 'read', config: configOf(troubled), catalog: catalogOf(ALL) });
  });

  it('a sync succeeds although each of its lists meets a fault once', () => {
    expect([result.code, errorsOf(result)]).toEqual([0, []]);
  });

  it.each(TRANSIENT)('%s, once, costs a list (%s) no row and repeats none', (_, list) => {
    expect(troubled.requests().filter(({ fault, path }) => fault !== undefined && path === pathOf(list))).toHaveLength(
      1,
    );
    expect(sorted(idsOf(result, list))).toEqual(sorted(troubled.ids(list)));
  });
});

describe('with a fault that stays', () => {
  let troubled: Sandbox;
  let first: Result;
  let second: Result;

  beforeAll(async () => {
    troubled = await troubledSandbox(Number.POSITIVE_INFINITY);
    const run = { command: 'read', catalog: catalogOf(ALL) };
    first = await runConnector({ ...run, config: configOf(troubled, { max_retries: 1 }) });
    troubled.clearFaults();
    second = await runConnector({ ...run, config: configOf(troubled), state: lastStates(first) });
  });

  it('a sync fails with one error for each list that does not recover, and completes the others', () => {
    expect([first.code, second.code]).toEqual([1, 0]);
    expect(sorted(errorsOf(first).map((error) => error.stream_descriptor?.name ?? ''))).toEqual(sorted(TROUBLED));
    expect(statusesOf(first, UNTROUBLED).at(-1)).toBe('COMPLETE');
    expect(idsOf(first, UNTROUBLED)).toEqual(troubled.ids(UNTROUBLED));
  });

  it.each(
    TRANSIENT,
  )('%s, for good, ends a list (%s) as transient, and the next sync reads exactly the rest', (_, list) => {
    const error = errorsOf(first).find(({ stream_descriptor }) => stream_descriptor?.name === list);
    expect([error?.failure_type, statusesOf(first, list).at(-1)]).toEqual(['transient_error', 'INCOMPLETE']);
    expect(sorted([...idsOf(first, list), ...idsOf(second, list)])).toEqual(sorted(troubled.ids(list)));
  });
});

/** Answers with advice not to retry, each for a list of its own. */
const NOT_ADVISED = [
  ['charges', { kind: '429', shouldRetry: false }],
  ['customers', { kind: 'status', status: 500, headers: NEVER }],
  ['invoices', { kind: 'status', status: 503, headers: NEVER }],
  ['payouts', { kind: 'status', status: 409, headers: NEVER }],
] as const;
const NOT_ADVISED_STREAMS = NOT_ADVISED.map(([stream]) => stream);

function adviseAgainst(times: number): void {
  for (const [stream, fault] of NOT_ADVISED) sandbox.fault({ ...fault, match: `/v1/${stream}`, times });
}

it('advice not to retry costs no stream a row', async () => {
  adviseAgainst(1);
  const result = await read(NOT_ADVISED_STREAMS);
  expect([result.code, errorsOf(result)]).toEqual([0, []]);
  for (const stream of NOT_ADVISED_STREAMS) {
    expect([...idsOf(result, stream)].sort()).toEqual([...sandbox.ids(stream)].sort());
  }
});

it('an answer with advice not to retry is reported as what it is: a limit, or no usable answer', async () => {
  adviseAgainst(Number.POSITIVE_INFINITY);
  const told = errorsOf(await read(NOT_ADVISED_STREAMS, { max_retries: 0 }));
  expect(told.map(({ failure_type }) => failure_type)).toEqual(NOT_ADVISED_STREAMS.map(() => 'transient_error'));
  const messages = new Map(told.map(({ message, stream_descriptor }) => [stream_descriptor?.name, message]));
  expect(messages.get('charges')).toMatch(/rate limit was reached.*HTTP 429/);
  expect(messages.get('customers')).toMatch(/gave no usable answer.*HTTP 500/);
  expect([...messages.values()].join()).not.toContain('could not be reached');
});

it('a missing permission fails its stream and names the permission', async () => {
  sandbox.fault({ kind: 'no_permission', match: PATH, times: Number.POSITIVE_INFINITY });
  const result = await read(['charges', 'customers']);
  expect(result.code).toBe(1);
  const [error] = errorsOf(result);
  expect(error).toMatchObject({ failure_type: 'config_error', stream_descriptor: { name: 'charges' } });
  expect(error?.message).toMatch(/^charges: The API key lacks a permission.*charge_read/);
  expect(statusesOf(result, 'customers')).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
});

it('a missing permission is not taken for a bad key when its status is 401', async () => {
  sandbox.fault({ kind: 'no_permission', status: 401, match: PATH, times: Number.POSITIVE_INFINITY });
  const result = await read(['charges', 'customers']);
  expect(errorsOf(result)[0]?.message).toContain('lacks a permission');
  expect(statusesOf(result, 'customers').at(-1)).toBe('COMPLETE');
});

it.each([
  ['cards', '/v1/issuing/cards', 0, 'COMPLETE'],
  ['charges', PATH, 1, 'INCOMPLETE'],
])('a product that the account does not have is believed only of streams that need one (%s)', async (stream, path, code, end) => {
  sandbox.fault({ kind: 'product_unavailable', match: path, times: Number.POSITIVE_INFINITY });
  const result = await read([stream]);
  expect([result.code, idsOf(result), statusesOf(result, stream)]).toEqual([code, [], ['STARTED', end]]);
  expect(logsOf(result, code === 0 ? 'WARN' : 'ERROR').join()).toContain('does not have this product');
});

it('a bad request fails at once and says what Stripe said', async () => {
  sandbox.resetLog();
  const result = await read(['charges'], { expand: { charges: ['nonsense'] } });
  expect(errorsOf(result)[0]?.message).toContain('cannot be expanded (nonsense)');
  const asked = sandbox.requests().map(({ path }) => path);
  expect(asked.filter((path) => path === PATH)).toHaveLength(2);
  expect(asked.length).toBeLessThan(50);
});

it('a redirect is not followed, so the key goes nowhere else', async () => {
  const other = await listen();
  sandbox.fault({ kind: 'redirect', to: other.url, match: PATH, times: Number.POSITIVE_INFINITY });
  const result = await read(['charges']);
  expect(errorsOf(result)[0]?.message).toContain('Redirects are not followed');
  expect(other.requests).toBe(0);
  other.server.close();
});

it('a page that comes again and again ends in an error, not in endless rows', async () => {
  sandbox.fault({ kind: 'same_page', match: PATH, after: 1, times: Number.POSITIVE_INFINITY });
  const result = await read(['charges']);
  expect([result.code, idsOf(result).length]).toEqual([1, 100]);
  expect(errorsOf(result)[0]?.message).toContain('says that there is more');
});

it('an object of another kind is ignored with a warning', async () => {
  sandbox.fault({ kind: 'foreign_item', match: PATH });
  const result = await read(['charges']);
  expect([...idsOf(result)].sort()).toEqual([...sandbox.ids('charges')].sort());
  expect(logsOf(result, 'WARN').join()).toMatch(/charges: 1 objects of kind \w+ were ignored: not rows of this stream/);
});

it('a list of nothing but objects of another kind fails its stream', async () => {
  const body = '{"object": "list", "has_more": false, "data": [{"id": "x_1", "object": "charge_v2"}]}';
  sandbox.fault({ kind: 'not_json', body, match: PATH });
  const result = await read(['charges']);
  expect(errorsOf(result)[0]?.message).toContain('lists objects of kind charge_v2 instead of charge');
});

it.each([
  'null',
  '7',
  '{"object": "charge"}',
  '{"id": 7, "object": "charge"}',
])('an item that is no object with an id (%s) fails its stream, and no other', async (item) => {
  const body = `{"object": "list", "has_more": true, "data": [${item}]}`;
  sandbox.fault({ kind: 'not_json', body, match: PATH });
  const result = await read(['charges', 'customers']);
  expect([result.code, errorsOf(result).length]).toEqual([1, 1]);
  expect(errorsOf(result)[0]).toMatchObject({ stream_descriptor: { name: 'charges' } });
  expect(statusesOf(result, 'customers').at(-1)).toBe('COMPLETE');
});

it('a stream is incomplete when its product goes away during the sync', async () => {
  sandbox.fault({ kind: 'product_unavailable', match: PATH, after: 1, times: Number.POSITIVE_INFINITY });
  const result = await read(['charges']);
  expect([result.code, statusesOf(result, 'charges').at(-1)]).toEqual([1, 'INCOMPLETE']);
});

it.each([
  ['charges', 'one_second'],
  ['payment_methods', 'uniform'],
] as const)('a list of %s that loses its place at every page ends in an error, not in an endless read', async (stream, shape) => {
  const own = await startSandbox({ rows: { [stream]: 3000 }, shapes: { [stream]: shape } });
  own.onRequest(({ query }) => {
    const after = query['starting_after'];
    if (after !== undefined && own.object(stream, after)?.['deleted'] === undefined) own.remove(stream, after);
  });
  const result = await read([stream], { api_key: own.apiKey, api_base: own.url });
  await own.close();
  expect([result.code, errorsOf(result)[0]?.failure_type]).toEqual([1, 'transient_error']);
});

it('a child that fails leaves its parent whole', async () => {
  sandbox.fault({ kind: 'no_permission', match: '/v1/balance_transactions', times: Number.POSITIVE_INFINITY });
  const result = await read(['payouts', 'payout_balance_transactions']);
  expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['payout_balance_transactions']);
  expect(statusesOf(result, 'payouts').at(-1)).toBe('COMPLETE');
  expect(idsOf(result, 'payouts')).toHaveLength(30);
});

it('a parent that fails fails its children, each with an error of its own', async () => {
  sandbox.fault({ kind: 'no_permission', match: '/v1/invoices', times: Number.POSITIVE_INFINITY });
  const result = await read(['invoices', 'invoice_line_items']);
  expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['invoices', 'invoice_line_items']);
});

it('a list of children that is not found although the parent exists leaves its stream incomplete', async () => {
  sandbox.fault({
    kind: 'status',
    status: 404,
    code: 'resource_missing',
    message: "No such payout: 'po_1'",
    match: '/v1/balance_transactions',
  });
  const result = await read(['payout_balance_transactions']);
  expect([result.code, statusesOf(result, 'payout_balance_transactions').at(-1)]).toEqual([1, 'INCOMPLETE']);
  expect(errorsOf(result)[0]?.message).toContain('1 of the payouts could not be read');
});

async function listen(): Promise<{ readonly url: string; readonly server: Server; readonly requests: number }> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    server,
    get requests() {
      return requests;
    },
  };
}
