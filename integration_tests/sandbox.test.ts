import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catalog } from '../src/streams/catalog.js';
import { cursorFieldOf, kindsOf, type StreamDefinition } from '../src/streams/definition.js';
import { createAjv } from './connector.js';
import { redacted } from './sandbox/api/keys.js';
import { keyOf } from './sandbox/inspection.js';
import { KINDS } from './sandbox/kinds/registry.js';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox/sandbox.js';

type Json = Record<string, unknown>;

interface Page {
  readonly data: readonly Json[];
  readonly has_more: boolean;
}

const NOW = 1_795_000_000;
/** More than a page. */
const ROWS = 120;
const SMALL = { now: NOW, rows: ROWS, connectedRows: 12 } satisfies SandboxOptions;

/** For the tests that change nothing but faults. */
let shared: Sandbox;
/** The one of the test at hand. */
let sandbox: Sandbox;
const started: Sandbox[] = [];

/** Gives the test a sandbox of its own. */
async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  sandbox = await startSandbox({ ...SMALL, ...options });
  started.push(sandbox);
  return sandbox;
}

beforeAll(async () => {
  shared = await startSandbox(SMALL);
});

beforeEach(() => {
  sandbox = shared;
});

afterEach(async () => {
  shared.clearFaults();
  shared.resetLog();
  await Promise.all(started.splice(0).map((it) => it.close()));
});

afterAll(() => shared.close());

function request(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(sandbox.url + path, {
    redirect: 'manual',
    headers: { authorization: `Bearer ${sandbox.apiKey}`, ...headers },
  });
}

async function get(path: string, headers?: Record<string, string>): Promise<Json> {
  return (await request(path, headers)).json() as Promise<Json>;
}

async function getPage(path: string, headers?: Record<string, string>): Promise<Page> {
  return (await get(path, headers)) as unknown as Page;
}

async function getError(path: string, headers?: Record<string, string>): Promise<Json & { readonly status: number }> {
  const response = await request(path, headers);
  const body = (await response.json()) as { readonly error?: Json };
  return { status: response.status, ...body.error };
}

/** All items of a list, by way of its pages. */
async function readAll(path: string, limit = 100, headers?: Record<string, string>): Promise<readonly Json[]> {
  const items: Json[] = [];
  for (let after = ''; ; after = `&starting_after=${items.at(-1)?.['id']}`) {
    const page = await getPage(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after}`, headers);
    items.push(...page.data);
    if (!page.has_more) return items;
  }
}

/** The same for a list of API v2, whose pages lead to each other. */
async function readAllV2(path: string, limit: number): Promise<readonly Json[]> {
  const items: Json[] = [];
  for (let next: unknown = withQuery(path, { limit: String(limit) }); typeof next === 'string'; ) {
    const page: Json & { readonly data?: readonly Json[] } = await get(next);
    items.push(...(page.data ?? []));
    next = page['next_page_url'];
  }
  return items;
}

function withQuery(path: string, params: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams(params).toString();
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
}

/** All of a list of the catalog, as the stream asks for it. */
function readList(stream: StreamDefinition, path: string, limit?: number): Promise<readonly Json[]> {
  const asked = withQuery(path, stream.params ?? {});
  if (path.startsWith('/v2/')) return readAllV2(asked, limit ?? 20);
  if (stream.paginates === false) return getPage(asked).then(({ data }) => data);
  return readAll(asked, limit);
}

/** Where the items of a child can be had, for one of its parents. */
function pathFor(child: StreamDefinition, parent: Json): string {
  const query = Object.entries(child.parent?.query ?? {}).map(([name, field]) => [name, String(parent[field])]);
  return withQuery(child.path.replace('{id}', String(parent['id'])), Object.fromEntries(query));
}

const valueAt = (row: unknown, path: string): unknown =>
  path.split('.').reduce((value, name) => (value as Json | null | undefined)?.[name], row);

const roots = catalog.filter(({ parent }) => parent === undefined);
const children = catalog.flatMap((stream) => (stream.parent ? [{ ...stream, parent: stream.parent }] : []));

const idsOf = (items: readonly Json[]) => items.map(({ id }) => id);

describe('lists', () => {
  it.each(
    roots.map((stream) => [stream.name, stream] as const),
  )('the pages of %s together are all there is, once', async (name, stream) => {
    const rows = await readList(stream, stream.path);
    expect(rows.map((row) => keyOf(stream, row))).toEqual(sandbox.rows(name));
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(sandbox.rows(name)).size).toBe(rows.length);
  });

  it.each(
    roots.map((stream) => [stream.name, stream] as const),
  )('pages of seven give the same %s', async (name, stream) => {
    await start({ rows: 30 });
    const rows = await readList(stream, stream.path, 7);
    expect(rows.map((row) => keyOf(stream, row))).toEqual(sandbox.rows(name));
  });

  it('any size of page gives the same list', async () => {
    for (const limit of [1, 7, 100]) expect(idsOf(await readAll('/v1/coupons', limit))).toEqual(sandbox.ids('coupons'));
  });

  it('a page has ten items unless a limit is given', async () => {
    expect((await getPage('/v1/charges')).data).toHaveLength(10);
  });

  it('items come newest first', async () => {
    const times = (await readAll('/v1/invoiceitems')).map(({ date }) => Number(date));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('ending_before gives the page before, in the same order', async () => {
    const ids = sandbox.ids('charges');
    const page = await getPage(`/v1/charges?limit=3&ending_before=${ids[5]}`);
    expect(idsOf(page.data)).toEqual(ids.slice(2, 5));
    expect(page.has_more).toBe(true);
    expect((await getPage(`/v1/charges?limit=30&ending_before=${ids[5]}`)).has_more).toBe(false);
  });

  it.each([
    'one_second',
    'two_seconds',
    'growing',
    'bursty',
    'recent',
  ] as const)('paging finds everything when created is %s', async (shape) => {
    await start({ shapes: { charges: shape } });
    expect(idsOf(await readAll('/v1/charges'))).toEqual(sandbox.ids('charges'));
    expect(new Set(sandbox.ids('charges')).size).toBe(ROWS);
  });

  it('explicit times are the times of the objects', async () => {
    await start({ shapes: { charges: [500, 700, 600] } });
    expect((await readAll('/v1/charges')).map(({ created }) => created)).toEqual([700, 600, 500]);
  });

  it('a million charges are there at once', async () => {
    await start({ rows: { charges: 1_000_000 } });
    const { created } = (await getPage('/v1/charges?limit=1')).data[0] ?? {};
    const { data } = await getPage(`/v1/charges?limit=100&created[lte]=${Number(created) - 300 * 86_400}`);
    expect(idsOf((await getPage(`/v1/charges?limit=100&starting_after=${data[98]?.['id']}`)).data)[0]).toBe(
      data[99]?.['id'],
    );
  });
});

describe('disorder', () => {
  it('one object can stand out of order, right behind another, in pages of any size', async () => {
    await start({ rows: { charges: 30 }, stragglers: { charges: [{ index: 3, behind: 20 }] } });
    const ids = idsOf(await readAll('/v1/charges'));
    const created = (await readAll('/v1/charges')).map((charge) => Number(charge['created']));
    const rises = created.flatMap((time, n) => (time > (created[n - 1] ?? Number.POSITIVE_INFINITY) ? [n] : []));
    expect(rises).toEqual([11]);
    expect(idsOf(await readAll('/v1/charges', 7))).toEqual(ids);
    const place = ids[15];
    const before = await getPage(`/v1/charges?limit=15&ending_before=${place}`);
    expect(idsOf(before.data)).toEqual(ids.slice(0, 15));
  });
});

describe('ids that users chose', () => {
  it('may have anything in them, and are asked for as a URL can', async () => {
    await start({ rows: { products: 12 }, chosenIds: { products: ['.', '..', 'a/b', 'a?b', ' '] } });
    expect(idsOf(await readAll('/v1/products')).slice(-5)).toEqual([' ', 'a?b', 'a/b', '..', '.']);
    for (const id of ['a/b', 'a?b', ' ']) {
      expect(await get(`/v1/products/${encodeURIComponent(id)}`)).toMatchObject({ id });
      expect(await get(`/v1/products/${encodeURIComponent(id)}/features`)).toMatchObject({ object: 'list' });
    }
    expect(await readAll('/v1/products?starting_after=..', 5)).toMatchObject([{ id: '.' }]);
  });

  it.each(['.', '..', '%2E%2E'])('a path with %s in it is another path', async (id) => {
    await start({ rows: { products: 3 }, chosenIds: { products: ['.', '..'] } });
    const { hostname, port } = new URL(sandbox.url);
    const headers = { authorization: `Bearer ${sandbox.apiKey}` };
    const asked = http.get({ hostname, port, path: `/v1/products/${id}/features`, headers });
    const [response] = (await once(asked, 'response')) as [http.IncomingMessage];
    expect(response.statusCode).toBe(404);
    expect(sandbox.requests().at(-1)?.path).toBe(id === '.' ? '/v1/products/features' : '/v1/features');
  });
});

describe('filters', () => {
  const middle = () => Number(sandbox.object('charges', sandbox.ids('charges')[100] ?? '')?.['created']);

  it.each([
    ['created[gte]', { gte: 0 }],
    ['created[gt]', { gte: 1 }],
    ['created[lte]', { lte: 0 }],
    ['created[lt]', { lte: -1 }],
    ['created%5Bgte%5D', { gte: 0 }],
    ['created', { gte: 0, lte: 0 }],
  ] as const)('%s is kept to', async (param, offsets) => {
    const at = middle();
    const within = Object.fromEntries(Object.entries(offsets).map(([bound, offset]) => [bound, at + offset]));
    expect(idsOf(await readAll(`/v1/charges?${param}=${at}`))).toEqual(sandbox.ids('charges', within));
  });

  it('the created filter of invoiceitems means date', async () => {
    const at = Number(sandbox.object('invoice_items', sandbox.ids('invoice_items')[50] ?? '')?.['date']);
    const items = await readAll(`/v1/invoiceitems?created[lte]=${at}`);
    expect(items).toHaveLength(ROWS - 50);
    expect(items[0]).not.toHaveProperty('created');
  });

  it('a cursor outside the filter is a place to go on from', async () => {
    const ids = sandbox.ids('charges');
    const lte = Number(sandbox.object('charges', ids[50] ?? '')?.['created']);
    const page = await getPage(`/v1/charges?limit=2&created[lte]=${lte}&starting_after=${ids[10]}`);
    expect(idsOf(page.data)).toEqual(ids.slice(50, 52));
  });

  it('other filters compare a field', async () => {
    const { customer } = (await readAll('/v1/charges')).find((charge) => charge['customer'] !== null) ?? {};
    const charges = await readAll(`/v1/charges?customer=${customer}`);
    expect(charges.length).toBeGreaterThan(0);
    expect(charges.every((charge) => charge['customer'] === customer)).toBe(true);
  });

  it('canceled subscriptions are left out unless status=all', async () => {
    const all = await readAll('/v1/subscriptions?status=all');
    expect(idsOf(all)).toEqual(sandbox.ids('subscriptions'));
    const usual = all.filter(({ status }) => status !== 'canceled');
    expect(usual.length).toBeLessThan(all.length);
    expect(idsOf(await readAll('/v1/subscriptions'))).toEqual(idsOf(usual));
    expect(idsOf(await readAll('/v1/subscriptions?status=canceled'))).toHaveLength(all.length - usual.length);
  });

  it('custom payment methods are left out unless their type is asked for', async () => {
    const usual = await readAll('/v1/payment_methods');
    const custom = await readAll('/v1/payment_methods?type=custom');
    expect(custom.length).toBeGreaterThan(0);
    expect(usual.length + custom.length).toBe(sandbox.count('payment_methods'));
  });
});

describe('lists of the catalog', () => {
  const cut = roots.filter(({ createdFilter }) => createdFilter !== false);
  const whole = roots.filter(({ createdFilter }) => createdFilter === false);

  it.each(
    cut.map((stream) => [stream.name, stream] as const),
  )('%s can be cut by when they were created', async (_, stream) => {
    const all = await readList(stream, stream.path);
    const time = all[Math.floor(all.length / 2)]?.[cursorFieldOf(stream)];
    const secondsOf = (row: Json) => toSeconds(row[cursorFieldOf(stream)]);
    const at = toSeconds(time);
    const isV2 = stream.path.startsWith('/v2/');
    const bounds = isV2
      ? { 'created[gte]': iso(at), 'created[lt]': iso(at + 1) }
      : { 'created[gte]': String(at), 'created[lte]': String(at) };
    const [from, to] = Object.entries(bounds).map(([name, value]) => withQuery(stream.path, { [name]: value }));
    expect(await readList(stream, from ?? '')).toEqual(all.filter((row) => secondsOf(row) >= at));
    expect(await readList(stream, to ?? '')).toEqual(all.filter((row) => secondsOf(row) <= at));
  });

  it.each(whole.map((stream) => [stream.name, stream] as const))('%s cannot', async (_, { path, params }) => {
    const error = await getError(withQuery(path, { ...params, 'created[gte]': '1' }));
    expect(error).toMatchObject({ status: 400, code: 'parameter_unknown', param: 'created[gte]' });
  });

  it.each(
    catalog.map((stream) => [stream.name, stream] as const),
  )('%s take no parameter that nobody knows', async (_, stream) => {
    const path = stream.parent ? pathFor(stream, await parentOf(stream)) : withQuery(stream.path, stream.params ?? {});
    expect((await request(path)).status).toBe(200);
    expect(await getError(withQuery(path, { limt: '1' }))).toMatchObject({ status: 400, code: 'parameter_unknown' });
    const most = stream.path.startsWith('/v2/') ? 20 : 100;
    expect(await getError(withQuery(path, { limit: String(most + 1) }))).toMatchObject({ status: 400, param: 'limit' });
    if (stream.paginates === false) expect((await request(withQuery(path, { limit: '1' }))).status).toBe(400);
  });

  it.each(
    children.filter(({ parent }) => parent.query).map((stream) => [stream.name, stream] as const),
  )('%s are not listed without saying whose', async (_, stream) => {
    const path = stream.path.replace('{id}', String((await parentOf(stream))['id']));
    if (KINDS.some((kind) => kind.path === path)) return;
    expect(await getError(path)).toMatchObject({ status: 400, code: 'parameter_missing' });
  });

  it.each(
    children.map((stream) => [stream.name, stream] as const),
  )('%s of all their parents are all there is', async (name, stream) => {
    await start({ rows: 12 });
    const rows: string[] = [];
    for (const parent of await readList(stream.parent.stream, stream.parent.stream.path)) {
      if (!hasList(stream, parent)) continue;
      const items = await readList(stream, pathFor(stream, parent));
      const own = items.filter(({ object }) => kindsOf(stream).includes(String(object)));
      rows.push(...own.map((item) => keyOf(stream, { ...item, ...copied(stream, parent) })));
    }
    expect(rows).toEqual(sandbox.rows(name));
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThan(0);
  });

  it.each(
    children.flatMap((stream) => (stream.parent.embeddedIn === undefined ? [] : [[stream.name, stream] as const])),
  )('%s that a parent embeds are the first ten of their list', async (_, stream) => {
    await start({ rows: 12, children: { [stream.name]: (index) => (index === 11 ? 0 : 9 + index) } });
    const { stream: parent, embeddedIn = '', expand } = stream.parent;
    if (expand) for (const row of await readList(parent, parent.path)) expect(valueAt(row, embeddedIn)).toBeUndefined();
    const path = expand ? withQuery(parent.path, { 'expand[]': `data.${embeddedIn}` }) : parent.path;
    let seen = 0;
    for (const row of await readList(parent, path)) {
      if (!hasList(stream, row)) continue;
      const list = valueAt(row, embeddedIn) as Page & { readonly url: string };
      const items = await readList(stream, pathFor(stream, row));
      expect(list).toMatchObject({ object: 'list', data: items.slice(0, 10), has_more: items.length > 10 });
      expect(await readAll(list.url, 9)).toEqual(items);
      seen += 1;
    }
    expect(seen).toBeGreaterThan(1);
  });

  it('parents have none, some, more than are embedded, or more than fit on a page', async () => {
    const counts = new Set(sandbox.ids('customers').map((id) => sandbox.children('customer_tax_ids', id).length));
    for (const few of [0, 1, 2]) expect(counts).toContain(few);
    expect([...counts].some((count) => count > 10 && count < 100)).toBe(true);
    expect([...counts].some((count) => count > 100)).toBe(true);
  });

  it('sources of customers are of several kinds, and one account is that of several customers', async () => {
    const sources = sandbox.ids('customers').flatMap((id) => [...sandbox.children('customer_sources', id)]);
    expect(new Set(sources.map(({ object }) => object))).toEqual(
      new Set(['account', 'bank_account', 'card', 'source']),
    );
    const accounts = sources.filter(({ object }) => object === 'account').map(({ id }) => id);
    expect(new Set(accounts).size).toBeLessThan(accounts.length);
  });

  it('a restricted key needs a permission for what is not embedded in the parent', async () => {
    const key = 'rk_test_restricted0002';
    await start({ keys: { [key]: { reads: ['accounts'] } } });
    const authorization = `Bearer ${key}`;
    const controlled = [...sandbox.objects('accounts')].find((it) => valueAt(it, 'controller.is_controller') === true);
    const id = controlled?.['id'];
    const status = async (path: string) => (await request(path, { authorization })).status;
    expect(await status(`/v1/accounts/${id}/external_accounts`)).toBe(200);
    expect(await status(`/v1/accounts/${id}/persons`)).toBe(403);
    expect(await status('/v1/issuing/cards')).toBe(403);
  });

  it('a page token of another list is refused', async () => {
    const { next_page_url: next } = await get('/v2/core/accounts');
    const token = String(next).split('page=')[1];
    expect(await getError(`/v2/core/event_destinations?page=${token}`)).toMatchObject({ status: 400, param: 'page' });
    expect((await get(`/v2/core/accounts?page=${token}`))['previous_page_url']).toBeNull();
  });

  /** The first parent that has the list. */
  async function parentOf(stream: StreamDefinition): Promise<Json> {
    if (!stream.parent) throw new Error(`${stream.name} has no parent`);
    const parents = await readList(stream.parent.stream, stream.parent.stream.path);
    const parent = parents.find((each) => hasList(stream, each));
    if (!parent) throw new Error(`no parent has ${stream.name}`);
    return parent;
  }
});

function hasList({ parent: edge }: StreamDefinition, parent: Json): boolean {
  const isOut = edge?.only !== undefined && valueAt(parent, edge.only.field) !== edge.only.is;
  const around = (edge?.embeddedIn ?? '').split('.').slice(0, -1).join('.');
  const needed = [...(around === '' ? [] : [around]), ...Object.values(edge?.query ?? {})];
  return !isOut && needed.every((path) => (valueAt(parent, path) ?? null) !== null);
}

function copied({ parent: edge }: StreamDefinition, parent: Json): Json {
  return Object.fromEntries(Object.entries(edge?.copy ?? {}).map(([field, source]) => [field, parent[source]]));
}

function toSeconds(time: unknown): number {
  return Math.floor(typeof time === 'string' ? Date.parse(time) / 1000 : Number(time));
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

describe('refusals', () => {
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

  it('a version that cannot be one is refused, others are echoed', async () => {
    expect(await getError('/v1/charges', { 'stripe-version': 'latest' })).toMatchObject({ status: 400 });
    const response = await request('/v1/charges', { 'stripe-version': '2024-06-20' });
    expect(response.headers.get('stripe-version')).toBe('2024-06-20');
  });
});

describe('keys', () => {
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

  it('the key may be the user name of Basic', async () => {
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
});

describe('objects', () => {
  const ajv = createAjv();
  const schemaOf = (name: string) => new URL(`../schemas/${name}.json`, import.meta.url);

  /** Of a stream, all objects there are, whatever the list leaves out. */
  function everything({ name, path, parent }: StreamDefinition): readonly Json[] {
    const kinds = KINDS.filter((kind) => kind.path === path);
    if (!parent) return kinds.flatMap((kind) => [...sandbox.objects(kind.name)]);
    return sandbox.ids(parent.stream.name).flatMap((id) => [...sandbox.children(name, id)]);
  }

  it.each(
    catalog.map((stream) => [stream.name, stream] as const),
  )('all %s are valid by their schema', (name, stream) => {
    const validate = ajv.compile(JSON.parse(readFileSync(schemaOf(name), 'utf8')));
    const objects = everything(stream).filter(({ object }) => kindsOf(stream).includes(String(object)));
    expect(objects.length).toBeGreaterThan(0);
    const wrong = objects.flatMap((object) =>
      validate(object) ? [] : [`${object['id']}: ${ajv.errorsText(validate.errors)}`],
    );
    expect(wrong).toEqual([]);
  });

  it('a GET by id gives what the list gives', async () => {
    for (const { name, path } of KINDS) {
      const [id = ''] = sandbox.ids(name);
      expect(await get(`${path}/${id}`), name).toEqual(sandbox.object(name, id));
    }
  });

  it('the same seed and now give the same bytes, another seed gives others', async () => {
    const first = sandbox;
    const texts = (it: Sandbox) => JSON.stringify(KINDS.map(({ name }) => [...it.objects(name)]));
    const second = await start();
    expect(texts(second)).toBe(texts(first));
    expect(texts(await start({ seed: 2 }))).not.toBe(texts(first));
  });

  it('bodies are JSON as Stripe prints it', async () => {
    const text = await (await request('/v1/invoices?limit=100')).text();
    expect(text).toBe(JSON.stringify(JSON.parse(text), null, 2));
  });

  it('ids refer to objects that are there', () => {
    const refers = [
      ['charges', 'payment_intent', 'payment_intents'],
      ['charges', 'balance_transaction', 'balance_transactions'],
      ['charges', 'payment_method', 'payment_methods'],
      ['refunds', 'charge', 'charges'],
      ['disputes', 'charge', 'charges'],
      ['invoices', 'customer', 'customers'],
      ['subscriptions', 'latest_invoice', 'invoices'],
      ['invoice_payments', 'invoice', 'invoices'],
      ['credit_notes', 'invoice', 'invoices'],
      ['prices', 'product', 'products'],
      ['payouts', 'balance_transaction', 'balance_transactions'],
    ] as const;
    for (const [name, field, target] of refers) {
      const ids = [...sandbox.objects(name)].map((object) => object[field]).filter((id) => id !== null);
      expect(ids.length, `${name}.${field}`).toBeGreaterThan(0);
      for (const id of ids) expect(sandbox.object(target, String(id)), `${name}.${field} ${id}`).toBeDefined();
    }
  });

  it('a charge knows what was refunded of it', () => {
    for (const charge of sandbox.objects('charges')) {
      const refunds = sandbox.children('charge_refunds', String(charge['id']));
      expect(refunds.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(charge['amount_refunded']);
    }
  });

  it('a balance transaction and its source know of each other', () => {
    const sources = { charge: 'charges', refund: 'refunds', payout: 'payouts', transfer: 'transfers' } as const;
    for (const { type, source, id } of sandbox.objects('balance_transactions')) {
      const name = sources[type as keyof typeof sources];
      if (name) expect(sandbox.object(name, String(source))?.['balance_transaction']).toBe(id);
    }
  });

  it('an automatic payout is the sum of what it contains; of a manual one nothing is known', async () => {
    await start({ rows: { payouts: 20, balance_transactions: 3000, charges: 2000 } });
    for (const { id, automatic, amount } of sandbox.objects('payouts')) {
      const path = `/v1/balance_transactions?payout=${id}`;
      if (!automatic) {
        const message = 'Balance transaction history can only be filtered on automatic transfers, not manual.';
        expect(await getError(path)).toMatchObject({ status: 400, message });
        continue;
      }
      const items = await readAll(path);
      expect(items).toEqual(sandbox.children('payout_balance_transactions', String(id)));
      const earned = items.filter(({ type }) => type !== 'payout').reduce((sum, { net }) => sum + Number(net), 0);
      expect(earned).toBe(amount);
    }
  });

  it('an invoice is the sum of its lines', () => {
    for (const invoice of sandbox.objects('invoices')) {
      const lines = sandbox.children('invoice_lines', String(invoice['id']));
      expect(lines.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(invoice['subtotal']);
    }
  });

  it('some numbers are beyond 32 bits, some texts beyond ASCII', () => {
    expect([...sandbox.objects('customers')].some(({ name }) => /[^\x20-\x7e]/.test(String(name)))).toBe(true);
    const amounts = [...sandbox.objects('payment_intents')].map(({ amount }) => Number(amount));
    expect(Math.max(...amounts)).toBeGreaterThan(2 ** 32);
  });
});

describe('embedded lists', () => {
  it.each([
    ['invoices', 'lines', 'invoice_lines', { children: { invoiceLines: () => 23 } }],
    ['subscriptions', 'items', 'subscription_items', { children: { subscriptionItems: () => 14 } }],
    ['transfers', 'reversals', 'transfer_reversals', { children: { transferReversals: () => 101 } }],
    ['credit_notes', 'lines', 'credit_note_lines', { children: { creditNoteLines: () => 11 } }],
  ])('of more than ten items %s hold the first ten, their own list has all', async (name, field, list, options) => {
    await start(options);
    const [id = ''] = sandbox.ids(name);
    const embedded = sandbox.object(name, id)?.[field] as Page & { readonly url: string };
    expect(embedded).toMatchObject({ object: 'list', has_more: true });
    const all = await readAll(embedded.url, 9);
    expect(all).toEqual(sandbox.children(list, id));
    expect(embedded.data).toEqual(all.slice(0, 10));
    expect(new Set(idsOf(all)).size).toBe(sandbox.children(list, id).length);
  });

  it('an item of a subscription can be had by its id', async () => {
    const [subscription = ''] = sandbox.ids('subscriptions');
    const [item] = sandbox.children('subscription_items', subscription);
    expect(await get(`/v1/subscription_items/${item?.['id']}`)).toEqual(item);
  });

  it('a list can be embedded the other way round, from its other end', async () => {
    await start({ children: { subscriptionItems: () => 15 }, embedded: { subscription_items: { items: 'last' } } });
    const [subscription] = (await getPage('/v1/subscriptions?limit=1')).data;
    const all = await readAll(`/v1/subscription_items?subscription=${subscription?.['id']}`, 9);
    expect(all).toHaveLength(15);
    const embedded = subscription?.['items'] as Page;
    expect(embedded.data).toEqual(all.toReversed().slice(0, 10));
  });

  it('what is embedded can be older than the list, and is no place to start after', async () => {
    await start({ children: { invoiceLines: () => 12 }, embedded: { invoice_lines: { items: 'stale' } } });
    const [invoice] = (await getPage('/v1/invoices?limit=1')).data;
    const path = `/v1/invoices/${invoice?.['id']}/lines`;
    const known = idsOf(await readAll(path));
    const [stale] = (invoice?.['lines'] as Page).data;
    expect(known).not.toContain(stale?.['id']);
    expect(await getError(`${path}?starting_after=${stale?.['id']}`)).toMatchObject({
      status: 400,
      code: 'resource_missing',
      param: 'starting_after',
    });
  });

  it.each([
    ['invoices', 'payments', 'invoice_payments_of_invoice', '/v1/invoices/payments'],
    ['customers', 'sources', 'customer_sources', '/v1/customers/:customer/sources'],
  ])('of %s, %s can have a url that leads nowhere', async (name, field, list, url) => {
    await start({ embedded: { [list]: { url: () => url } } });
    const [parent] = (await getPage(`/v1/${name}?limit=1&expand[]=data.${field}`)).data;
    expect(parent?.[field]).toMatchObject({ object: 'list', url });
    expect(await getError(url)).toMatchObject({ status: 404, code: 'resource_missing' });
  });

  it('the payments of an invoice are asked for by the invoice', async () => {
    await start({ rows: { invoices: 5, invoice_payments: 80 } });
    for (const invoice of await readAll('/v1/invoices?expand[]=data.payments')) {
      const all = await readAll(`/v1/invoice_payments?invoice=${invoice['id']}`, 9);
      expect((invoice['payments'] as Page).data).toEqual(all.slice(0, 10));
      expect((invoice['payments'] as Page).has_more).toBe(all.length > 10);
    }
    expect(await getError(`/v1/invoices/${sandbox.ids('invoices')[0]}/payments`)).toMatchObject({ status: 404 });
  });

  it('an item that is removed is in no list any more', async () => {
    await start({ children: { invoiceLines: () => 12 } });
    const [id = ''] = sandbox.ids('invoices');
    const [first, ...others] = await readAll(`/v1/invoices/${id}/lines`);
    sandbox.removeItem('invoice_lines', id, String(first?.['id']));
    expect(await readAll(`/v1/invoices/${id}/lines`)).toEqual(others);
    expect((await get(`/v1/invoices/${id}`))['lines']).toMatchObject({ data: others.slice(0, 10), has_more: true });
    expect(await getError(`/v1/invoices/${id}/lines?starting_after=${first?.['id']}`)).toMatchObject({ status: 400 });
    expect(sandbox.children('invoice_lines', id)).toEqual(others);
  });

  it('children can be counted', () => {
    const lines = sandbox.ids('invoices').map((id) => sandbox.children('invoice_lines', id).length);
    expect(sandbox.countChildren('invoice_lines')).toBe(lines.reduce((sum, count) => sum + count, 0));
  });
});

describe('expansion', () => {
  it('puts objects in place of ids, several levels deep', async () => {
    const expand = 'expand[]=data.customer&expand[1]=data.payment_intent.latest_charge';
    const { data } = await getPage(`/v1/charges?limit=100&${expand}`);
    const charge = data.find(({ customer }) => customer !== null) as Json & { customer: Json; payment_intent: Json };
    expect(charge.customer).toEqual(sandbox.object('customers', String(charge.customer['id'])));
    expect(charge.payment_intent['latest_charge']).toMatchObject({ object: 'charge' });
  });

  it('leads through lists', async () => {
    const { data } = await getPage('/v1/invoices?expand[]=data.lines.data.pricing');
    expect(data).toBeUndefined();
    const page = await getPage('/v1/subscriptions?expand[]=data.items.data.price');
    expect(page.data[0]?.['items']).toMatchObject({ data: [{ price: { object: 'price' } }] });
  });

  it.each([
    ['/v1/charges', 'refunds'],
    ['/v1/customers', 'sources'],
    ['/v1/customers', 'tax_ids'],
    ['/v1/customers', 'subscriptions'],
    ['/v1/customers', 'cash_balance'],
    ['/v1/invoices', 'payments'],
    ['/v1/prices', 'currency_options'],
    ['/v1/coupons', 'applies_to'],
  ])('%s have %s only when it is asked for', async (path, field) => {
    const [plain] = (await getPage(path)).data;
    const [expanded] = (await getPage(`${path}?expand[]=data.${field}`)).data;
    expect(plain).not.toHaveProperty(field);
    expect(expanded).toHaveProperty(field);
    expect(await get(`${path}/${plain?.['id']}?expand[]=${field}`)).toEqual(expanded);
  });

  it('only tiered prices have tiers', async () => {
    const prices = await readAll('/v1/prices?expand[]=data.tiers');
    for (const price of prices) expect('tiers' in price).toBe(price['billing_scheme'] === 'tiered');
    expect(prices.some((price) => 'tiers' in price)).toBe(true);
  });
});

describe('events', () => {
  it('there is one for every object of the last 30 days, and none before', async () => {
    const events = await readAll('/v1/events');
    expect(events.length).toBeGreaterThan(0);
    const charges = sandbox.ids('charges', { gte: NOW - 30 * 86_400 });
    const told = events.filter(({ type }) => String(type).match(/^charge\.(succeeded|failed)$/));
    expect(told.map(({ data }) => (data as { object: Json }).object['id'])).toEqual(charges);
    for (const { created } of events) expect(Number(created)).toBeGreaterThanOrEqual(NOW - 30 * 86_400);
  });

  it('type takes a wildcard, types a list', async () => {
    const all = (await readAll('/v1/events')).map(({ type }) => String(type));
    const wild = await readAll('/v1/events?type=invoice.*');
    expect(wild).toHaveLength(all.filter((type) => type.startsWith('invoice.')).length);
    const two = await readAll('/v1/events?types[]=charge.succeeded&types[1]=customer.created');
    expect(two).toHaveLength(all.filter((type) => ['charge.succeeded', 'customer.created'].includes(type)).length);
  });

  it('a canceled subscription is told of as deleted, and still there', async () => {
    await start();
    const [id = ''] = sandbox.ids('subscriptions');
    sandbox.update('subscriptions', id, { fields: { status: 'canceled' }, type: 'customer.subscription.deleted' });
    expect((await getPage('/v1/events?type=customer.subscription.deleted')).data).toHaveLength(1);
    expect(await get(`/v1/subscriptions/${id}`)).toMatchObject({ id, status: 'canceled' });
  });

  it('tell of what is added, changed and removed', async () => {
    await start();
    const [id = ''] = sandbox.append('customers', 1, NOW + 10);
    sandbox.update('customers', id, { fields: { name: 'New' }, at: NOW + 20 });
    sandbox.remove('customers', id, { at: NOW + 30 });
    const [deleted, updated, created] = (await getPage('/v1/events?limit=3')).data;
    expect(created).toMatchObject({ type: 'customer.created', created: NOW + 10, data: { object: { id } } });
    expect(updated).toMatchObject({
      type: 'customer.updated',
      data: { object: { id, name: 'New' }, previous_attributes: { name: expect.anything() } },
    });
    expect(deleted).toMatchObject({ type: 'customer.deleted', created: NOW + 30, data: { object: { name: 'New' } } });
  });

  it('tell of objects that are made from a schema, too', async () => {
    await start();
    const [id = ''] = sandbox.append('cards', 1, NOW + 10);
    sandbox.update('cards', id, { fields: { status: 'canceled' }, at: NOW + 20 });
    const events = (await getPage('/v1/events?type=issuing_card.*&limit=2')).data;
    expect(events).toMatchObject([
      { type: 'issuing_card.updated', data: { object: { id, status: 'canceled' } } },
      { type: 'issuing_card.created', data: { object: { id, object: 'issuing.card' } } },
    ]);
  });

  it('older ones than 30 days are gone, also as a place to page from', async () => {
    await start();
    const id = sandbox.ids('events').at(-1);
    sandbox.advance(86_400 * 31);
    expect(sandbox.count('events')).toBe(0);
    expect(await getError(`/v1/events?starting_after=${id}`)).toMatchObject({
      status: 400,
      message: expect.stringContaining("is no longer available because it's aged out of our retention policy"),
    });
  });
});

describe('changes', () => {
  beforeEach(async () => {
    await start();
  });

  it('what is added is the newest, or wherever its time puts it', async () => {
    const before = sandbox.ids('charges');
    const [late = ''] = sandbox.append('charges', 1, NOW);
    const created = Number(sandbox.object('charges', before[10] ?? '')?.['created']);
    const [early = ''] = sandbox.append('charges', 1, created);
    const wanted = [late, ...before.slice(0, 10), early, ...before.slice(10)];
    expect(idsOf(await readAll('/v1/charges', 3))).toEqual(wanted);
    expect(sandbox.ids('charges')).toEqual(wanted);
    const back = await getPage(`/v1/charges?limit=2&ending_before=${before[10]}`);
    expect(idsOf(back.data)).toEqual([before[9], early]);
  });

  it('what is removed is in no list, and no place to page from', async () => {
    const [, id = ''] = sandbox.ids('charges');
    sandbox.remove('charges', id);
    expect(sandbox.ids('charges')).not.toContain(id);
    expect(await readAll('/v1/charges')).toHaveLength(ROWS - 1);
    expect(await getError(`/v1/charges?starting_after=${id}`)).toMatchObject({
      status: 400,
      code: 'resource_missing',
      param: 'starting_after',
    });
    sandbox.restore('charges', id);
    expect(await readAll('/v1/charges')).toHaveLength(ROWS);
  });

  it('of a removed customer something is left, of a removed coupon nothing', async () => {
    const [customer = ''] = sandbox.ids('customers');
    const [coupon = ''] = sandbox.ids('coupons');
    sandbox.remove('customers', customer);
    sandbox.remove('coupons', coupon);
    expect(await get(`/v1/customers/${customer}`)).toEqual({ id: customer, object: 'customer', deleted: true });
    expect(await getError(`/v1/coupons/${coupon}`)).toMatchObject({ status: 404, code: 'resource_missing' });
  });

  it('a changed field is changed wherever the object is seen', async () => {
    const [id = ''] = sandbox.ids('subscriptions');
    sandbox.update('subscriptions', id, { fields: { status: 'canceled' } });
    expect(await get(`/v1/subscriptions/${id}`)).toMatchObject({ status: 'canceled' });
    expect(idsOf(await readAll('/v1/subscriptions'))).not.toContain(id);
    expect(await getError(`/v1/subscriptions?starting_after=${id}`)).toMatchObject({ code: 'resource_missing' });
  });

  it('a listener can change the data between two pages', async () => {
    const [, second = ''] = sandbox.ids('charges');
    sandbox.onRequest(({ n }) => {
      if (n === 1) sandbox.remove('charges', second);
    });
    await getPage('/v1/charges?limit=2');
    expect(await getError(`/v1/charges?limit=2&starting_after=${second}`)).toMatchObject({ code: 'resource_missing' });
  });
});

describe('limits', () => {
  const many = (count: number, path: (i: number) => string) =>
    Promise.all(Array.from({ length: count }, async (_, i) => request(path(i))));
  const reasons = (responses: readonly Response[]) =>
    responses.filter(({ status }) => status === 429).map(({ headers }) => headers.get('stripe-rate-limited-reason'));

  it('requests beyond the rate of an endpoint are turned away, those for objects sharing one', async () => {
    await start({ limits: { endpoint: 2 } });
    const responses = await many(40, (i) => `/v1/charges/${sandbox.ids('charges')[i]}`);
    expect(new Set(reasons(responses))).toEqual(new Set(['endpoint-rate']));
    const refused = responses.find(({ status }) => status === 429);
    expect(await refused?.json()).toMatchObject({ error: { code: 'rate_limit', type: 'invalid_request_error' } });
  });

  it('requests beyond the rate of the account are turned away', async () => {
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
  ])('what is more than may be in flight is turned away: %s', async (reason, limits) => {
    await start({ limits });
    sandbox.fault({ kind: 'stall', times: 3 });
    const hanging = new AbortController();
    const headers = { authorization: `Bearer ${sandbox.apiKey}` };
    const held = Array.from({ length: 3 }, () =>
      fetch(`${sandbox.url}/v1/coupons`, { headers, signal: hanging.signal }),
    );
    await expect.poll(() => sandbox.requests().filter(({ fault }) => fault === 'stall')).toHaveLength(3);
    expect(reasons([await request('/v1/coupons')])).toEqual([reason]);
    hanging.abort();
    await Promise.allSettled(held);
    await expect.poll(async () => (await request('/v1/coupons')).status).toBe(200);
  });
});

describe('faults', () => {
  const PATH = '/v1/charges';

  it('a fault hits as often as it was asked to, after those it lets pass, where it matches', async () => {
    sandbox.fault({ kind: '429', match: PATH, after: 1, times: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) {
      expect((await request('/v1/coupons')).status).toBe(200);
      statuses.push((await request(PATH)).status);
    }
    expect(statuses).toEqual([200, 429, 429, 200, 200]);
  });

  it('a 429 says what it was asked to say', async () => {
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
  ] as const)('%j is answered as %j', async (fault, error) => {
    sandbox.fault(fault);
    expect(await getError(PATH)).toMatchObject(error);
  });

  it.each([
    [{ kind: 'html' }, 200, /nginx/],
    [{ kind: 'status', status: 503, html: true }, 503, /nginx/],
    [{ kind: 'not_json' }, 200, /upstream/],
    [{ kind: 'not_json', body: 'null' }, 200, /^null$/],
  ] as const)('%j is answered with %i and a body that is no object', async (fault, status, text) => {
    sandbox.fault(fault);
    const response = await request(PATH);
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(text);
  });

  it.each([
    { kind: 'reset' },
    { kind: 'cut' },
    { kind: 'cut', chunked: true },
  ] as const)('%j breaks the request, and the next one is fine', async (fault) => {
    sandbox.fault(fault);
    await expect(request(PATH).then((response) => response.text())).rejects.toThrow();
    expect((await request(PATH)).status).toBe(200);
  });

  it.each([
    [true, 'response'],
    [false, 'nothing'],
  ])('a stall gives nothing more (headers: %s)', async (headers, seen) => {
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

  it('a redirect leads where it was asked to', async () => {
    sandbox.fault({ kind: 'redirect', to: 'http://127.0.0.1:1/elsewhere' });
    const response = await request(PATH);
    expect([response.status, response.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/elsewhere']);
  });

  it('a page can be empty and have more, be the same again, or hold a stranger', async () => {
    const [first] = sandbox.ids('charges');
    sandbox.fault({ kind: 'empty' });
    expect(await getPage(PATH)).toMatchObject({ data: [], has_more: true });
    sandbox.fault({ kind: 'same_page' });
    expect((await getPage(`${PATH}?starting_after=${first}`)).data[0]?.['id']).toBe(first);
    sandbox.fault({ kind: 'foreign_item' });
    expect(idsOf((await getPage(PATH)).data).slice(0, 2)).toEqual(['xx_foreign', first]);
  });
});

describe('the server', () => {
  it('logs what was asked, and counts it', async () => {
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

  it('sends the headers that Stripe sends, its clock as far off as it was told', async () => {
    await start({ clockSkewSeconds: 3600 });
    const { headers } = await request('/v1/charges');
    expect(headers.get('request-id')).toMatch(/^req_\w{14}$/);
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('stripe-version')).toBe('2026-10-28.endive');
    const ahead = Date.parse(headers.get('date') ?? '') - Date.now();
    expect(Math.round(ahead / 600_000)).toBe(6);
  });

  it('runs from the command line until it is told to stop', async () => {
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
  ])('refuses %s %s', async (...args) => {
    const main = new URL('sandbox/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', 'tsx', main, ...args], { stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([1, null]);
  });
});
