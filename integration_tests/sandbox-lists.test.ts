import { once } from 'node:events';
import http from 'node:http';
import { expect, it } from 'vitest';
import { catalog } from '../src/streams/catalog.js';
import { cursorFieldOf, kindsOf, type StreamDefinition } from '../src/streams/definition.js';
import { keyOf } from './sandbox/inspection.js';
import { KINDS } from './sandbox/kinds/registry.js';
import {
  get,
  getError,
  getPage,
  idsOf,
  type Json,
  type Page,
  pathFor,
  ROWS,
  readAll,
  readList,
  request,
  sandbox,
  start,
  valueAt,
  withQuery,
} from './sandbox-client.js';

const roots = catalog.filter(({ parent }) => parent === undefined);
const children = catalog.flatMap((stream) => (stream.parent ? [{ ...stream, parent: stream.parent }] : []));

it.each(
  roots.map((stream) => [stream.name, stream] as const),
)('the pages of %s together hold every object once', async (name, stream) => {
  const rows = await readList(stream, stream.path);
  expect(rows.map((row) => keyOf(stream, row))).toEqual(sandbox.rows(name));
  expect(rows.length).toBeGreaterThan(0);
  expect(new Set(sandbox.rows(name)).size).toBe(rows.length);
});

it.each(
  roots.map((stream) => [stream.name, stream] as const),
)('pages of seven together hold every object of %s', async (name, stream) => {
  await start({ rows: 30 });
  const rows = await readList(stream, stream.path, 7);
  expect(rows.map((row) => keyOf(stream, row))).toEqual(sandbox.rows(name));
});

it('pages of any size add up to the same list', async () => {
  for (const limit of [1, 7, 100]) expect(idsOf(await readAll('/v1/coupons', limit))).toEqual(sandbox.ids('coupons'));
});

it('a page has ten items unless a limit is given', async () => {
  expect((await getPage('/v1/charges')).data).toHaveLength(10);
});

it('a list has its newest items first', async () => {
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
] as const)('paging finds every object when their times are %s', async (shape) => {
  await start({ shapes: { charges: shape } });
  expect(idsOf(await readAll('/v1/charges'))).toEqual(sandbox.ids('charges'));
  expect(new Set(sandbox.ids('charges')).size).toBe(ROWS);
});

it('objects are created at the times that a shape lists', async () => {
  await start({ shapes: { charges: [500, 700, 600] } });
  expect((await readAll('/v1/charges')).map(({ created }) => created)).toEqual([700, 600, 500]);
});

it('a list of a million charges can be read from anywhere', async () => {
  await start({ rows: { charges: 1_000_000 } });
  const { created } = (await getPage('/v1/charges?limit=1')).data[0] ?? {};
  const { data } = await getPage(`/v1/charges?limit=100&created[lte]=${Number(created) - 300 * 86_400}`);
  expect(idsOf((await getPage(`/v1/charges?limit=100&starting_after=${data[98]?.['id']}`)).data)[0]).toBe(
    data[99]?.['id'],
  );
});

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

it('ids that users chose may contain anything that a URL can carry', async () => {
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

const middle = () => Number(sandbox.object('charges', sandbox.ids('charges')[100] ?? '')?.['created']);

it.each([
  ['created[gte]', { gte: 0 }],
  ['created[gt]', { gte: 1 }],
  ['created[lte]', { lte: 0 }],
  ['created[lt]', { lte: -1 }],
  ['created%5Bgte%5D', { gte: 0 }],
  ['created', { gte: 0, lte: 0 }],
] as const)('a list keeps to the filter %s', async (param, offsets) => {
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

it('a page can start after an object outside the filter', async () => {
  const ids = sandbox.ids('charges');
  const lte = Number(sandbox.object('charges', ids[50] ?? '')?.['created']);
  const page = await getPage(`/v1/charges?limit=2&created[lte]=${lte}&starting_after=${ids[10]}`);
  expect(idsOf(page.data)).toEqual(ids.slice(50, 52));
});

it('a filter other than created compares a field', async () => {
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

it('custom payment methods are left out unless their type is requested', async () => {
  const usual = await readAll('/v1/payment_methods');
  const custom = await readAll('/v1/payment_methods?type=custom');
  expect(custom.length).toBeGreaterThan(0);
  expect(usual.length + custom.length).toBe(sandbox.count('payment_methods'));
});

const cut = roots.filter(({ createdFilter }) => createdFilter !== false);
const whole = roots.filter(({ createdFilter }) => createdFilter === false);

it.each(
  cut.map((stream) => [stream.name, stream] as const),
)('%s can be filtered by the time of their creation', async (_, stream) => {
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

it.each(
  whole.map((stream) => [stream.name, stream] as const),
)('%s cannot be filtered by the time of their creation', async (_, { path, params }) => {
  const error = await getError(withQuery(path, { ...params, 'created[gte]': '1' }));
  expect(error).toMatchObject({ status: 400, code: 'parameter_unknown', param: 'created[gte]' });
});

it.each(
  catalog.map((stream) => [stream.name, stream] as const),
)('a request for %s with an unknown parameter is refused', async (_, stream) => {
  const path = stream.parent ? pathFor(stream, await parentOf(stream)) : withQuery(stream.path, stream.params ?? {});
  expect((await request(path)).status).toBe(200);
  expect(await getError(withQuery(path, { limt: '1' }))).toMatchObject({ status: 400, code: 'parameter_unknown' });
  const most = stream.path.startsWith('/v2/') ? 20 : 100;
  expect(await getError(withQuery(path, { limit: String(most + 1) }))).toMatchObject({ status: 400, param: 'limit' });
  if (stream.paginates === false) expect((await request(withQuery(path, { limit: '1' }))).status).toBe(400);
});

it.each(
  children.filter(({ parent }) => parent.query).map((stream) => [stream.name, stream] as const),
)('%s are not listed without a parent', async (_, stream) => {
  const path = stream.path.replace('{id}', String((await parentOf(stream))['id']));
  if (KINDS.some((kind) => kind.path === path)) return;
  expect(await getError(path)).toMatchObject({ status: 400, code: 'parameter_missing' });
});

it.each(
  children.map((stream) => [stream.name, stream] as const),
)('%s of all their parents together are every row of the stream', async (name, stream) => {
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

it('parents have no items, some, more than are embedded, or more than fit on a page', async () => {
  const counts = new Set(sandbox.ids('customers').map((id) => sandbox.children('customer_tax_ids', id).length));
  for (const few of [0, 1, 2]) expect(counts).toContain(few);
  expect([...counts].some((count) => count > 10 && count < 100)).toBe(true);
  expect([...counts].some((count) => count > 100)).toBe(true);
});

it('sources of customers are of several kinds, and several customers have one account', async () => {
  const sources = sandbox.ids('customers').flatMap((id) => [...sandbox.children('customer_sources', id)]);
  expect(new Set(sources.map(({ object }) => object))).toEqual(new Set(['account', 'bank_account', 'card', 'source']));
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
