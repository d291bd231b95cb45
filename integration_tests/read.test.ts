import { expect, it } from 'vitest';
import {
  catalogOf,
  createAjv,
  errorsOf,
  idsOf,
  lastStates,
  logsOf,
  recordsOf,
  runInProcess,
  statesOf,
  statusesOf,
} from './connector.js';
import { configOf, holdUntil, ownSandbox } from './own-sandbox.js';
import type { Sandbox, SandboxOptions } from './sandbox/sandbox.js';

const MINUTE = 60;

let sandbox: Sandbox;

async function start(options: SandboxOptions): Promise<Sandbox> {
  sandbox = await ownSandbox(options);
  return sandbox;
}

const config = (more: object = {}) => configOf(sandbox, more);

function read(streams: readonly string[], more: { config?: object; state?: unknown; mode?: 'full_refresh' } = {}) {
  return runInProcess({
    command: 'read',
    config: config(more.config),
    catalog: catalogOf(streams, more.mode ?? 'incremental'),
    ...(more.state === undefined ? {} : { state: more.state }),
  });
}

/** The primary keys of the rows that a stream must have. */
function expectedIds(stream: string): readonly string[] {
  return sandbox.rows(stream);
}

function sorted(ids: readonly string[]): readonly string[] {
  return [...ids].sort();
}

it('an incremental sync reads what is new since the last one, once, and nothing else', async () => {
  const { append, ids } = await start({ rows: { charges: 250, invoice_items: 50 }, now: now() - 10 * MINUTE });
  const before = ids('charges').length;
  const end = now() - 5 * MINUTE;
  const first = await read(['charges', 'invoice_items'], {
    config: { end_date: new Date(end * 1000).toISOString() },
  });
  expect(idsOf(first, 'charges')).toHaveLength(before);
  const fresh = [...append('charges', 7, end + 1), ...append('charges', 1, end + 2)];
  const items = append('invoice_items', 2, end + 1);
  const second = await read(['charges', 'invoice_items'], { state: lastStates(first) });
  expect(sorted(idsOf(second, 'charges'))).toEqual(sorted(fresh));
  expect(sorted(idsOf(second, 'invoice_items'))).toEqual(sorted(items));
  const third = await read(['charges', 'invoice_items'], { state: lastStates(second) });
  expect([third.code, idsOf(third)]).toEqual([0, []]);
  expect(statesOf(third)).toHaveLength(2);
});

it('an object of the last minute is read only when that minute is over', async () => {
  const { append } = await start({ rows: { charges: 10 }, now: now() - 10 * MINUTE });
  const [young] = append('charges', 1, now() - 10);
  expect(idsOf(await read(['charges']))).not.toContain(young);
});

it("a sync goes by Stripe's clock when the local one is ahead", async () => {
  await start({ rows: { charges: 10 }, now: now() - 2 * 3600, clockSkewSeconds: -3600 });
  const { created } = lastStates(await read(['charges']))[0]?.stream.stream_state as { created: number };
  expect(created).toBeLessThanOrEqual(now() - 3600 - MINUTE);
});

it('an incremental sync needs no more than {"created": N} for a state', async () => {
  await start({ rows: { charges: 200 } });
  const times = sandbox.ids('charges').map((id) => Number(sandbox.object('charges', id)?.['created']));
  const cursor = times[50] ?? 0;
  const { messages } = await read(['charges'], { state: { charges: { created: cursor } } });
  expect(recordsOf({ messages }).every(({ data }) => Number(data['created']) > cursor)).toBe(true);
  expect(recordsOf({ messages })).toHaveLength(times.filter((time) => time > cursor).length);
});

it('only the gap is read when the start date moves back', async () => {
  await start({ rows: { charges: 300 } });
  const time = (index: number) => Number(sandbox.object('charges', sandbox.ids('charges')[index] ?? '')?.['created']);
  const iso = (seconds: number) => new Date(seconds * 1000).toISOString();
  const first = await read(['charges'], { config: { start_date: iso(time(100)) } });
  const second = await read(['charges'], { config: { start_date: iso(time(200)) }, state: lastStates(first) });
  const all = [...idsOf(first), ...idsOf(second)];
  expect(new Set(all).size).toBe(all.length);
  expect(sorted(all)).toEqual(sorted(sandbox.ids('charges', { gte: time(200) })));
});

it.each([
  ['a later start date', (time: number) => ({ start_date: new Date(time * 1000).toISOString() })],
  ['an earlier end date', (time: number) => ({ end_date: new Date(time * 1000).toISOString() })],
])('what an interrupted sync left is read even with %s', async (_, dates) => {
  await start({ rows: { charges: 300 } });
  const time = Number(sandbox.object('charges', sandbox.ids('charges')[200] ?? '')?.['created']);
  const first = await read(['charges']);
  const [interrupted] = statesOf(first);
  const second = await read(['charges'], { config: dates(time), state: [interrupted] });
  expect(sorted([...idsOf(first).slice(0, 100), ...idsOf(second)])).toEqual(sorted(sandbox.ids('charges')));
});

it('the state of another account is refused although the key may not see which account it reads', async () => {
  const key = 'rk_test_noaccount51AbCdEf';
  await start({
    rows: { accounts: 2, charges: 5 },
    connectedRows: { charges: 30 },
    keys: { [key]: { reads: ['charges'] } },
  });
  const [one = '', other = ''] = sandbox.ids('accounts');
  const first = await read(['charges'], { config: { api_key: key, account_id: one } });
  const second = await read(['charges'], { config: { api_key: key, account_id: other }, state: lastStates(first) });
  expect([idsOf(first).length, second.code]).toEqual([30, 1]);
  expect(errorsOf(second)[0]?.message).toContain(`belongs to account ${one}`);
});

it("a sync continues the state of Airbyte's connector from ten minutes before it, with a warning", async () => {
  await start({ rows: { charges: 200 } });
  const times = sandbox.ids('charges').map((id) => Number(sandbox.object('charges', id)?.['created']));
  const cursor = times[50] ?? 0;
  const result = await read(['charges'], { state: { charges: { updated: String(cursor) } } });
  expect(sorted(idsOf(result))).toEqual(sorted(sandbox.ids('charges', { gte: cursor - 599 })));
  expect(logsOf(result, 'WARN').join()).toContain("charges: the state is that of Airbyte's connector");
});

it('a sync warns of events that Stripe has forgotten since the last one', async () => {
  await start({ rows: 20 });
  const created = now() - 40 * 86_400;
  const result = await read(['events', 'charges'], { state: { events: { created }, charges: { created } } });
  expect(logsOf(result, 'WARN')).toEqual([
    expect.stringMatching(/^events: Stripe keeps these objects for 30 days\. Those created between/),
  ]);
});

it("a sync warns when its clock and Stripe's are far apart", async () => {
  await start({ rows: { charges: 5 }, clockSkewSeconds: -7200 });
  expect(logsOf(await read(['charges']), 'WARN').join()).toContain('differ by 120 minutes');
});

it('the days of the lookback window are read again', async () => {
  await start({ rows: { charges: 300 }, historyDays: 30 });
  const first = await read(['charges']);
  const second = await read(['charges'], { config: { lookback_window_days: 10 }, state: lastStates(first) });
  const { created } = lastStates(first)[0]?.stream.stream_state as { created: number };
  expect(sorted(idsOf(second))).toEqual(sorted(sandbox.ids('charges', { gte: created + 1 - 10 * 86_400 })));
});

it('a sync reads nothing and says so when its cursor lies in the future', async () => {
  await start({ rows: { charges: 20 } });
  const result = await read(['charges'], { state: { charges: { created: 99_999_999_999 } } });
  expect([result.code, idsOf(result).length, statesOf(result).length]).toEqual([0, 0, 1]);
  expect(logsOf(result, 'WARN').join()).toContain('nothing to read yet');
});

it('an incremental sync reads all of a stream that supports full refresh only, every time', async () => {
  await start({ rows: { payment_methods: 150 } });
  const first = await read(['payment_methods']);
  const second = await read(['payment_methods'], { state: lastStates(first) });
  expect(sorted(idsOf(second))).toEqual(sorted(expectedIds('payment_methods')));
});

it('a full refresh starts again when the last one was finished', async () => {
  await start({ rows: { charges: 150 } });
  const first = await read(['charges'], { mode: 'full_refresh' });
  const second = await read(['charges'], { mode: 'full_refresh', state: lastStates(first) });
  expect(idsOf(second)).toEqual(idsOf(first));
});

it('a full refresh continues where an interrupted one ended', async () => {
  await start({ rows: { charges: 250 } });
  const first = await read(['charges'], { mode: 'full_refresh' });
  const [interrupted] = statesOf(first);
  const second = await read(['charges'], { mode: 'full_refresh', state: [interrupted] });
  expect(idsOf(second)).toEqual(idsOf(first).slice(100));
});

it('a full refresh does not read again what an attempt of the same job finished', async () => {
  await start({ rows: { charges: 150 } });
  const run = { command: 'read', config: config(), catalog: catalogOf(['charges'], 'full_refresh') };
  const first = await runInProcess({ ...run, env: { WORKER_JOB_ID: '7' } });
  const retry = await runInProcess({ ...run, env: { WORKER_JOB_ID: '7' }, state: lastStates(first) });
  const next = await runInProcess({ ...run, env: { WORKER_JOB_ID: '8' }, state: lastStates(first) });
  expect([idsOf(first).length, idsOf(retry).length, idsOf(next).length]).toEqual([150, 0, 150]);
  expect(statusesOf(retry, 'charges')).toEqual(['STARTED', 'COMPLETE']);
});

it('a full refresh does not continue an interrupted incremental sync', async () => {
  await start({ rows: { charges: 250 } });
  const [interrupted] = statesOf(await read(['charges']));
  expect(idsOf(await read(['charges'], { mode: 'full_refresh', state: [interrupted] }))).toHaveLength(250);
});

it('all of 300 objects of one second are emitted, and none of them again by the next sync', async () => {
  await start({ rows: { charges: 300 }, shapes: { charges: 'one_second' } });
  const first = await read(['charges']);
  expect(sorted(idsOf(first))).toEqual(sorted(sandbox.ids('charges')));
  expect(new Set(idsOf(first)).size).toBe(300);
  expect(idsOf(await read(['charges'], { state: lastStates(first) }))).toEqual([]);
});

it.each([0, 1, 99, 100, 101, 200])('all objects of a list of %i are emitted', async (rows) => {
  await start({ rows: { charges: rows } });
  const result = await read(['charges']);
  expect([result.code, idsOf(result).length]).toEqual([0, rows]);
  expect(statusesOf(result, 'charges')).toEqual(
    rows === 0 ? ['STARTED', 'COMPLETE'] : ['STARTED', 'RUNNING', 'COMPLETE'],
  );
  expect(statesOf(result).length).toBeGreaterThanOrEqual(1);
});

it('a list is read to its end when the object that a page starts after is deleted meanwhile', async () => {
  await start({ rows: { charges: 350 } });
  const gone: string[] = [];
  sandbox.onRequest(({ query }) => {
    const after = query['starting_after'];
    if (after === undefined || gone.length > 1) return;
    gone.push(after);
    sandbox.remove('charges', after);
  });
  const result = await read(['charges']);
  expect([result.code, gone.length]).toEqual([0, 2]);
  expect(sorted([...new Set(idsOf(result))])).toEqual(sorted([...sandbox.ids('charges'), ...gone]));
});

it('a list without a filter is read again, with a warning, when the object that a page starts after is deleted', async () => {
  await start({ rows: { payment_methods: 250 } });
  let gone: string | undefined;
  sandbox.onRequest(({ query }) => {
    if (query['starting_after'] === undefined || gone !== undefined) return;
    gone = query['starting_after'];
    sandbox.remove('payment_methods', gone);
  });
  const result = await read(['payment_methods']);
  expect(result.code).toBe(0);
  expect(new Set(idsOf(result))).toEqual(new Set([...expectedIds('payment_methods'), gone]));
  expect(logsOf(result, 'WARN').join()).toContain('read again from its start');
});

it('objects that are appended during a sync cost no row that was there before', async () => {
  await start({ rows: { charges: 250 }, now: now() - 10 * MINUTE });
  const appended: string[] = [];
  sandbox.onRequest(({ path }) => {
    if (path === '/v1/charges' && appended.length < 30) appended.push(...sandbox.append('charges', 10, now() - 90));
  });
  const first = await read(['charges']);
  const second = await read(['charges'], { state: lastStates(first) });
  // Objects below the horizon of the first sync were created before it and listed after; the lag exists for them.
  expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBeGreaterThanOrEqual(250);
});

it('many embedded lines and items are completed with few requests', async () => {
  await start({
    rows: { invoices: 60, subscriptions: 60, customers: 20 },
    children: {
      invoiceLines: (index) => (index % 10 === 0 ? 230 : 3),
      subscriptionItems: (index) => (index % 20 === 0 ? 25 : 2),
    },
  });
  const result = await read(['invoices', 'invoice_line_items', 'subscription_items']);
  expect(result.code).toBe(0);
  expect(sorted(idsOf(result, 'invoice_line_items'))).toEqual(sorted(expectedIds('invoice_line_items')));
  expect(sorted(idsOf(result, 'subscription_items'))).toEqual(sorted(expectedIds('subscription_items')));
  const lists = sandbox.requests().filter(({ path }) => path === '/v1/invoices');
  const lines = sandbox.requests().filter(({ path }) => path.endsWith('/lines'));
  expect([lists.length, lines.length]).toEqual([1, 6 * 3]);
});

it('a row of a child has the fields that it takes over from its parent', async () => {
  await start({ rows: { invoices: 20, customers: 5, subscriptions: 5 } });
  for (const { data } of recordsOf(await read(['invoice_line_items']))) {
    const invoice = sandbox.object('invoices', String(data['invoice_id']));
    expect(data['invoice_created']).toBe(invoice?.['created']);
  }
});

it('unicode, quotes and a megabyte of text arrive unchanged', async () => {
  await start({ rows: { customers: 3 } });
  const [id = ''] = sandbox.ids('customers');
  const description = `"quotes" \\ \u2028 \u2029 \u0085 \u0000 😀 ${'x'.repeat(1_000_000)}`;
  sandbox.update('customers', id, { fields: { description, metadata: { 'ключ "a"': '値\n' } } });
  const result = await read(['customers']);
  const row = recordsOf(result).find(({ data }) => data['id'] === id)?.data;
  expect(row?.['description']).toBe(description);
  expect(row?.['metadata']).toEqual({ 'ключ "a"': '値\n' });
});

it('start and end date limit the rows, with and without a filter of the list', async () => {
  await start({ rows: { charges: 200, payment_methods: 200 } });
  const times = sandbox.ids('charges').map((id) => Number(sandbox.object('charges', id)?.['created']));
  const [gte, lte] = [times[150] ?? 0, times[50] ?? 0];
  const dates = { start_date: new Date(gte * 1000).toISOString(), end_date: new Date(lte * 1000).toISOString() };
  const result = await read(['charges', 'payment_methods'], { config: dates });
  expect(sorted(idsOf(result, 'charges'))).toEqual(sorted(sandbox.ids('charges', { gte, lte })));
  const inWindow = expectedIds('payment_methods').filter((id) => {
    const created = Number(sandbox.object('payment_methods', id)?.['created']);
    return created >= gte && created <= lte;
  });
  expect(sorted(idsOf(result, 'payment_methods'))).toEqual(sorted(inWindow));
});

it('fields are expanded as discover says, those of items that their parent embeds included', async () => {
  await start({ rows: { charges: 20, invoices: 20, customers: 5, subscriptions: 5 } });
  const expand = { charges: ['customer'], invoice_line_items: ['subscription'] };
  const result = await read(['charges', 'invoice_line_items'], { config: { expand } });
  expect(errorsOf(result)).toEqual([]);
  const customers = recordsOf(result, 'charges')
    .map(({ data }) => data['customer'])
    .filter((customer) => customer !== null);
  expect(customers.length).toBeGreaterThan(0);
  for (const customer of customers) expect(customer).toMatchObject({ object: 'customer' });
  const discovered = await runInProcess({ command: 'discover', config: config({ expand }) });
  const [schema] = discovered.messages.flatMap((message) =>
    message.type === 'CATALOG' ? message.catalog.streams.filter(({ name }) => name === 'charges') : [],
  );
  const validate = createAjv().compile(schema?.json_schema ?? {});
  for (const { data } of recordsOf(result, 'charges')) expect(validate(data)).toBe(true);
});

it('account_id makes every request one of that connected account', async () => {
  await start({ rows: { accounts: 3, charges: 50 }, connectedRows: { charges: 30 } });
  const [account = ''] = sandbox.ids('accounts');
  const result = await read(['charges'], { config: { account_id: account } });
  expect(sorted(idsOf(result))).toEqual(sorted(sandbox.ids('charges', { account })));
  expect(sandbox.requests().every((request) => request.account === account)).toBe(true);
});

it('requests carry the pinned API version, or the configured one', async () => {
  await start({ rows: { charges: 1 } });
  await read(['charges']);
  await read(['charges'], { config: { api_version: '2025-03-31.basil' } });
  const versions = new Set(sandbox.requests().map(({ apiVersion }) => apiVersion));
  expect([...versions]).toEqual(['2026-10-28.endive', '2025-03-31.basil']);
});

it('a sync keeps to its budget of requests', async () => {
  await start({ rows: { charges: 1500 } });
  const began = Date.now();
  await read(['charges'], { config: { requests_per_second: 8 } });
  // The first request is sent at once, and up to a tenth of a second may be made up for. A slow machine only takes
  // longer.
  const leastMs = ((sandbox.requests().length - 1) / 8) * 1000 - 100;
  expect(Date.now() - began).toBeGreaterThanOrEqual(leastMs);
});

it.each([1, 5])('as many lists are read side by side as max_concurrency says (%i)', async (max_concurrency) => {
  await start({ rows: 20 });
  const streams = ['charges', 'coupons', 'customers', 'disputes', 'files', 'invoices', 'plans', 'refunds'];
  holdUntil(max_concurrency, { sandbox, match: ({ path }) => path !== '/v1/account' });
  expect((await read(streams, { config: { max_concurrency } })).code).toBe(0);
  expect(sandbox.summary().mostInFlight).toBe(max_concurrency);
});

it('records and states carry the configured namespace', async () => {
  await start({ rows: { charges: 5 } });
  const configured = catalogOf(['charges']);
  const streams = configured.streams.map((each) => ({ ...each, stream: { ...each.stream, namespace: 'stripe' } }));
  const result = await runInProcess({ command: 'read', config: config(), catalog: { streams } });
  expect(recordsOf(result).every(({ namespace }) => namespace === 'stripe')).toBe(true);
  expect(statesOf(result)[0]?.stream.stream_descriptor).toEqual({ name: 'charges', namespace: 'stripe' });
});

function now(): number {
  return Math.floor(Date.now() / 1000);
}
