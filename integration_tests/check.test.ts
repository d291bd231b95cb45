import { afterEach, beforeAll, expect, it } from 'vitest';
import { logsOf, runInProcess } from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import type { Sandbox } from './sandbox/sandbox.js';

const ALWAYS = Number.POSITIVE_INFINITY;
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await ownSandbox({
    rows: { charges: 5, customers: 3, payouts: 0, refunds: 3 },
    keys: { rk_test_all51AbCdEfGh: {} },
  });
});

afterEach(() => {
  sandbox.clearFaults();
  sandbox.resetLog();
});

async function check(more: object) {
  const result = await runInProcess({ command: 'check', config: { ...configOf(sandbox), max_retries: 0, ...more } });
  const [status] = result.messages.flatMap((message) =>
    message.type === 'CONNECTION_STATUS' ? [message.connectionStatus] : [],
  );
  return { status: status?.status, message: status?.message ?? '', warnings: logsOf(result, 'WARN') };
}

/** Lets every request fail that expands the field. */
function refuseExpand(field: string, status: number, message = 'odd') {
  sandbox.fault({
    kind: 'status',
    status,
    message,
    match: ({ params }) => params.some(([name, value]) => name === 'expand[]' && value === `data.${field}`),
    times: ALWAYS,
  });
}

const paths = () => sandbox.requests().map(({ path }) => path);

it('check asks each list that has fields to expand once, and no other list', async () => {
  expect(await check({ expand: { charges: ['customer', 'balance_transaction'], refunds: ['charge'] } })).toEqual({
    status: 'SUCCEEDED',
    message: '',
    warnings: [],
  });
  expect([...paths()].sort()).toEqual(['/v1/account', '/v1/charges', '/v1/refunds']);
  sandbox.resetLog();
  await check({ expand: { charges: [] } });
  expect(paths()).toEqual(['/v1/account']);
});

it.each([
  ['always gives 500', 500, /Try again later, or take it out of expand/],
  ['is refused', 400, /Take it out of expand/],
  ['lacks a permission', 403, /Take it out of expand/],
])('check says FAILED and names the field to expand that %s, among others', async (_, status, remedy) => {
  refuseExpand('balance_transaction', status);
  const { status: said, message } = await check({ expand: { charges: ['customer', 'balance_transaction'] } });
  expect(said).toBe('FAILED');
  expect(message).toMatch(/^expand\.charges: balance_transaction makes Stripe refuse the list/);
  expect(message).toMatch(remedy);
  expect(message).not.toContain('last state');
});

it('check names all fields to expand when Stripe refuses none of them alone', async () => {
  sandbox.fault({
    kind: 'status',
    status: 400,
    match: ({ params }) => params.filter(([name]) => name === 'expand[]').length > 1,
    times: ALWAYS,
  });
  const { message } = await check({ expand: { charges: ['customer', 'invoice'] } });
  expect(message).toMatch(/^expand\.charges: customer, invoice makes/);
});

it('check warns when the list to try fields on does not answer', async () => {
  sandbox.fault({ kind: 'status', status: 500, match: '/v1/charges', times: ALWAYS });
  const { status, warnings } = await check({ expand: { charges: ['customer'] } });
  expect([status, warnings]).toEqual(['SUCCEEDED', [expect.stringMatching(/^charges: Stripe gave no usable answer/)]]);
  expect(warnings.join()).toMatch(/Try again later\.$/);
});

it("check tries a child's fields under a parent, and says FAILED when Stripe refuses them", async () => {
  const expand = { customer_balance_transactions: ['invoice'] };
  expect(await check({ expand })).toMatchObject({ status: 'SUCCEEDED', warnings: [] });
  expect(paths()).toContainEqual(expect.stringMatching(/^\/v1\/customers\/cus_\w+\/balance_transactions$/));
  refuseExpand('invoice', 500);
  const { status, message } = await check({ expand });
  expect(status).toBe('FAILED');
  expect(message).toMatch(/^expand\.customer_balance_transactions: invoice makes Stripe refuse the list/);
});

it('check warns when a child has no parent to try its fields under, or its parents cannot be listed', async () => {
  const { status, warnings } = await check({ expand: { payout_balance_transactions: ['source'] } });
  expect([status, warnings]).toEqual([
    'SUCCEEDED',
    [
      expect.stringMatching(
        /^expand\.payout_balance_transactions: source could not be tried: there are no payouts to try it with/,
      ),
    ],
  ]);
  sandbox.fault({ kind: 'status', status: 500, match: '/v1/customers', times: ALWAYS });
  const second = await check({ expand: { customer_balance_transactions: ['invoice'] } });
  expect([second.status, second.warnings.length]).toEqual(['SUCCEEDED', 1]);
  expect(second.warnings.join()).toMatch(/could not be tried: GET \/v1\/customers .*HTTP 500/);
});

it("check warns when the parent that it tries a child's fields under has gone", async () => {
  const [gone = ''] = sandbox.ids('customers');
  sandbox.fault({
    kind: 'status',
    status: 404,
    code: 'resource_missing',
    match: `/v1/customers/${gone}/balance_transactions`,
    times: ALWAYS,
  });
  const { status, warnings } = await check({ expand: { customer_balance_transactions: ['invoice'] } });
  expect([status, warnings.length]).toEqual(['SUCCEEDED', 1]);
});

it.each([
  [403, 'Only Stripe Connect platforms can work with other accounts. If you specified a client_id parameter, …'],
  [403, "You cannot access the connected accounts of your platform's connected accounts."],
  [400, 'The account acct_1 was a test account created with a testmode key, and therefore can only be used with …'],
])('check says in one sentence, which names account_id, that the key may not use the account, and asks no list (%i: %s)', async (status, message) => {
  for (const api_key of [sandbox.apiKey, 'rk_test_all51AbCdEfGh']) {
    sandbox.resetLog();
    sandbox.fault({ kind: 'status', status, message, times: ALWAYS });
    const said = await check({ api_key, account_id: 'acct_1032D82eZvKYlo2C' });
    expect([said.status, said.warnings, paths()]).toEqual(['FAILED', [], ['/v1/account']]);
    expect(said.message).toContain(message);
    expect(said.message.match(/account_id/g)).toHaveLength(1);
    expect(said.message).not.toContain('api_version');
  }
});

it("check fails in Stripe's own words when the key may read nothing", async () => {
  const message = 'The API key provided does not allow requests from your IP address.';
  sandbox.fault({ kind: 'status', status: 403, message, times: ALWAYS });
  const said = await check({});
  expect(said.status).toBe('FAILED');
  expect(said.message).toContain(message);
});

it.each([
  500, 429,
])('check advises to try again while Stripe is in trouble, not to continue from a state (%i)', async (status) => {
  sandbox.fault({ kind: 'status', status, match: '/v1/account', times: ALWAYS });
  const { status: said, message } = await check({});
  expect(said).toBe('FAILED');
  expect(message).toContain('Try again later.');
  expect(message).not.toContain('Run the sync again');
});

it('check does not wait for an hour even if Stripe asks for that', async () => {
  sandbox.fault({ kind: '429', retryAfter: 3600, match: '/v1/account', times: ALWAYS });
  sandbox.resetLog();
  const { status, message } = await check({});
  expect([status, sandbox.requests().length]).toEqual(['FAILED', 1]);
  expect(message).toContain('rate limit');
});
