import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { catalog } from '../src/streams/catalog.js';
import { catalogOf, errorsOf, idsOf, logsOf, type Result, recordsOf, runInProcess, statusesOf } from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

const CHARGES_ONLY = 'rk_test_charges51AbCdEfGh';
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({
    rows: 40,
    children: {
      invoiceLines: (index) => (index % 5 === 0 ? 230 : 3),
      subscriptionItems: (index) => (index % 5 === 0 ? 25 : 2),
      transferReversals: (index) => (index % 5 === 0 ? 15 : 1),
      creditNoteLines: (index) => (index % 5 === 0 ? 12 : 1),
    },
    keys: { [CHARGES_ONLY]: { reads: ['charges', 'account'] } },
  });
});

afterEach(() => {
  sandbox.clearFaults();
  sandbox.resetLog();
});
afterAll(() => sandbox.close());

function read(streams: readonly string[], config: object = {}, from: Sandbox = sandbox): Promise<Result> {
  return runInProcess({ command: 'read', config: configOf(from, config), catalog: catalogOf(streams) });
}

/** Embedded lists that lack items, wherever they are in a value. */
function cutLists(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const isCut = 'has_more' in value && value.has_more === true;
  return Object.values(value).reduce<number>((sum, field) => sum + cutLists(field), isCut ? 1 : 0);
}

const rows = ['invoices', 'subscriptions', 'charges', 'transfers', 'credit_notes', 'application_fees', 'accounts'];

it('embedded lists are whole in the rows that are emitted', async () => {
  const result = await read(rows);
  expect(errorsOf(result)).toEqual([]);
  const cut = recordsOf(result).filter(({ data }) => cutLists(data) > 0);
  expect(cut.map(({ stream }) => stream)).toEqual([]);
  for (const { data } of recordsOf(result, 'invoices')) {
    const { data: lines } = data['lines'] as { data: readonly unknown[] };
    expect(lines).toEqual(sandbox.children('invoice_lines', String(data['id'])));
  }
});

it('embedded lists cost the same whether their items are a stream, too, or not', async () => {
  const requests = () => sandbox.requests().filter(({ path }) => path.startsWith('/v1/invoices')).length;
  await read(['invoices']);
  const alone = requests();
  sandbox.resetLog();
  const both = await read(['invoice_line_items', 'invoices']);
  expect([requests(), errorsOf(both)]).toEqual([alone, []]);
  expect([...idsOf(both, 'invoice_line_items')].sort()).toEqual([...sandbox.rows('invoice_line_items')].sort());
});

it('an embedded list that cannot be completed fails its stream and not the children', async () => {
  sandbox.fault({
    kind: 'no_permission',
    match: ({ path }) => path.endsWith('/lines') && path.startsWith('/v1/invoices/'),
    times: 1,
  });
  const result = await read(['invoices', 'invoice_line_items']);
  expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['invoices']);
  expect([...idsOf(result, 'invoice_line_items')].sort()).toEqual([...sandbox.rows('invoice_line_items')].sort());
});

it('a list that a row of a child embeds fails the stream when Stripe refuses it', async () => {
  const entries =
    '{"object": "list", "has_more": true, "url": "/v1/treasury/entries", "data": [{"id": "e_1", "object": "e"}]}';
  const row = `{"id": "trxn_1", "object": "treasury.transaction", "entries": ${entries}}`;
  const body = `{"object": "list", "has_more": false, "data": [${row}]}`;
  sandbox.fault({ kind: 'not_json', body, match: '/v1/treasury/transactions' });
  const message = 'Unrecognized request URL (GET: /v1/treasury/entries). Have you onboarded to Treasury?';
  sandbox.fault({ kind: 'status', status: 400, message, match: '/v1/treasury/entries' });
  const result = await read(['treasury_transactions']);
  expect([result.code, statusesOf(result, 'treasury_transactions').at(-1)]).toEqual([1, 'INCOMPLETE']);
});

it('an expand that only a child needs fails the child alone when Stripe refuses it', async () => {
  sandbox.fault({
    kind: 'no_permission',
    match: ({ path, params }) => /sources/.test(path) || params.some(([, value]) => value.includes('sources')),
    times: Number.POSITIVE_INFINITY,
  });
  const result = await read(['customers', 'customer_sources', 'customer_tax_ids']);
  expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['customer_sources']);
  expect(idsOf(result, 'customers')).toHaveLength(40);
  expect([...idsOf(result, 'customer_tax_ids')].sort()).toEqual([...sandbox.rows('customer_tax_ids')].sort());
  expect(logsOf(result, 'WARN').join()).toContain('customers: Stripe refuses to embed child objects in this list');
});

it('a field that a child cannot expand fails the child alone', async () => {
  const result = await read(['invoices', 'invoice_line_items'], { expand: { invoice_line_items: ['nonsense'] } });
  expect(errorsOf(result).map((error) => error.stream_descriptor?.name)).toEqual(['invoice_line_items']);
  expect(idsOf(result, 'invoices')).toHaveLength(40);
});

it('a list of children that one parent refuses is read of the others', async () => {
  const [account = ''] = sandbox.ids('accounts');
  sandbox.fault({
    kind: 'status',
    status: 403,
    message:
      'You cannot perform this request as you do not have Platform Controls for the Stripe Dashboard on the account',
    match: `/v1/accounts/${account}/persons`,
    times: Number.POSITIVE_INFINITY,
  });
  const result = await read(['persons']);
  expect([result.code, errorsOf(result)]).toEqual([0, []]);
  expect(recordsOf(result).length).toBeGreaterThan(0);
  expect(recordsOf(result).every(({ data }) => data['account'] !== account)).toBe(true);
  expect(logsOf(result, 'WARN').join()).toContain('persons: no rows for 1 of the accounts');
});

it.each([
  [
    'cards',
    400,
    'Your account is not set up to use Issuing. Please visit https://dashboard.stripe.com/issuing/overview to get started.',
  ],
  [
    'identity_verification_sessions',
    400,
    'Your account is not set up to use Identity. Please have an account admin visit the Dashboard.',
  ],
  [
    'treasury_financial_accounts',
    400,
    'Unrecognized request URL (GET: /v1/treasury/financial_accounts). If you are trying to list objects, remove the trailing slash. Have you onboarded to Treasury?',
  ],
  ['v2_core_accounts', 400, 'Accounts v2 is not enabled for your platform.'],
  ['forwarding_requests', 400, 'Your account is not authorized to send Forwarding requests in livemode.'],
  ['test_helpers_test_clocks', 400, 'This endpoint is only available in testmode. Try using your test keys instead.'],
  ['v2_money_management_transactions', 400, 'This API surface is not enabled for testmode usage.'],
])('a product that the account does not have gives %s no rows, a warning, and success', async (stream, status, message) => {
  const { path = '' } = catalog.find(({ name }) => name === stream) ?? {};
  sandbox.fault({ kind: 'status', status, message, match: path, times: Number.POSITIVE_INFINITY });
  const result = await read([stream]);
  expect([result.code, errorsOf(result), recordsOf(result)]).toEqual([0, [], []]);
  expect(statusesOf(result, stream)).toEqual(['STARTED', 'COMPLETE']);
  expect(logsOf(result, 'WARN').join()).toContain(`${stream}: the account does not have this product (`);
});

it('a path that Stripe does not know is a failure, not a product that the account lacks', async () => {
  sandbox.fault({
    kind: 'status',
    status: 404,
    message: 'Unrecognized request URL (GET: /v1/charges).',
    match: '/v1/charges',
    times: Number.POSITIVE_INFINITY,
  });
  const result = await read(['charges']);
  expect([result.code, statusesOf(result, 'charges').at(-1)]).toEqual([1, 'INCOMPLETE']);
});

it.each([
  [
    'control of the account',
    403,
    'You cannot perform this request as you do not have Platform Controls for the Stripe Dashboard on the account',
  ],
  [
    'line items of an old session',
    400,
    'Could not find line items for this Checkout Session. They may be missing for old testmode Checkout Sessions.',
  ],
])('a refusal that concerns one parent (%s) costs its rows and a warning, whichever parent it is', async (_, status, message) => {
  const [first = '', , third = ''] = sandbox.ids('customers');
  for (const customer of [first, third]) {
    sandbox.fault({ kind: 'status', status, message, match: `/v1/customers/${customer}/balance_transactions` });
  }
  const result = await read(['customer_balance_transactions']);
  expect([result.code, errorsOf(result)]).toEqual([0, []]);
  expect(recordsOf(result).length).toBeGreaterThan(0);
  expect(logsOf(result, 'WARN').join()).toContain('customer_balance_transactions: no rows for 2 of the customers');
});

it('a refusal that says revoked access of a parent that is no account is a failure', async () => {
  sandbox.fault({
    kind: 'status',
    status: 403,
    code: 'account_invalid',
    message: "The provided key does not have access to account 'acct_1'.",
    match: ({ path }) => path.endsWith('/balance_transactions'),
    times: Number.POSITIVE_INFINITY,
  });
  const result = await read(['customer_balance_transactions']);
  expect([result.code, statusesOf(result, 'customer_balance_transactions').at(-1)]).toEqual([1, 'INCOMPLETE']);
});

// Each line brings a whole subscription along, so that one invoice of several pages is enough.
const fewLines = () =>
  ownSandbox({
    rows: { invoices: 6, subscriptions: 4, customers: 3 },
    children: { invoiceLines: (index) => (index === 2 ? 120 : 12), subscriptionItems: () => 2 },
  });

it('fields to expand in a child leave the rows of its parent as they are', async () => {
  const few = await fewLines();
  const expand = { invoice_line_items: ['subscription'] };
  const plain = await read(['invoices'], {}, few);
  const both = await read(['invoices', 'invoice_line_items'], { expand }, few);
  const rowsOf = (result: Result) => recordsOf(result, 'invoices').map(({ data }) => data);
  expect(rowsOf(both)).toEqual(rowsOf(plain));
  const kinds = new Set(recordsOf(both, 'invoice_line_items').map(({ data }) => typeof data['subscription']));
  expect([...kinds]).toEqual(['object']);
});

it('fields to expand inside an embedded list are expanded in all of its items', async () => {
  const few = await fewLines();
  const result = await read(['invoices'], { expand: { invoices: ['lines.data.subscription'] } }, few);
  const lines = recordsOf(result).flatMap(({ data }) => (data['lines'] as { data: { subscription: unknown }[] }).data);
  expect(lines).toHaveLength(120 + 5 * 12);
  expect(new Set(lines.map(({ subscription }) => typeof subscription))).toEqual(new Set(['object']));
});

it('a start date limits children by their parents even when Stripe cannot filter the parents', async () => {
  const times = sandbox.ids('quotes').map((id) => Number(sandbox.object('quotes', id)?.['created']));
  const start_date = new Date((times[10] ?? 0) * 1000).toISOString();
  const result = await read(['quotes', 'quote_line_items'], { start_date });
  const quotes = new Set(idsOf(result, 'quotes'));
  const expected = [...quotes].flatMap((id) =>
    sandbox.children('quote_line_items', id).map((row) => String(row['id'])),
  );
  expect([...idsOf(result, 'quote_line_items')].sort()).toEqual(expected.sort());
});

it('a key that may read charges only fails every other stream by name, each with the permission that it lacks, and reads the charges', async () => {
  const roots = catalog.filter(({ parent }) => parent === undefined).map(({ name }) => name);
  const result = await read(roots, { api_key: CHARGES_ONLY });
  expect([result.code, idsOf(result, 'charges').length]).toEqual([1, 40]);
  const failed = errorsOf(result).map((error) => error.stream_descriptor?.name);
  expect([...failed, 'charges'].sort()).toEqual([...roots].sort());
  for (const { message, failure_type } of errorsOf(result)) {
    expect([failure_type, /lacks a permission.*\('\w+'\)/.test(message)]).toEqual(['config_error', true]);
  }
});
