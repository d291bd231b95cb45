import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, forAccount, type Retry } from '../../src/stripe/client.js';
import { StripeError } from '../../src/stripe/errors.js';
import { createLimiter } from '../../src/stripe/limits/limiter.js';

interface Attempt {
  readonly url: string;
  readonly account: string | undefined;
}

/** Answers an attempt with a status and, unless that is 200, with this message. */
type Answering = (attempt: Attempt) => { readonly status: number; readonly message?: string };

let server: Server;
let attempts: Attempt[];
let answering: Answering;

beforeEach(async () => {
  attempts = [];
  answering = () => ({ status: 200 });
  server = createServer(({ url = '', headers }, response) => {
    const attempt = { url, account: headers['stripe-account']?.toString() };
    const { status, message } = answering(attempt);
    attempts.push(attempt);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? { account: attempt.account ?? 'own' } : { error: { message } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

function clientOf(onRetry: (retry: Retry) => void = () => {}) {
  return createClient({
    apiKey: 'sk_test_1',
    apiBase: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiVersion: '2026-10-28.endive',
    userAgent: 'test',
    maxRetries: 2,
    limiter: createLimiter({ account: 1e6, endpoint: 1e6 }, { now: Date.now, sleep: async () => {} }),
    signal: new AbortController().signal,
    random: () => 0,
    onRetry,
  });
}

function accountsOf(url: string): readonly (string | undefined)[] {
  return attempts.filter((attempt) => attempt.url === url).map(({ account }) => account);
}

/** Refuses the first attempt of each request. */
const failingOnce: Answering = ({ url }) => ({ status: accountsOf(url).length === 0 ? 503 : 200 });

describe('the account of a request', () => {
  it('a request sends its account with each attempt, while the same client reads other accounts', async () => {
    answering = failingOnce;
    const client = clientOf();
    const bodies = await Promise.all([
      forAccount(client, 'acct_1').get({ path: '/v1/charges' }),
      client.get({ path: '/v1/customers' }),
      forAccount(client, 'acct_2').get({ path: '/v1/invoices' }),
    ]);
    expect(bodies).toEqual([{ account: 'acct_1' }, { account: 'own' }, { account: 'acct_2' }]);
    expect(accountsOf('/v1/charges')).toEqual(['acct_1', 'acct_1']);
    expect(accountsOf('/v1/customers')).toEqual([undefined, undefined]);
    expect(accountsOf('/v1/invoices')).toEqual(['acct_2', 'acct_2']);
    expect(client.requests()).toBe(6);
  });

  it("a request for the key's own account names none, even after a request for another account", async () => {
    const client = clientOf();
    await forAccount(client, 'acct_1').get({ path: '/v1/charges' });
    await client.get({ path: '/v1/charges' });
    expect(accountsOf('/v1/charges')).toEqual(['acct_1', undefined]);
  });

  it('an account that a request names itself takes precedence over the account of its client', async () => {
    await forAccount(clientOf(), 'acct_1').get({ path: '/v1/charges', account: 'acct_2' });
    expect(accountsOf('/v1/charges')).toEqual(['acct_2']);
  });

  it('a refusal of platform data means a missing product without an account, and a forbidden account with one', async () => {
    answering = () => ({ status: 403, message: 'Only Stripe Connect platforms can work with other accounts.' });
    const client = clientOf();
    const own = client.get({ path: '/v1/application_fees' });
    await expect(own).rejects.toMatchObject({ kind: 'unavailable' });
    const other = forAccount(client, 'acct_1').get({ path: '/v1/application_fees' });
    await expect(other).rejects.toMatchObject({ kind: 'forbidden' });
  });
});

describe('a client for an account', () => {
  it("a client for an account shares the count of requests and Stripe's time with the client behind it", async () => {
    const client = clientOf();
    const ofAccount = forAccount(client, 'acct_1');
    await ofAccount.get({ path: '/v1/charges' });
    await client.get({ path: '/v1/charges' });
    expect([client.requests(), ofAccount.requests()]).toEqual([2, 2]);
    expect(ofAccount.stripeTime()).toBe(client.stripeTime());
    expect(client.stripeTime()).toBeTypeOf('number');
  });
});

describe('a request', () => {
  it("a request puts its parameters into the URL in Stripe's bracket notation, repeated names included", async () => {
    const params = [
      ['created[gte]', '1'],
      ['expand[]', 'data.a'],
      ['expand[]', 'data.b'],
    ] as const;
    await clientOf().get({ path: '/v1/charges', params });
    const [attempt] = attempts;
    const query = new URLSearchParams(attempt?.url.split('?')[1]);
    expect([...query]).toEqual(params);
  });

  it('a retry is reported with the endpoint of the request, not with its path', async () => {
    answering = failingOnce;
    const retries: Retry[] = [];
    await clientOf((retry) => retries.push(retry)).get({ path: '/v1/charges/ch_1', endpoint: '/v1/charges/{id}' });
    expect(retries).toEqual([
      { path: '/v1/charges/{id}', why: 'HTTP 503', delayMs: 250, retry: 1, isRateLimit: false },
    ]);
  });

  it('a request that fails for good throws a StripeError that names its path and how often it was retried', async () => {
    answering = () => ({ status: 503, message: 'Try again.' });
    const error: unknown = await clientOf()
      .get({ path: '/v1/charges' })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StripeError);
    expect(String(error)).toMatch(/GET \/v1\/charges at http:.*: HTTP 503: Try again\. \(after 2 retries\)$/);
    expect(attempts).toHaveLength(3);
  });
});
