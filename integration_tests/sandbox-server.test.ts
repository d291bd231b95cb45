import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { redacted } from './sandbox/api/keys.js';
import { KINDS } from './sandbox/kinds/registry.js';
import { get, getError, getPage, idsOf, readAll, request, sandbox, start } from './sandbox-client.js';

it.each([
  ['/v1/charges?limt=1', { status: 400, code: 'parameter_unknown', param: 'limt' }],
  ['/v1/payment_methods?created[gte]=1', { status: 400, code: 'parameter_unknown', param: 'created[gte]' }],
  ['/v1/webhook_endpoints?created=1', { status: 400, code: 'parameter_unknown' }],
  ['/v1/charges?limit=0', { status: 400, param: 'limit' }],
  ['/v1/charges?limit=101', { status: 400, param: 'limit' }],
  ['/v1/charges?limit=ten', { status: 400, param: 'limit', message: 'Invalid integer: ten' }],
  ['/v1/charges?starting_after=', { status: 400, code: 'parameter_invalid_empty', param: 'starting_after' }],
  ['/v1/charges?starting_after=a&ending_before=b', { status: 400 }],
  [
    '/v1/charges?starting_after=ch_nope',
    { status: 400, code: 'resource_missing', param: 'starting_after', message: "No such charge: 'ch_nope'" },
  ],
  ['/v1/charges/ch_nope', { status: 404, code: 'resource_missing', param: 'id' }],
  ['/v1/invoices/in_nope/lines', { status: 404, code: 'resource_missing' }],
  ['/v1/subscription_items', { status: 400, code: 'parameter_missing', param: 'subscription' }],
  ['/v1/charges?expand[]=customer', { status: 400, param: 'expand' }],
  ['/v1/charges?expand[]=data.foo', { message: 'This property cannot be expanded (data.foo).' }],
  ['/v1/charges?expand[]=data.customer.foo', { status: 400 }],
  ['/v1/charges?expand[]=data.payment_intent.latest_charge.customer.default_source', { status: 400 }],
  ['/v1/events?type=charge.*&types[]=charge.failed', { status: 400, param: 'types' }],
  ['/v1/foo', { status: 404, message: expect.stringContaining('Unrecognized request URL (GET: /v1/foo).') }],
])('%s is refused', async (path, error) => {
  expect(await getError(path)).toMatchObject({ type: 'invalid_request_error', ...error });
});

it('nothing can be written, and the attempt is in the log', async () => {
  const headers = { authorization: `Bearer ${sandbox.apiKey}` };
  const response = await fetch(`${sandbox.url}/v1/customers`, { method: 'POST', headers, body: 'name=x' });
  expect(response.status).toBe(405);
  expect(sandbox.requests()).toMatchObject([{ method: 'POST', path: '/v1/customers', status: 405 }]);
});

it('a malformed version is refused, and any other is echoed', async () => {
  expect(await getError('/v1/charges', { 'stripe-version': 'latest' })).toMatchObject({ status: 400 });
  const response = await request('/v1/charges', { 'stripe-version': '2024-06-20' });
  expect(response.headers.get('stripe-version')).toBe('2024-06-20');
});

it.each([
  ['no key', undefined, { message: expect.stringContaining('You did not provide an API key') }],
  ['a wrong key', 'Bearer sk_test_wrongwrong', { message: 'Invalid API Key provided: sk_test_******rong' }],
  ['a publishable key', 'Bearer pk_test_1', { code: 'secret_key_required' }],
  ['an expired key', 'Bearer rk_test_old', { code: 'api_key_expired' }],
])('%s is answered with 401', async (_, authorization, error) => {
  await start({ keys: { rk_test_old: { expired: true } } });
  const response = await fetch(`${sandbox.url}/v1/charges`, authorization ? { headers: { authorization } } : {});
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ error });
});

it('the key may be the user name of Basic authentication', async () => {
  const authorization = `Basic ${Buffer.from(`${sandbox.apiKey}:`).toString('base64')}`;
  expect((await request('/v1/charges', { authorization })).status).toBe(200);
});

it('a restricted key reads what it may, and is told by name what it lacks', async () => {
  const key = 'rk_test_restricted0001';
  await start({ keys: { [key]: { reads: ['customers'] } } });
  const authorization = `Bearer ${key}`;
  expect((await request('/v1/customers', { authorization })).status).toBe(200);
  const error = await getError('/v1/charges', { authorization });
  expect(error).toMatchObject({ status: 403, type: 'invalid_request_error' });
  expect(error['message']).toBe(
    `Permission denied. The provided key '${redacted(key)}' does not have the required permissions for this ` +
      `endpoint on account '${sandbox.account}'. Enabling "Charges Read" ('charge_read') permissions on this key ` +
      'would allow this request to continue.',
  );
  expect(await getError('/v1/account', { authorization })).toMatchObject({ status: 403 });
});

it('no message and no log shows a key', async () => {
  const key = 'rk_test_0123456789';
  await start({ keys: { [key]: { reads: [] } } });
  const error = await getError('/v1/charges', { authorization: `Bearer ${key}` });
  expect(JSON.stringify([error, sandbox.requests()])).not.toContain(key);
  expect(sandbox.requests()[0]?.keyPrefix).toBe('rk_test_');
});

it('a connected account has data of its own, and its id is echoed', async () => {
  const [account = ''] = sandbox.ids('accounts');
  const headers = { 'stripe-account': account };
  const charges = await readAll('/v1/charges', 100, headers);
  expect(idsOf(charges)).toEqual(sandbox.ids('charges', { account }));
  expect(sandbox.ids('charges')).not.toEqual(expect.arrayContaining(idsOf(charges)));
  expect((await request('/v1/charges', headers)).headers.get('stripe-account')).toBe(account);
  expect(await get('/v1/account', headers)).toMatchObject({ id: account, object: 'account' });
});

it('an account that is not connected is refused', async () => {
  await start();
  expect(await getError('/v1/charges', { 'stripe-account': 'acct_1Other' })).toMatchObject({
    status: 403,
    code: 'account_invalid',
    message: expect.stringContaining('Application access may have been revoked.'),
  });
  const [account = ''] = sandbox.ids('accounts');
  sandbox.remove('accounts', account);
  expect(await getError('/v1/charges', { 'stripe-account': account })).toMatchObject({ status: 403 });
});

const many = (count: number, path: (i: number) => string) =>
  Promise.all(Array.from({ length: count }, async (_, i) => request(path(i))));
const reasons = (responses: readonly Response[]) =>
  responses.filter(({ status }) => status === 429).map(({ headers }) => headers.get('stripe-rate-limited-reason'));

it('requests beyond the rate of an endpoint are refused, and all requests by id are one endpoint', async () => {
  await start({ limits: { endpoint: 2 } });
  const responses = await many(40, (i) => `/v1/charges/${sandbox.ids('charges')[i]}`);
  expect(new Set(reasons(responses))).toEqual(new Set(['endpoint-rate']));
  const refused = responses.find(({ status }) => status === 429);
  expect(await refused?.json()).toMatchObject({ error: { code: 'rate_limit', type: 'invalid_request_error' } });
});

it('requests beyond the rate of the account are refused', async () => {
  await start({ limits: { account: 2, endpoint: 100 } });
  const paths = KINDS.map(({ path }) => path);
  expect(reasons(await many(40, (i) => paths[i % paths.length] ?? ''))).toContain('global-rate');
});

it('each connected account has a rate of its own', async () => {
  await start({ limits: { account: 1 } });
  const statuses = await Promise.all(
    sandbox
      .ids('accounts')
      .map(async (account) => (await request('/v1/coupons', { 'stripe-account': account })).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200]));
});

it.each([
  ['global-concurrency', { concurrency: 3 }],
  ['endpoint-concurrency', { endpointConcurrency: 3 }],
])('a request beyond those that may be in flight is refused (%s)', async (reason, limits) => {
  await start({ limits });
  sandbox.fault({ kind: 'stall', times: 3 });
  const hanging = new AbortController();
  const headers = { authorization: `Bearer ${sandbox.apiKey}` };
  const held = Array.from({ length: 3 }, () => fetch(`${sandbox.url}/v1/coupons`, { headers, signal: hanging.signal }));
  await expect.poll(() => sandbox.requests().filter(({ fault }) => fault === 'stall')).toHaveLength(3);
  expect(reasons([await request('/v1/coupons')])).toEqual([reason]);
  hanging.abort();
  await Promise.allSettled(held);
  await expect.poll(async () => (await request('/v1/coupons')).status).toBe(200);
});

const PATH = '/v1/charges';

it('a fault hits as many matching requests as it says, after those that it lets pass', async () => {
  sandbox.fault({ kind: '429', match: PATH, after: 1, times: 2 });
  const statuses: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    expect((await request('/v1/coupons')).status).toBe(200);
    statuses.push((await request(PATH)).status);
  }
  expect(statuses).toEqual([200, 429, 429, 200, 200]);
});

it('a 429 has the headers that its fault names', async () => {
  sandbox.fault({ kind: '429', reason: 'endpoint-rate', retryAfter: 3, shouldRetry: false });
  const { status, headers } = await request(PATH);
  expect(status).toBe(429);
  expect(headers.get('stripe-rate-limited-reason')).toBe('endpoint-rate');
  expect(headers.get('retry-after')).toBe('3');
  expect(headers.get('stripe-should-retry')).toBe('false');
});

it.each([
  [{ kind: 'lock_timeout' }, { status: 429, code: 'lock_timeout' }],
  [{ kind: 'status' }, { status: 500, type: 'api_error' }],
  [
    { kind: 'status', status: 409, code: 'idempotency_key_in_use' },
    { status: 409, code: 'idempotency_key_in_use' },
  ],
  [{ kind: 'product_unavailable' }, { status: 400, message: expect.stringContaining('not set up to use Issuing') }],
  [{ kind: 'no_permission' }, { status: 403 }],
  [{ kind: 'no_permission', status: 401 }, { status: 401 }],
] as const)('the fault %j is answered as %j', async (fault, error) => {
  sandbox.fault(fault);
  expect(await getError(PATH)).toMatchObject(error);
});

it.each([
  [{ kind: 'html' }, 200, /nginx/],
  [{ kind: 'status', status: 503, html: true }, 503, /nginx/],
  [{ kind: 'not_json' }, 200, /upstream/],
  [{ kind: 'not_json', body: 'null' }, 200, /^null$/],
] as const)('the fault %j is answered with %i and a body that is no object', async (fault, status, text) => {
  sandbox.fault(fault);
  const response = await request(PATH);
  expect(response.status).toBe(status);
  expect(await response.text()).toMatch(text);
});

it.each([
  { kind: 'reset' },
  { kind: 'cut' },
  { kind: 'cut', chunked: true },
] as const)('the fault %j breaks one request, and the next one succeeds', async (fault) => {
  sandbox.fault(fault);
  await expect(request(PATH).then((response) => response.text())).rejects.toThrow();
  expect((await request(PATH)).status).toBe(200);
});

it.each([
  [true, 'response'],
  [false, 'nothing'],
])('a stall sends nothing more (headers: %s)', async (headers, seen) => {
  sandbox.fault({ kind: 'stall', headers, match: PATH });
  let received = 'nothing';
  const sent = http.get(sandbox.url + PATH, { headers: { authorization: `Bearer ${sandbox.apiKey}` } });
  const failed = once(sent, 'error').then(() => 'ended');
  sent.on('response', (response) => {
    received = 'response';
    response.on('data', () => {
      received = 'data';
    });
    response.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    sandbox.onRequest(() => resolve());
  });
  for (let i = 0; i < 3; i += 1) await request('/v1/coupons');
  expect(received).toBe(seen);
  sent.destroy(new Error('enough'));
  if (!headers) expect(await failed).toBe('ended');
});

it('a slow answer is the right one', async () => {
  sandbox.fault({ kind: 'slow', ms: 30 });
  expect((await getPage(PATH)).data).toHaveLength(10);
});

it('a redirect leads where its fault says', async () => {
  sandbox.fault({ kind: 'redirect', to: 'http://127.0.0.1:1/elsewhere' });
  const response = await request(PATH);
  expect([response.status, response.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/elsewhere']);
});

it('a page can be empty and have more, be the first one again, or hold an object of another kind', async () => {
  const [first] = sandbox.ids('charges');
  sandbox.fault({ kind: 'empty' });
  expect(await getPage(PATH)).toMatchObject({ data: [], has_more: true });
  sandbox.fault({ kind: 'same_page' });
  expect((await getPage(`${PATH}?starting_after=${first}`)).data[0]?.['id']).toBe(first);
  sandbox.fault({ kind: 'foreign_item' });
  expect(idsOf((await getPage(PATH)).data).slice(0, 2)).toEqual(['xx_foreign', first]);
});

it('the server logs each request and counts it', async () => {
  await start();
  const [id] = sandbox.ids('charges');
  await request(`/v1/charges/${id}?expand[]=customer`, { 'stripe-version': '2026-10-28.endive' });
  expect(sandbox.requests()).toMatchObject([
    {
      n: 0,
      method: 'GET',
      path: `/v1/charges/${id}`,
      query: { 'expand[]': 'customer' },
      endpoint: 'GET /v1/charges/{id}',
      apiVersion: '2026-10-28.endive',
      keyPrefix: 'sk_test_',
      status: 200,
    },
  ]);
  expect(sandbox.summary()).toMatchObject({ requests: 1, byEndpoint: { 'GET /v1/charges/{id} 200': 1 } });
  sandbox.resetLog();
  expect(sandbox.requests()).toEqual([]);
});

it('an answer has the headers that Stripe sends, with a clock as far off as configured', async () => {
  await start({ clockSkewSeconds: 3600 });
  const { headers } = await request('/v1/charges');
  expect(headers.get('request-id')).toMatch(/^req_\w{14}$/);
  expect(headers.get('content-type')).toBe('application/json');
  expect(headers.get('stripe-version')).toBe('2026-10-28.endive');
  const ahead = Date.parse(headers.get('date') ?? '') - Date.now();
  expect(Math.round(ahead / 600_000)).toBe(6);
});

it('the sandbox runs from the command line until it is told to stop', async () => {
  const main = new URL('sandbox/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', main, '--port', '0', '--rows', 'charges=3,coupons=0']);
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === 2) break;
  }
  const [url = '', key = ''] = lines.map((line) => line.split(' ')[1]);
  const response = await fetch(`${url}/v1/charges`, { headers: { authorization: `Bearer ${key}` } });
  expect(await response.json()).toMatchObject({ data: { length: 3 } });
  await response.body?.cancel().catch(() => undefined);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it.each([
  ['--rows', 'many'],
  ['--limits', 'everything=1'],
  ['--frobnicate', '1'],
])('the sandbox refuses %s %s on its command line', async (...args) => {
  const main = new URL('sandbox/main.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: 'ignore' });
  expect(await once(child, 'exit')).toEqual([1, null]);
});
