import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { catalog } from '../src/streams/catalog.js';
import { kindsOf, type StreamDefinition } from '../src/streams/definition.js';
import { createAjv } from './connector.js';
import { KINDS } from './sandbox/kinds/registry.js';
import type { Sandbox } from './sandbox/sandbox.js';
import {
  get,
  getError,
  getPage,
  idsOf,
  type Json,
  NOW,
  type Page,
  ROWS,
  readAll,
  request,
  sandbox,
  start,
} from './sandbox-client.js';

const ajv = createAjv();
const schemaOf = (name: string) => new URL(`../schemas/${name}.json`, import.meta.url);

/** All objects of a stream, even those that the list leaves out. */
function everything({ name, path, parent }: StreamDefinition): readonly Json[] {
  const kinds = KINDS.filter((kind) => kind.path === path);
  if (!parent) return kinds.flatMap((kind) => [...sandbox.objects(kind.name)]);
  return sandbox.ids(parent.stream.name).flatMap((id) => [...sandbox.children(name, id)]);
}

it.each(catalog.map((stream) => [stream.name, stream] as const))('all %s are valid by their schema', (name, stream) => {
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

it('ids refer to objects that exist', () => {
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

it('the refunds of a charge add up to its amount_refunded', () => {
  for (const charge of sandbox.objects('charges')) {
    const refunds = sandbox.children('charge_refunds', String(charge['id']));
    expect(refunds.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(charge['amount_refunded']);
  }
});

it('a balance transaction and its source refer to each other', () => {
  const sources = { charge: 'charges', refund: 'refunds', payout: 'payouts', transfer: 'transfers' } as const;
  for (const { type, source, id } of sandbox.objects('balance_transactions')) {
    const name = sources[type as keyof typeof sources];
    if (name) expect(sandbox.object(name, String(source))?.['balance_transaction']).toBe(id);
  }
});

it('an automatic payout is the sum of its transactions, and those of a manual one are not listed', async () => {
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

it.each([
  ['invoices', 'lines', 'invoice_lines', { children: { invoiceLines: () => 23 } }],
  ['subscriptions', 'items', 'subscription_items', { children: { subscriptionItems: () => 14 } }],
  ['transfers', 'reversals', 'transfer_reversals', { children: { transferReversals: () => 101 } }],
  ['credit_notes', 'lines', 'credit_note_lines', { children: { creditNoteLines: () => 11 } }],
])('%s embed the first ten of more items, and the list has all of them', async (name, field, list, options) => {
  await start(options);
  const [id = ''] = sandbox.ids(name);
  const embedded = sandbox.object(name, id)?.[field] as Page & { readonly url: string };
  expect(embedded).toMatchObject({ object: 'list', has_more: true });
  const all = await readAll(embedded.url, 9);
  expect(all).toEqual(sandbox.children(list, id));
  expect(embedded.data).toEqual(all.slice(0, 10));
  expect(new Set(idsOf(all)).size).toBe(sandbox.children(list, id).length);
});

it('an item of a subscription can be read by its id', async () => {
  const [subscription = ''] = sandbox.ids('subscriptions');
  const [item] = sandbox.children('subscription_items', subscription);
  expect(await get(`/v1/subscription_items/${item?.['id']}`)).toEqual(item);
});

it('a list can be embedded in reverse order, from its other end', async () => {
  await start({ children: { subscriptionItems: () => 15 }, embedded: { subscription_items: { items: 'last' } } });
  const [subscription] = (await getPage('/v1/subscriptions?limit=1')).data;
  const all = await readAll(`/v1/subscription_items?subscription=${subscription?.['id']}`, 9);
  expect(all).toHaveLength(15);
  const embedded = subscription?.['items'] as Page;
  expect(embedded.data).toEqual(all.toReversed().slice(0, 10));
});

it('an embedded item can be one that the list no longer has, and no page starts after it', async () => {
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
])('of %s, the embedded list %s can have a url that leads nowhere', async (name, field, list, url) => {
  await start({ embedded: { [list]: { url: () => url } } });
  const [parent] = (await getPage(`/v1/${name}?limit=1&expand[]=data.${field}`)).data;
  expect(parent?.[field]).toMatchObject({ object: 'list', url });
  expect(await getError(url)).toMatchObject({ status: 404, code: 'resource_missing' });
});

it('the payments of an invoice are listed by its id', async () => {
  await start({ rows: { invoices: 5, invoice_payments: 80 } });
  for (const invoice of await readAll('/v1/invoices?expand[]=data.payments')) {
    const all = await readAll(`/v1/invoice_payments?invoice=${invoice['id']}`, 9);
    expect((invoice['payments'] as Page).data).toEqual(all.slice(0, 10));
    expect((invoice['payments'] as Page).has_more).toBe(all.length > 10);
  }
  expect(await getError(`/v1/invoices/${sandbox.ids('invoices')[0]}/payments`)).toMatchObject({ status: 404 });
});

it('a removed item is in no list any more', async () => {
  await start({ children: { invoiceLines: () => 12 } });
  const [id = ''] = sandbox.ids('invoices');
  const [first, ...others] = await readAll(`/v1/invoices/${id}/lines`);
  sandbox.removeItem('invoice_lines', id, String(first?.['id']));
  expect(await readAll(`/v1/invoices/${id}/lines`)).toEqual(others);
  expect((await get(`/v1/invoices/${id}`))['lines']).toMatchObject({ data: others.slice(0, 10), has_more: true });
  expect(await getError(`/v1/invoices/${id}/lines?starting_after=${first?.['id']}`)).toMatchObject({ status: 400 });
  expect(sandbox.children('invoice_lines', id)).toEqual(others);
});

it('countChildren counts the items of all parents', () => {
  const lines = sandbox.ids('invoices').map((id) => sandbox.children('invoice_lines', id).length);
  expect(sandbox.countChildren('invoice_lines')).toBe(lines.reduce((sum, count) => sum + count, 0));
});

it('an expand puts objects in place of ids, several levels deep', async () => {
  const expand = 'expand[]=data.customer&expand[1]=data.payment_intent.latest_charge';
  const { data } = await getPage(`/v1/charges?limit=100&${expand}`);
  const charge = data.find(({ customer }) => customer !== null) as Json & { customer: Json; payment_intent: Json };
  expect(charge.customer).toEqual(sandbox.object('customers', String(charge.customer['id'])));
  expect(charge.payment_intent['latest_charge']).toMatchObject({ object: 'charge' });
});

it('an expand leads through lists', async () => {
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
])('%s have %s only when it is expanded', async (path, field) => {
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

it('there is an event for every object of the last 30 days, and none before', async () => {
  const events = await readAll('/v1/events');
  expect(events.length).toBeGreaterThan(0);
  const charges = sandbox.ids('charges', { gte: NOW - 30 * 86_400 });
  const told = events.filter(({ type }) => String(type).match(/^charge\.(succeeded|failed)$/));
  expect(told.map(({ data }) => (data as { object: Json }).object['id'])).toEqual(charges);
  for (const { created } of events) expect(Number(created)).toBeGreaterThanOrEqual(NOW - 30 * 86_400);
});

it('events can be filtered by a wildcard or by a list of types', async () => {
  const all = (await readAll('/v1/events')).map(({ type }) => String(type));
  const wild = await readAll('/v1/events?type=invoice.*');
  expect(wild).toHaveLength(all.filter((type) => type.startsWith('invoice.')).length);
  const two = await readAll('/v1/events?types[]=charge.succeeded&types[1]=customer.created');
  expect(two).toHaveLength(all.filter((type) => ['charge.succeeded', 'customer.created'].includes(type)).length);
});

it('a canceled subscription has an event that says deleted, and still exists', async () => {
  await start();
  const [id = ''] = sandbox.ids('subscriptions');
  sandbox.update('subscriptions', id, { fields: { status: 'canceled' }, type: 'customer.subscription.deleted' });
  expect((await getPage('/v1/events?type=customer.subscription.deleted')).data).toHaveLength(1);
  expect(await get(`/v1/subscriptions/${id}`)).toMatchObject({ id, status: 'canceled' });
});

it('events tell of what is added, changed and removed', async () => {
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

it('events tell of objects that are made from a schema, too', async () => {
  await start();
  const [id = ''] = sandbox.append('cards', 1, NOW + 10);
  sandbox.update('cards', id, { fields: { status: 'canceled' }, at: NOW + 20 });
  const events = (await getPage('/v1/events?type=issuing_card.*&limit=2')).data;
  expect(events).toMatchObject([
    { type: 'issuing_card.updated', data: { object: { id, status: 'canceled' } } },
    { type: 'issuing_card.created', data: { object: { id, object: 'issuing.card' } } },
  ]);
});

it('events older than 30 days are gone, and no page starts after one', async () => {
  await start();
  const id = sandbox.ids('events').at(-1);
  sandbox.advance(86_400 * 31);
  expect(sandbox.count('events')).toBe(0);
  expect(await getError(`/v1/events?starting_after=${id}`)).toMatchObject({
    status: 400,
    message: expect.stringContaining("is no longer available because it's aged out of our retention policy"),
  });
});

it('an object that is added stands where its time puts it', async () => {
  await start();
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

it('an object that is removed is in no list, and no page starts after it', async () => {
  await start();
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

it('a removed customer leaves a tombstone, and a removed coupon nothing', async () => {
  await start();
  const [customer = ''] = sandbox.ids('customers');
  const [coupon = ''] = sandbox.ids('coupons');
  sandbox.remove('customers', customer);
  sandbox.remove('coupons', coupon);
  expect(await get(`/v1/customers/${customer}`)).toEqual({ id: customer, object: 'customer', deleted: true });
  expect(await getError(`/v1/coupons/${coupon}`)).toMatchObject({ status: 404, code: 'resource_missing' });
});

it('a changed field is changed in every answer that has the object', async () => {
  await start();
  const [id = ''] = sandbox.ids('subscriptions');
  sandbox.update('subscriptions', id, { fields: { status: 'canceled' } });
  expect(await get(`/v1/subscriptions/${id}`)).toMatchObject({ status: 'canceled' });
  expect(idsOf(await readAll('/v1/subscriptions'))).not.toContain(id);
  expect(await getError(`/v1/subscriptions?starting_after=${id}`)).toMatchObject({ code: 'resource_missing' });
});

it('a listener can change the data between two pages', async () => {
  await start();
  const [, second = ''] = sandbox.ids('charges');
  sandbox.onRequest(({ n }) => {
    if (n === 1) sandbox.remove('charges', second);
  });
  await getPage('/v1/charges?limit=2');
  expect(await getError(`/v1/charges?limit=2&starting_after=${second}`)).toMatchObject({ code: 'resource_missing' });
});
