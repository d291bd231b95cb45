import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { catalog } from '../src/streams/catalog.js';
import { createClient, type Retry } from '../src/stripe/client.js';
import { createLimiter, type Limiter } from '../src/stripe/limits/limiter.js';
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
/** For answers that do not come: whatever comes within this time on any machine is no part of the test. */
const SHORT = { timeoutMs: 300, answerMs: 1000 };
/** Real work may take this long on a machine that is very busy. */
const PATIENT = { timeout: 30_000 };

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

/** Faults that another request, or a later sync, does not meet again; each for a list of its own, so that one sync meets all. */
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

/** A sandbox in which every list of TRANSIENT has its fault, so many times, from its second request on. */
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

describe('Stripe-Should-Retry: false', () => {
  const FAULTS = [
    ['charges', { kind: '429', shouldRetry: false }],
    ['customers', { kind: 'status', status: 500, headers: NEVER }],
    ['invoices', { kind: 'status', status: 503, headers: NEVER }],
    ['payouts', { kind: 'status', status: 409, headers: NEVER }],
  ] as const;
  const streams = FAULTS.map(([stream]) => stream);

  function faultAll(times: number): void {
    for (const [stream, fault] of FAULTS) sandbox.fault({ ...fault, match: `/v1/${stream}`, times });
  }

  it('costs no stream a row', async () => {
    faultAll(1);
    const result = await read(streams);
    expect([result.code, errorsOf(result)]).toEqual([0, []]);
    for (const stream of streams) {
      expect([...idsOf(result, stream)].sort()).toEqual([...sandbox.ids(stream)].sort());
    }
  });

  it('on every answer is told as what it is: a limit, or an answer that is no use', async () => {
    faultAll(Number.POSITIVE_INFINITY);
    const told = errorsOf(await read(streams, { max_retries: 0 }));
    expect(told.map(({ failure_type }) => failure_type)).toEqual(streams.map(() => 'transient_error'));
    const messages = new Map(told.map(({ message, stream_descriptor }) => [stream_descriptor?.name, message]));
    expect(messages.get('charges')).toMatch(/rate limit was reached.*HTTP 429/);
    expect(messages.get('customers')).toMatch(/gave no usable answer.*HTTP 500/);
    expect([...messages.values()].join()).not.toContain('could not be reached');
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
    expect(logsOf(result, 'WARN').join()).toMatch(
      /charges: 1 objects of kind \w+ were ignored: not rows of this stream/,
    );
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

  it('a list of children that is not found, although the parent is there, is missing and not skipped', async () => {
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
});

describe('the client', () => {
  const client = (more: object = {}) => {
    const limiter = createLimiter({ account: 1e6, endpoint: 1e6 }, { now: Date.now, sleep: async () => {} });
    const options = { apiVersion: '2026-10-28.endive', maxRetries: 1, userAgent: 'test', limiter, random: () => 0 };
    const { signal } = new AbortController();
    return createClient({ ...options, apiKey: sandbox.apiKey, apiBase: sandbox.url, signal, ...more });
  };

  it.each([
    ['stalls before its headers', { kind: 'stall' }],
    ['stalls after its headers', { kind: 'stall', headers: true }],
    ['trickles', { kind: 'trickle' }],
    ['trickles before the end of its headers', { kind: 'trickle', headers: true }],
  ])('gives up on an answer that %s, and asks again', async (_, fault) => {
    sandbox.fault({ ...fault, match: PATH } as Fault);
    const retries: Retry[] = [];
    const patient = client({ ...SHORT, maxRetries: 15, onRetry: (retry: Retry) => retries.push(retry) });
    expect(await patient.get({ path: PATH })).toMatchObject({ object: 'list' });
    expect(retries[0]).toMatchObject({ retry: 1, isRateLimit: false });
  });

  it.each([
    ['stalls', { kind: 'stall' }, SHORT, /no data received for 0.3 s/],
    ['stalls after its headers', { kind: 'stall', headers: true }, SHORT, /no data received for 0.3 s/],
    ['trickles', { kind: 'trickle' }, { answerMs: 200 }, /no complete answer within 0.2 s/],
    ['trickles in its headers', { kind: 'trickle', headers: true }, SHORT, /no data received for 0.3 s/],
    ['breaks off', { kind: 'cut' }, {}, /HTTP 200 with a body that was cut off/],
  ])('says so of an answer that %s for ever, and how often it asked', async (_, fault, limits, words) => {
    sandbox.resetLog();
    sandbox.fault({ ...fault, match: PATH, times: Number.POSITIVE_INFINITY } as Fault);
    const error: unknown = await client(limits)
      .get({ path: PATH })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'transient', message: expect.stringMatching(words) });
    expect(String(error)).toMatch(/GET \/v1\/charges .*\(after 1 retry\)$/);
    // The server sees that nobody listens any more, and stops sending.
    await expect.poll(() => sandbox.summary().byEndpoint).toEqual({ 'GET /v1/charges unanswered': 2 });
  });

  it('gives up at once on an answer that is too large, for the next one would be, too', async () => {
    sandbox.resetLog();
    sandbox.fault({ kind: 'endless', match: PATH, times: Number.POSITIVE_INFINITY });
    await expect(client({ answerBytes: 2 ** 20 }).get({ path: PATH })).rejects.toMatchObject({
      kind: 'request',
      message: expect.stringContaining('an answer that is too large'),
    });
    await expect.poll(() => sandbox.summary().byEndpoint).toEqual({ 'GET /v1/charges unanswered': 1 });
  });

  it.each([
    ['429', { kind: '429' }, 'limited', 'HTTP 429: '],
    ['429 with false', { kind: '429', shouldRetry: false }, 'limited', 'HTTP 429: '],
    ['an old-style rate limit', { kind: 'status', status: 400, code: 'rate_limit' }, 'limited', 'HTTP 400: '],
    ['a lock', { kind: 'lock_timeout' }, 'transient', 'HTTP 429: '],
    ['409', { kind: 'status', status: 409 }, 'transient', 'HTTP 409: '],
    ['503', { kind: 'status', status: 503 }, 'transient', 'HTTP 503: '],
    ['503 with false', { kind: 'status', status: 503, headers: NEVER }, 'transient', 'HTTP 503: '],
    ['no JSON', { kind: 'html' }, 'transient', 'HTTP 200 with a body that is not JSON'],
    ['a reset', { kind: 'reset' }, 'transient', 'no answer (ECONNRESET)'],
  ])('says of %s that did not go away what it was', async (_, fault, kind, words) => {
    sandbox.fault({ ...fault, match: PATH, times: Number.POSITIVE_INFINITY } as Fault);
    const error: unknown = await client({ maxRetries: 0 })
      .get({ path: PATH })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind, message: expect.stringContaining(words) });
    expect(String(error)).toMatch(/ \(not retried\)$/);
  });

  it.each([
    ['an answer', { kind: 'stall' }],
    ['the rest of an answer', { kind: 'trickle' }],
    ['a retry', { kind: '429', retryAfter: 3600 }],
  ])('stops waiting for %s when it is told to', async (_, fault) => {
    const controller = new AbortController();
    const abort = () => setImmediate(() => controller.abort(new Error('enough')));
    sandbox.fault({ ...fault, match: PATH, times: Number.POSITIVE_INFINITY } as Fault);
    const stop = sandbox.onRequest(() => fault.kind !== '429' && abort());
    const { signal } = controller;
    const waiting = client({ signal, maxRetries: 5, onRetry: abort });
    await expect(waiting.get({ path: PATH })).rejects.toThrow('enough');
    stop();
  });

  it('stops waiting for its turn when it is told to', async () => {
    const controller = new AbortController();
    const limiter = createLimiter({ account: 1e6, endpoint: 0.001 }, REAL_CLOCK);
    const limited = client({ limiter, signal: controller.signal });
    await limited.get({ path: PATH });
    const waiting = limited.get({ path: PATH });
    setImmediate(() => controller.abort(new Error('enough')));
    await expect(waiting).rejects.toThrow('enough');
    expect(limited.requests()).toBe(1);
  });

  it('keeps the key out of everything that it says', async () => {
    const error: unknown = await client({ apiKey: 'sk_test_unknownkey12345' })
      .get({ path: PATH })
      .catch((reason) => reason);
    expect(JSON.stringify(error) + String(error)).not.toContain('unknownkey12345');
  });

  it('comes to keep to the places in flight that Stripe gives it', async () => {
    const own = await startSandbox({ rows: { charges: 1 }, limits: { concurrency: 3 } });
    let now = 0;
    const limiter = createLimiter({ account: 1e6, endpoint: 1e6 }, { ...REAL_CLOCK, now: () => now });
    const limited = client({ limiter, maxRetries: 0, apiKey: own.apiKey, apiBase: own.url });
    /** How many of 25 requests are refused when no answer comes before all that the client sends have been sent. */
    const refusedOf25 = async () => {
      own.clearFaults();
      let letGo = () => {};
      const until = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      own.fault({ kind: 'held', until, times: Number.POSITIVE_INFINITY });
      const before = limited.requests();
      let refused = 0;
      const asked = Array.from({ length: 25 }, () =>
        limited.get({ path: PATH }).catch(() => {
          refused += 1;
        }),
      );
      await expect
        .poll(() => {
          const sent = limited.requests() - before;
          return sent - refused <= 3 && (sent === 25 || limiter.delayMs(PATH) === Number.POSITIVE_INFINITY);
        }, PATIENT)
        .toBe(true);
      letGo();
      await Promise.all(asked);
      now += 1500;
      return refused;
    };
    const rounds: number[] = [];
    while (rounds.length < 12 && rounds.at(-1) !== 0) rounds.push(await refusedOf25());
    await own.close();
    expect(rounds[0]).toBe(22);
    expect(rounds.at(-1)).toBe(0);
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
    expect([seen.sent(), seen.retries.map(({ isRateLimit }) => isRateLimit)]).toEqual([2, [false]]);
    expect([seen.until, seen.waits]).toEqual([[], []]);
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
    ['an answer', undefined, {}],
    ['a refusal', { kind: '429', reason: 'global-rate' }, {}],
    ['a reset', { kind: 'reset' }, {}],
    ['a body that is cut off', { kind: 'cut' }, {}],
    ['a stall', { kind: 'stall' }, SHORT],
    ['a stall within the body', { kind: 'stall', headers: true }, SHORT],
    ['a trickle', { kind: 'trickle' }, SHORT],
    ['a body without end', { kind: 'endless' }, { answerBytes: 2 ** 20 }],
    ['no JSON', { kind: 'html' }, {}],
    ['a redirect', { kind: 'redirect', to: 'http://127.0.0.1:1/' }, {}],
  ])('gives its place back after %s', async (_, fault, patience) => {
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
    const own = client({ limiter: { take, slowDown, delayMs: () => 0 }, ...patience });
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
