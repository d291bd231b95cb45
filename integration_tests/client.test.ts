import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createClient, type Retry } from '../src/stripe/client.js';
import { createLimiter, type Limiter } from '../src/stripe/limits/limiter.js';
import type { Fault } from './sandbox/faults.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

let sandbox: Sandbox;
const PATH = '/v1/charges';
/** What Stripe says of a request that it does not advise to repeat. */
const NEVER = { 'stripe-should-retry': 'false' };
/** Limits for answers that do not come: what does come within them on a fast machine is no part of the tests. */
const SHORT = { timeoutMs: 300, answerMs: 1000 };
/** Real work may take this long on a machine that is very busy. */
const PATIENT = { timeout: 30_000 };

beforeAll(async () => {
  sandbox = await startSandbox({ rows: { charges: 250 } });
});

afterEach(() => sandbox.clearFaults());
afterAll(() => sandbox.close());

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
])('the client gives up on an answer that %s, and asks again', async (_, fault) => {
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
])('the client says that an answer %s for ever, and how often it asked', async (_, fault, limits, words) => {
  sandbox.resetLog();
  sandbox.fault({ ...fault, match: PATH, times: Number.POSITIVE_INFINITY } as Fault);
  const error: unknown = await client(limits)
    .get({ path: PATH })
    .catch((reason: unknown) => reason);
  expect(error).toMatchObject({ kind: 'transient', message: expect.stringMatching(words) });
  expect(String(error)).toMatch(/GET \/v1\/charges .*\(after 1 retry\)$/);
  // The server notices that the client has gone, and stops sending.
  await expect.poll(() => sandbox.summary().byEndpoint).toEqual({ 'GET /v1/charges unanswered': 2 });
});

it('the client gives up at once on an answer that is too large', async () => {
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
])('the client says what it was when %s did not go away', async (_, fault, kind, words) => {
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
])('the client stops waiting for %s when it is aborted', async (_, fault) => {
  const controller = new AbortController();
  const abort = () => setImmediate(() => controller.abort(new Error('enough')));
  sandbox.fault({ ...fault, match: PATH, times: Number.POSITIVE_INFINITY } as Fault);
  const stop = sandbox.onRequest(() => fault.kind !== '429' && abort());
  const { signal } = controller;
  const waiting = client({ signal, maxRetries: 5, onRetry: abort });
  await expect(waiting.get({ path: PATH })).rejects.toThrow('enough');
  stop();
});

it('the client stops waiting for its turn when it is aborted', async () => {
  const controller = new AbortController();
  const limiter = createLimiter({ account: 1e6, endpoint: 0.001 }, REAL_CLOCK);
  const limited = client({ limiter, signal: controller.signal });
  await limited.get({ path: PATH });
  const waiting = limited.get({ path: PATH });
  setImmediate(() => controller.abort(new Error('enough')));
  await expect(waiting).rejects.toThrow('enough');
  expect(limited.requests()).toBe(1);
});

it('the client keeps the key out of every error', async () => {
  const error: unknown = await client({ apiKey: 'sk_test_unknownkey12345' })
    .get({ path: PATH })
    .catch((reason) => reason);
  expect(JSON.stringify(error) + String(error)).not.toContain('unknownkey12345');
});

it('the client learns how many requests in flight Stripe allows, and then keeps to that', async () => {
  const own = await startSandbox({ rows: { charges: 1 }, limits: { concurrency: 3 } });
  let now = 0;
  const limiter = createLimiter({ account: 1e6, endpoint: 1e6 }, { ...REAL_CLOCK, now: () => now });
  const limited = client({ limiter, maxRetries: 0, apiKey: own.apiKey, apiBase: own.url });
  /** How many of 25 requests are refused when answers are held until the client sends no more. */
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

it('the client tells its observer of each attempt, each retry, and the time spent because of limits', async () => {
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
])('the client does not take %s for a limit', async (_, fault) => {
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
])('the client tells its observer of a turn that comes in %d ms %d times', async (delayMs, told) => {
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
])('the client gives its place in flight back after %s', async (_, fault, patience) => {
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

const REAL_CLOCK = {
  now: () => performance.now(),
  sleep: (delayMs: number, signal: AbortSignal) => setTimeoutAsync(delayMs, undefined, { signal }),
};

/** Records everything that an observer is told. */
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
