import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Retry } from '../src/stripe/client.js';
import { createLimiter, type Limiter } from '../src/stripe/limits.js';
import { catalogOf, errorsOf, idsOf, lastStates, logsOf, type Result, runConnector, statusesOf } from './connector.js';
import type { Fault } from './sandbox/faults.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

let sandbox: Sandbox;
const PATH = '/v1/charges';

beforeAll(async () => {
  sandbox = await startSandbox({
    rows: { charges: 250, customers: 20, invoices: 20, subscriptions: 10, payouts: 30 },
  });
});

afterEach(() => sandbox.clearFaults());
afterAll(() => sandbox.close());

function read(streams: readonly string[], config: object = {}, state?: unknown): Promise<Result> {
  const pace = { requests_per_second: 1e6, endpoint_requests_per_second: 1e6 };
  return runConnector({
    command: 'read',
    config: { api_key: sandbox.apiKey, api_base: sandbox.url, ...pace, ...config },
    catalog: catalogOf(streams),
    ...(state === undefined ? {} : { state }),
  });
}

type Kind = Pick<Fault, 'kind'> & Readonly<Record<string, unknown>>;

const TRANSIENT: readonly (readonly [string, Kind])[] = [
  ['429 for the rate of the account', { kind: '429', reason: 'global-rate' }],
  ['429 for the rate of the endpoint', { kind: '429', reason: 'endpoint-rate' }],
  ['429 for the concurrency of the account', { kind: '429', reason: 'global-concurrency' }],
  ['429 for the concurrency of the endpoint', { kind: '429', reason: 'endpoint-concurrency' }],
  ['429 for one resource', { kind: '429', reason: 'resource-specific' }],
  ['429 without a reason', { kind: '429' }],
  ['429 with Retry-After', { kind: '429', retryAfter: 1 }],
  ['a lock_timeout', { kind: 'lock_timeout' }],
  ['500', { kind: 'status', status: 500 }],
  ['502 with HTML', { kind: 'status', status: 502, html: true }],
  ['503', { kind: 'status', status: 503 }],
  ['409', { kind: 'status', status: 409 }],
  ['400 with Stripe-Should-Retry', { kind: 'status', status: 400, headers: { 'stripe-should-retry': 'true' } }],
  ['a reset connection', { kind: 'reset' }],
  ['a body that is cut off', { kind: 'cut' }],
  ['a chunked body that is cut off', { kind: 'cut', chunked: true }],
  ['HTML with 200', { kind: 'html' }],
  ['something that is not JSON', { kind: 'not_json' }],
  ['an empty page that says that there are more', { kind: 'empty' }],
];

describe.each(TRANSIENT)('%s', (_, fault) => {
  it('once: every row arrives, once', async () => {
    sandbox.fault({ ...fault, match: PATH, after: 1, times: 1 } as Fault);
    const result = await read(['charges']);
    expect([result.code, errorsOf(result)]).toEqual([0, []]);
    expect([...idsOf(result)].sort()).toEqual([...sandbox.ids('charges')].sort());
  });

  it('for ever: the stream fails as transient, the others are read, and the next sync goes on', async () => {
    sandbox.fault({ ...fault, match: PATH, after: 1, times: Number.POSITIVE_INFINITY } as Fault);
    const first = await read(['charges', 'customers'], { max_retries: 1 });
    expect(first.code).toBe(1);
    expect(errorsOf(first)).toEqual([
      expect.objectContaining({ failure_type: 'transient_error', stream_descriptor: { name: 'charges' } }),
    ]);
    expect(statusesOf(first, 'charges').at(-1)).toBe('INCOMPLETE');
    expect(statusesOf(first, 'customers').at(-1)).toBe('COMPLETE');
    sandbox.clearFaults();
    const second = await read(['charges', 'customers'], {}, lastStates(first));
    expect([...idsOf(first, 'charges'), ...idsOf(second, 'charges')].sort()).toEqual(
      [...sandbox.ids('charges')].sort(),
    );
  });
});

describe('an answer that no retry can mend', () => {
  it('a missing permission fails its stream and names the permission', async () => {
    sandbox.fault({ kind: 'no_permission', match: PATH, times: Number.POSITIVE_INFINITY });
    const result = await read(['charges', 'customers']);
    expect(result.code).toBe(1);
    const [error] = errorsOf(result);
    expect(error).toMatchObject({ failure_type: 'config_error', stream_descriptor: { name: 'charges' } });
    expect(error?.message).toMatch(/^charges: The API key lacks a permission.*charge_read/);
    expect(statusesOf(result, 'customers')).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
  });

  it('a missing permission is one with 401, too, and not a bad key', async () => {
    sandbox.fault({ kind: 'no_permission', status: 401, match: PATH, times: Number.POSITIVE_INFINITY });
    const result = await read(['charges', 'customers']);
    expect(errorsOf(result)[0]?.message).toContain('lacks a permission');
    expect(statusesOf(result, 'customers').at(-1)).toBe('COMPLETE');
  });

  it('a product that the account does not have gives no rows, a warning, and success', async () => {
    sandbox.fault({ kind: 'product_unavailable', match: PATH, times: Number.POSITIVE_INFINITY });
    const result = await read(['charges']);
    expect([result.code, idsOf(result)]).toEqual([0, []]);
    expect(statusesOf(result, 'charges')).toEqual(['STARTED', 'COMPLETE']);
    expect(logsOf(result, 'WARN').join()).toContain('does not have this product');
  });

  it('a bad request fails at once and says what Stripe said', async () => {
    sandbox.resetLog();
    const result = await read(['charges'], { expand: { charges: ['nonsense'] } });
    expect(errorsOf(result)[0]?.message).toContain('cannot be expanded (data.nonsense)');
    expect(sandbox.requests().filter(({ path }) => path === PATH)).toHaveLength(1);
  });

  it('a redirect is not followed, so the key goes nowhere else', async () => {
    const other = await listen();
    sandbox.fault({ kind: 'redirect', to: other.url, match: PATH, times: Number.POSITIVE_INFINITY });
    const result = await read(['charges']);
    expect(errorsOf(result)[0]?.message).toContain('Redirects are not followed');
    expect(other.requests).toBe(0);
    other.server.close();
  });

  it('a page that comes again and again ends in an error and not in rows for ever', async () => {
    sandbox.fault({ kind: 'same_page', match: PATH, after: 1, times: Number.POSITIVE_INFINITY });
    const result = await read(['charges']);
    expect([result.code, idsOf(result).length]).toEqual([1, 100]);
    expect(errorsOf(result)[0]?.message).toContain('says that there is more');
  });

  it('an object of another kind is no row, and that is said', async () => {
    sandbox.fault({ kind: 'foreign_item', match: PATH });
    const result = await read(['charges']);
    expect([...idsOf(result)].sort()).toEqual([...sandbox.ids('charges')].sort());
    expect(logsOf(result, 'WARN').join()).toMatch(/charges: 1 objects of kind \w+ in the list are no rows/);
  });

  it('a list of nothing but another kind is an error, for the rows must be somewhere', async () => {
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

  it('a product that goes away in the middle is no reason to be complete', async () => {
    sandbox.fault({ kind: 'product_unavailable', match: PATH, after: 1, times: Number.POSITIVE_INFINITY });
    const result = await read(['charges']);
    expect([result.code, statusesOf(result, 'charges').at(-1)]).toEqual([1, 'INCOMPLETE']);
  });

  it.each([
    ['charges', 'one_second'],
    ['payment_methods', 'uniform'],
  ] as const)('a list of %s that loses its place at every page ends in an error and not never', async (stream, shape) => {
    const own = await startSandbox({ rows: { [stream]: 3000 }, shapes: { [stream]: shape } });
    own.onRequest(({ query }) => {
      const after = query['starting_after'];
      if (after !== undefined && own.object(stream, after)?.['deleted'] === undefined) own.remove(stream, after);
    });
    const result = await read([stream], { api_key: own.apiKey, api_base: own.url });
    await own.close();
    expect([result.code, errorsOf(result)[0]?.failure_type]).toEqual([1, 'transient_error']);
  });

  it('a failing child leaves its parent whole', async () => {
    sandbox.fault({ kind: 'no_permission', match: '/v1/balance_transactions', times: Number.POSITIVE_INFINITY });
    const result = await read(['payouts', 'payout_balance_transactions']);
    expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['payout_balance_transactions']);
    expect(statusesOf(result, 'payouts').at(-1)).toBe('COMPLETE');
    expect(idsOf(result, 'payouts')).toHaveLength(30);
  });

  it('a failing parent fails its children, each with its own error', async () => {
    sandbox.fault({ kind: 'no_permission', match: '/v1/invoices', times: Number.POSITIVE_INFINITY });
    const result = await read(['invoices', 'invoice_line_items']);
    expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['invoices', 'invoice_line_items']);
  });

  it('a parent that vanishes before its children are read is skipped, and that is said', async () => {
    sandbox.fault({
      kind: 'status',
      status: 404,
      code: 'resource_missing',
      message: "No such payout: 'po_1'",
      match: '/v1/balance_transactions',
    });
    const result = await read(['payout_balance_transactions']);
    expect(result.code).toBe(0);
    expect(logsOf(result, 'WARN').join()).toContain('no rows for 1 of payouts: Stripe does not have them any more');
  });
});

describe('the client', () => {
  const client = (more: object = {}) => {
    const limiter = createLimiter({ account: 1e6, endpoint: 1e6 }, { now: Date.now, sleep: async () => {} });
    const options = { apiVersion: '2026-10-28.endive', maxRetries: 1, userAgent: 'test', limiter, random: () => 0 };
    const { signal } = new AbortController();
    return createClient({ ...options, apiKey: sandbox.apiKey, apiBase: sandbox.url, signal, timeoutMs: 300, ...more });
  };

  it.each([
    [true],
    [false],
  ])('gives up on an answer that stalls, and asks again (headers sent: %s)', async (headers) => {
    sandbox.fault({ kind: 'stall', headers, match: PATH });
    expect(await client().get({ path: PATH })).toMatchObject({ object: 'list' });
  });

  it('says what did not answer when it stalls for ever', async () => {
    sandbox.fault({ kind: 'stall', match: PATH, times: Number.POSITIVE_INFINITY });
    await expect(client().get({ path: PATH })).rejects.toMatchObject({
      kind: 'transient',
      message: expect.stringContaining(PATH),
    });
  });

  it('stops waiting for an answer, a retry or its turn when it is told to', async () => {
    const controller = new AbortController();
    sandbox.fault({ kind: '429', retryAfter: 3600, match: PATH, times: Number.POSITIVE_INFINITY });
    const waiting = client({ signal: controller.signal, maxRetries: 5 }).get({ path: PATH });
    setTimeout(() => controller.abort(new Error('enough')), 200);
    await expect(waiting).rejects.toThrow('enough');
  });

  it('keeps the key out of everything that it says', async () => {
    const error: unknown = await client({ apiKey: 'sk_test_unknownkey12345' })
      .get({ path: PATH })
      .catch((reason) => reason);
    expect(JSON.stringify(error) + String(error)).not.toContain('unknownkey12345');
  });

  it('keeps to the places in flight that Stripe gives it, and everything arrives', async () => {
    const own = await startSandbox({ rows: { charges: 1 }, latencyMs: 30, limits: { concurrency: 3 } });
    const limits = { limiter: createLimiter({ account: 1e6, endpoint: 1e6 }, REAL_CLOCK), maxRetries: 15 };
    const limited = client({ ...limits, apiKey: own.apiKey, apiBase: own.url });
    const ask = async () => {
      for (let page = 0; page < 8; page += 1) await limited.get({ path: PATH });
    };
    await Promise.all(Array.from({ length: 25 }, ask));
    const statuses = own.requests().map(({ status }) => status);
    await own.close();
    expect(statuses.filter((status) => status === 200)).toHaveLength(200);
    const refused = (all: typeof statuses) => all.filter((status) => status === 429).length;
    expect(refused(statuses)).toBeGreaterThan(0);
    expect(refused(statuses.slice(-100))).toBeLessThan(10);
    expect(limited.requests()).toBe(statuses.length);
  });

  it('tells who asked of each attempt, each retry, and what was spent because of limits', async () => {
    sandbox.fault({ kind: '429', reason: 'endpoint-rate', match: PATH });
    const seen = observer();
    const start = Date.now();
    await client().get({ path: PATH, observer: seen.observer });
    expect([seen.sent(), seen.retries.map(({ retry, isRateLimit }) => [retry, isRateLimit])]).toEqual([2, [[1, true]]]);
    expect(seen.waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(249);
    expect(seen.until[0]).toBeGreaterThanOrEqual(start + 250);
    expect(seen.until).toHaveLength(1);
  });

  it.each([
    ['a lock', { kind: 'lock_timeout' }],
    ['a server error', { kind: 'status', status: 500 }],
  ])('does not take %s for a limit', async (_, fault) => {
    sandbox.fault({ ...fault, match: PATH } as Fault);
    const seen = observer();
    await client().get({ path: PATH, observer: seen.observer });
    expect([seen.sent(), seen.retries.map(({ isRateLimit }) => isRateLimit), seen.until]).toEqual([2, [false], []]);
    expect(seen.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(200);
  });

  it.each([
    [20_000, 1],
    [0, 0],
    [Number.POSITIVE_INFINITY, 0],
  ])('tells of a turn that comes in %d ms when that is not now and known', async (delayMs, told) => {
    const limiter: Limiter = { take: async () => () => {}, slowDown: () => {}, delayMs: () => delayMs };
    const seen = observer();
    const now = () => 1_000_000;
    await client({ limiter, now }).get({ path: PATH, observer: seen.observer });
    expect(seen.until).toEqual(Array.from({ length: told }, () => 1_000_000 + delayMs));
  });

  it.each([
    ['an answer', undefined],
    ['a refusal', { kind: '429', reason: 'global-rate' }],
    ['a reset', { kind: 'reset' }],
    ['a body that is cut off', { kind: 'cut' }],
    ['a stall', { kind: 'stall' }],
    ['a stall within the body', { kind: 'stall', headers: true }],
    ['no JSON', { kind: 'html' }],
    ['a redirect', { kind: 'redirect', to: 'http://127.0.0.1:1/' }],
  ])('gives its place back after %s', async (_, fault) => {
    if (fault) sandbox.fault({ ...fault, match: PATH, times: Number.POSITIVE_INFINITY } as Fault);
    const places = { taken: 0, held: 0, reasons: [] as (string | undefined)[] };
    const take = async () => {
      places.taken += 1;
      places.held += 1;
      return () => {
        places.held -= 1;
      };
    };
    const slowDown = (_endpoint: string, reason: string | undefined) => void places.reasons.push(reason);
    const own = client({ limiter: { take, slowDown, delayMs: () => 0 } });
    await own.get({ path: PATH }).catch(() => {});
    expect([places.held, places.taken]).toEqual([0, own.requests()]);
    // The last refusal counts, too, although no retry follows.
    expect(places.reasons).toEqual(fault?.kind === '429' ? ['global-rate', 'global-rate'] : []);
  });
});

const REAL_CLOCK = {
  now: () => performance.now(),
  sleep: (delayMs: number, signal: AbortSignal) => setTimeoutAsync(delayMs, undefined, { signal }),
};

/** Keeps what it is told of. */
function observer() {
  let sent = 0;
  const [retries, waits, until]: [Retry[], number[], number[]] = [[], [], []];
  return {
    sent: () => sent,
    retries,
    waits,
    until,
    observer: {
      sent: () => {
        sent += 1;
      },
      retried: (retry: Retry) => void retries.push(retry),
      waited: (ms: number) => void waits.push(ms),
      waiting: (untilMs: number) => void until.push(untilMs),
    },
  };
}

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
