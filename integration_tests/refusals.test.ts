import { expect, it } from 'vitest';
import { catalog } from '../src/streams/catalog.js';
import {
  catalogOf,
  errorsOf,
  idsOf,
  lastStates,
  logsOf,
  type Result,
  recordsOf,
  runConnector,
  runInProcess,
  statusesOf,
} from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import type { Sandbox } from './sandbox/sandbox.js';

const FOR_GOOD = Number.POSITIVE_INFINITY;

function read(sandbox: Sandbox, streams: readonly string[], more: { config?: object; state?: unknown } = {}) {
  return runInProcess({
    command: 'read',
    config: configOf(sandbox, { max_retries: 0, ...more.config }),
    catalog: catalogOf(streams),
    ...(more.state === undefined ? {} : { state: more.state }),
  });
}

/** Refuses every request for a path, as the fault says. */
function refuse(sandbox: Sandbox, path: string, status: number, more: { message?: string; code?: string } = {}) {
  sandbox.fault({ kind: 'status', status, match: path, times: FOR_GOOD, ...more });
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}

/** Exit code, last status, and how many errors were traced. */
function endOf(result: Result, stream: string) {
  return { code: result.code, status: statusesOf(result, stream).at(-1), errors: errorsOf(result).length };
}

const INCOMPLETE = { code: 1, status: 'INCOMPLETE', errors: 1 };
const COMPLETE = { code: 0, status: 'COMPLETE', errors: 0 };

it.each([
  ['refused', 400],
  ['not allowed', 403],
  ['not answered', 500],
  ['limited', 429],
])('a row that cannot be read costs no other row, and arrives with the next sync that can read it (%s)', async (_, status) => {
  const sandbox = await ownSandbox({
    rows: { invoices: 300 },
    children: { invoiceLines: (n) => (n === 150 ? 25 : 3) },
  });
  const ids = sandbox.ids('invoices');
  const odd = ids.find((id) => sandbox.children('invoice_lines', id).length === 25) ?? '';
  refuse(sandbox, `/v1/invoices/${odd}/lines`, status, { message: 'This invoice is odd.' });
  const result = await read(sandbox, ['invoices']);
  expect(endOf(result, 'invoices')).toEqual(INCOMPLETE);
  expect(sorted(idsOf(result))).toEqual(sorted(ids.filter((id) => id !== odd)));
  expect(errorsOf(result)[0]?.message).toContain(`invoices: 1 could not be read, but the others were (${odd})`);
  expect(logsOf(result, 'ERROR').join()).toContain(odd);

  const again = await read(sandbox, ['invoices'], { state: lastStates(result) });
  expect(endOf(again, 'invoices')).toEqual(INCOMPLETE);
  sandbox.clearFaults();
  const mended = await read(sandbox, ['invoices'], { state: lastStates(result) });
  expect(endOf(mended, 'invoices')).toEqual(COMPLETE);
  expect(idsOf(mended)).toContain(odd);
  expect(idsOf(mended).length).toBeLessThan(5);
  expect(lastStates(mended)[0]?.stream.stream_state).not.toHaveProperty('pending');
});

it('a stream ends when Stripe refuses all of its first several rows', async () => {
  const sandbox = await ownSandbox({ rows: { invoices: 60 }, children: { invoiceLines: () => 25 } });
  sandbox.fault({ kind: 'no_permission', match: ({ path }) => path.endsWith('/lines'), times: FOR_GOOD });
  const result = await read(sandbox, ['invoices', 'customers']);
  expect(endOf(result, 'invoices')).toEqual(INCOMPLETE);
  expect(statusesOf(result, 'customers').at(-1)).toBe('COMPLETE');
  expect(errorsOf(result)[0]?.message).toContain('lacks a permission');
});

it('the error of a stream names the parents whose ids cannot be part of a URL', async () => {
  const sandbox = await ownSandbox({ rows: { products: 5 }, chosenIds: { products: ['..', '.', 'a/b', 'a?b'] } });
  const result = await read(sandbox, ['products', 'product_features']);
  expect(idsOf(result, 'products')).toHaveLength(5);
  expect(endOf(result, 'product_features')).toEqual(INCOMPLETE);
  expect(errorsOf(result)[0]?.message).toContain('2 of the products could not be read, but the others were (., ..)');
  expect(sandbox.requests().map(({ path }) => path)).not.toContain('/v1/features');
});

it.each([
  ['refused', 400],
  ['not answered', 503],
])('a parent that cannot be read costs only its own children (%s)', async (_, status) => {
  const sandbox = await ownSandbox({ rows: { accounts: 5 } });
  const [account = ''] = sandbox.ids('accounts');
  refuse(sandbox, `/v1/accounts/${account}/persons`, status);
  const result = await read(sandbox, ['persons']);
  expect(endOf(result, 'persons')).toEqual(INCOMPLETE);
  const others = sandbox.ids('accounts').filter((id) => id !== account);
  expect(new Set(recordsOf(result).map(({ data }) => data['account']))).toEqual(new Set(others));
  expect(errorsOf(result)[0]?.message).toContain(
    `1 of the accounts could not be read, but the others were (${account})`,
  );
});

it.each([
  ['lacks a permission', 403, { message: "The provided key 'rk_test_***' does not have the required permissions" }],
  ['is said not to have a product', 400, { message: 'Your account is not set up to use Issuing.' }],
  ['is not found, although the parent is there', 404, { code: 'resource_missing', message: 'No such account' }],
])('a stream without a row is incomplete when each of its parents %s', async (_, status, more) => {
  const sandbox = await ownSandbox({ rows: { accounts: 3 } });
  for (const id of sandbox.ids('accounts')) refuse(sandbox, `/v1/accounts/${id}/persons`, status, more);
  const result = await read(sandbox, ['persons']);
  expect(endOf(result, 'persons')).toEqual(INCOMPLETE);
  expect(recordsOf(result)).toEqual([]);
});

it('a stream is incomplete when its endpoint refuses only the later parents', async () => {
  const sandbox = await ownSandbox({
    rows: { customers: 250 },
    children: { customer_cash_balance_transactions: () => 0 },
  });
  const message = 'Your account is not set up to use Issuing.';
  sandbox.fault({
    kind: 'product_unavailable',
    message,
    match: ({ path }) => path.endsWith('/cash_balance_transactions'),
    after: 200,
    times: FOR_GOOD,
  });
  const result = await read(sandbox, ['customer_cash_balance_transactions']);
  expect(endOf(result, 'customer_cash_balance_transactions')).toEqual(INCOMPLETE);
  expect(errorsOf(result)[0]?.message).toContain('50 of the customers could not be read');
});

it.each([
  [
    'has revoked access',
    (id: string) =>
      `The provided key 'sk_test_***' does not have access to account '${id}' (or that account does not exist). Application access may have been revoked.`,
    'account_invalid',
  ],
  [
    'is not controlled by the platform',
    () =>
      'You cannot perform this request as you do not have Platform Controls for the Stripe Dashboard on the account',
    undefined,
  ],
])('a parent account is left out with a warning that names it when it %s', async (_, message, code) => {
  const sandbox = await ownSandbox({ rows: { accounts: 4 } });
  const [account = ''] = sandbox.ids('accounts');
  refuse(sandbox, `/v1/accounts/${account}/persons`, 403, { message: message(account), ...(code ? { code } : {}) });
  const result = await read(sandbox, ['persons']);
  expect(endOf(result, 'persons')).toEqual(COMPLETE);
  expect(logsOf(result, 'WARN').join()).toContain(`no rows for 1 of the accounts (${account})`);
});

it.each([
  [
    'of the other mode',
    COMPLETE,
    (id: string) => `The account ${id} was a test account created with a testmode key, and therefore can only …`,
  ],
  ['without quotes', COMPLETE, (id: string) => `The provided key does not have access to account ${id}.`],
  ['without its id', INCOMPLETE, () => 'Application access may have been revoked.'],
  ['with another id', INCOMPLETE, () => "The provided key does not have access to account 'acct_1Other'."],
])('a parent account that Stripe refuses costs no other stream a row (%s)', async (_, end, message) => {
  const sandbox = await ownSandbox({ rows: { accounts: 4, charges: 5 } });
  const [account = ''] = sandbox.ids('accounts');
  refuse(sandbox, `/v1/accounts/${account}/persons`, 403, { message: message(account), code: 'account_invalid' });
  const config = { loading_mode: 'sync', max_concurrency: 1 };
  const result = await read(sandbox, ['persons', 'charges'], { config });
  expect(endOf(result, 'persons')).toEqual(end);
  const told = [...logsOf(result, 'WARN'), ...logsOf(result, 'ERROR')].join();
  expect(told).toMatch(new RegExp(`1 of the accounts.*${account}`));
  expect(statusesOf(result, 'charges').at(-1)).toBe('COMPLETE');
  expect(idsOf(result, 'charges')).toHaveLength(5);
});

it('a parent that was deleted during the sync is left out with a warning that names it', async () => {
  const sandbox = await ownSandbox({ rows: { customers: 20 } });
  const gone = sandbox.ids('customers').at(-1) ?? '';
  const stop = sandbox.onRequest(({ path }) => {
    if (!path.endsWith('/balance_transactions')) return;
    stop();
    sandbox.remove('customers', gone);
  });
  const config = { loading_mode: 'sync', max_concurrency: 1 };
  const result = await read(sandbox, ['customer_balance_transactions'], { config });
  expect(endOf(result, 'customer_balance_transactions')).toEqual(COMPLETE);
  expect(logsOf(result, 'WARN').join()).toContain(`no rows for 1 of the customers (${gone})`);
});

const isSecondPage = ({ path, params }: { path: string; params: readonly (readonly [string, string])[] }) =>
  path === '/v1/customers' &&
  params.some(([name]) => name === 'starting_after') &&
  params.some(([name]) => name === 'expand[]');

it('a page that Stripe refuses because of an expand has rows of the same shape as the others', async () => {
  const sandbox = await ownSandbox({ rows: { customers: 250 } });
  sandbox.fault({ kind: 'status', status: 400, match: isSecondPage });
  const result = await read(sandbox, ['customers', 'customer_sources'], { config: { loading_mode: 'sync' } });
  expect(endOf(result, 'customers')).toEqual(COMPLETE);
  const rows = recordsOf(result, 'customers');
  expect(rows).toHaveLength(250);
  expect(rows.filter(({ data }) => data['sources'] === undefined)).toEqual([]);
  expect(idsOf(result, 'customer_sources')).toHaveLength(sandbox.rows('customer_sources').length);
});

it('a page that Stripe refuses because of an expand costs only the row that is refused by itself', async () => {
  const sandbox = await ownSandbox({ rows: { charges: 250 } });
  const odd = sandbox.ids('charges')[150] ?? '';
  const expands = (params: readonly (readonly [string, string])[]) =>
    params.some(([, value]) => value.endsWith('customer'));
  sandbox.fault({
    kind: 'status',
    status: 400,
    match: ({ path, params }) => path === `/v1/charges/${odd}` && expands(params),
    times: FOR_GOOD,
  });
  sandbox.fault({
    kind: 'status',
    status: 400,
    match: ({ path, params }) =>
      path === '/v1/charges' && expands(params) && params.some(([name]) => name === 'starting_after'),
  });
  const config = { loading_mode: 'sync', expand: { charges: ['customer'] } };
  const result = await read(sandbox, ['charges'], { config });
  expect(endOf(result, 'charges')).toEqual(INCOMPLETE);
  expect(sorted(idsOf(result))).toEqual(sorted(sandbox.ids('charges').filter((id) => id !== odd)));
  for (const { data } of recordsOf(result)) expect(typeof data['customer']).not.toBe('string');
});

it('a stream ends when Stripe refuses every row because of an expand', async () => {
  const sandbox = await ownSandbox({ rows: { charges: 250 } });
  const result = await read(sandbox, ['charges'], { config: { expand: { charges: ['nonsense'] } } });
  expect(endOf(result, 'charges')).toEqual(INCOMPLETE);
  expect(recordsOf(result)).toEqual([]);
  expect(errorsOf(result)[0]?.message).toContain('nonsense');
});

it('errors come when all streams have ended, and the first is the most actionable one and names the other streams', async () => {
  const sandbox = await ownSandbox({ rows: { charges: 3000, products: 3, coupons: 3 } });
  refuse(sandbox, '/v1/products', 500);
  refuse(sandbox, '/v1/coupons', 400, { message: 'No.' });
  const result = await read(sandbox, ['products', 'charges', 'coupons']);
  const types = result.messages.map(({ type }) => type);
  const first = result.messages.findIndex((message) => message.type === 'TRACE' && message.trace.type === 'ERROR');
  expect(types.lastIndexOf('RECORD')).toBeLessThan(first);
  expect(types.lastIndexOf('STATE')).toBeLessThan(first);
  expect(idsOf(result, 'charges')).toHaveLength(3000);
  const [config, transient, ...more] = errorsOf(result);
  expect([config?.stream_descriptor?.name, config?.failure_type]).toEqual(['coupons', 'config_error']);
  expect(config?.message).toContain('1 other stream failed, too: products.');
  expect([transient?.stream_descriptor?.name, transient?.failure_type]).toEqual(['products', 'transient_error']);
  expect(more).toEqual([]);
  const told = result.messages.findIndex(
    (message) => message.type === 'LOG' && message.log.message.startsWith('coupons: '),
  );
  expect(told).toBeLessThan(types.lastIndexOf('RECORD'));
});

it('errors come before a signal ends the process', async () => {
  const sandbox = await ownSandbox({ rows: { charges: 3000, coupons: 3 } });
  refuse(sandbox, '/v1/coupons', 400, { message: 'No.' });
  sandbox.fault({
    kind: 'stall',
    match: ({ path, params }) => path === '/v1/charges' && params.some(([name]) => name === 'starting_after'),
    times: FOR_GOOD,
  });
  const result = await runConnector({
    command: 'read',
    config: configOf(sandbox),
    catalog: catalogOf(['coupons', 'charges']),
    onMessage: (message, child) => {
      if (message.type === 'LOG' && message.log.message.startsWith('coupons: ')) child.kill('SIGTERM');
    },
  });
  expect(result.signal).toBe('SIGTERM');
  expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['coupons']);
});

it('a read ends with one error when the account may not be read at all', async () => {
  const sandbox = await ownSandbox({ rows: 3 });
  sandbox.fault({
    kind: 'status',
    status: 403,
    code: 'account_invalid',
    message:
      "The provided key 'sk_test_***' does not have access to account 'acct_1Gone' (or that account does not exist). Application access may have been revoked.",
    match: ({ path }) => path !== '/v1/account',
    times: FOR_GOOD,
  });
  const streams = ['charges', 'customers', 'invoices', 'products', 'invoice_line_items'];
  const result = await read(sandbox, streams, { config: { account_id: 'acct_1Gone' } });
  expect(errorsOf(result)).toHaveLength(1);
  expect(errorsOf(result)[0]?.message).toContain('account_id');
  for (const stream of streams) expect(statusesOf(result, stream).at(-1)).toBe('INCOMPLETE');
});

it.each([
  'application_fees',
  'v2_core_accounts',
])('a list that only Connect platforms have ends no other stream of an account that is none (%s)', async (name) => {
  const sandbox = await ownSandbox({ rows: { charges: 5 } });
  const path = catalog.find((stream) => stream.name === name)?.path ?? '';
  refuse(sandbox, path, 403, {
    code: 'platform_account_required',
    message: 'Only Stripe Connect platforms can work with other accounts.',
  });
  const result = await read(sandbox, [name, 'charges']);
  expect(statusesOf(result, 'charges').at(-1)).toBe('COMPLETE');
  expect(
    errorsOf(result)
      .map(({ message }) => message)
      .join(),
  ).not.toContain('account_id');
});

it.each([
  'charges',
  'invoice_line_items',
])('one stream under two namespaces is requested once and emitted under both (%s)', async (name) => {
  const sandbox = await ownSandbox({ rows: { charges: 250, invoices: 120 } });
  const [stream] = catalogOf([name]).streams;
  const both = ['a', 'b'].map((namespace) => ({ ...stream, stream: { ...stream?.stream, namespace } }));
  const result = await runInProcess({ command: 'read', config: configOf(sandbox), catalog: { streams: both } });
  expect(result.code).toBe(0);
  const rows = sorted(sandbox.rows(name));
  for (const namespace of ['a', 'b']) {
    const own = recordsOf(result).filter((record) => record.namespace === namespace);
    expect(sorted(own.map(({ data }) => String(data['id'])))).toEqual(rows);
  }
  const list = sandbox.requests().filter(({ path }) => path === (name === 'charges' ? '/v1/charges' : '/v1/invoices'));
  expect(list.length).toBeLessThan(10);
});

const configured = (names: readonly string[], mode: object) => ({
  streams: catalogOf(names, 'full_refresh').streams.map((stream) => ({ ...stream, ...mode })),
});

it.each([
  ['overwrite', { destination_sync_mode: 'overwrite' }],
  ['overwrite_dedup', { destination_sync_mode: 'overwrite_dedup' }],
  ['a minimum generation', { sync_mode: 'incremental', generation_id: 2, minimum_generation_id: 2 }],
])('a stream that the destination would empty fails when the account lacks its product or the stream does not exist (%s)', async (_, mode) => {
  const sandbox = await ownSandbox({ rows: { charges: 3 } });
  sandbox.fault({ kind: 'product_unavailable', match: '/v1/issuing/cards', times: FOR_GOOD });
  const catalog = configured(['cards', 'nonsense', 'charges'], mode);
  const result = await runInProcess({ command: 'read', config: configOf(sandbox), catalog });
  expect(result.code).toBe(1);
  expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['nonsense', 'cards']);
  expect(idsOf(result, 'charges')).toHaveLength(3);
});

it('a stream without its product is complete, and one that does not exist is left out, when the destination keeps its rows', async () => {
  const sandbox = await ownSandbox({ rows: { charges: 3 } });
  sandbox.fault({ kind: 'product_unavailable', match: '/v1/issuing/cards', times: FOR_GOOD });
  const catalog = configured(['cards', 'nonsense', 'charges'], { destination_sync_mode: 'append' });
  const result = await runInProcess({ command: 'read', config: configOf(sandbox), catalog });
  expect([result.code, errorsOf(result), statusesOf(result, 'cards').at(-1)]).toEqual([0, [], 'COMPLETE']);
});
