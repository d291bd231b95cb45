import { expect, it } from 'vitest';
import { catalogOf, errorsOf, idsOf, logsOf, recordsOf, runInProcess, statusesOf } from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import type { Sandbox } from './sandbox/sandbox.js';

function read(sandbox: Sandbox, streams: readonly string[], config: object = {}) {
  return runInProcess({ command: 'read', config: configOf(sandbox, config), catalog: catalogOf(streams) });
}

function listOf(row: Readonly<Record<string, unknown>>, field: string) {
  return row[field] as { readonly data: readonly { readonly id: string }[]; readonly has_more: boolean };
}

const sorted = (ids: readonly string[]) => [...ids].sort();

it.each([
  ['is in another order than its endpoint', { items: 'last' }],
  ['holds items that its endpoint no longer has', { items: 'stale' }],
  ['names a url that leads nowhere', { url: (): string => '/v1/customers/:customer/sources' }],
  ['names the url of another object', { url: (): string => '/v1/invoices/in_1/lines' }],
] as const)('an embedded list that lacks items is completed in its row, and every item is a row of the child, when it %s', async (_, embedding) => {
  const sandbox = await ownSandbox({
    rows: { subscriptions: 30 },
    children: { subscriptionItems: (n) => (n % 3 === 0 ? 15 : 2) },
    embedded: { subscription_items: embedding },
  });
  const result = await read(sandbox, ['subscriptions', 'subscription_items']);
  expect([result.code, errorsOf(result)]).toEqual([0, []]);
  for (const { data } of recordsOf(result, 'subscriptions')) {
    const items = listOf(data, 'items');
    expect(items.has_more).toBe(false);
    const all = sandbox.children('subscription_items', String(data['id']));
    expect(sorted(items.data.map(({ id }) => id))).toEqual(sorted(all.map(({ id }) => String(id))));
  }
  expect(sorted(idsOf(result, 'subscription_items'))).toEqual(sorted(sandbox.rows('subscription_items')));
  const alone = await read(sandbox, ['subscription_items']);
  expect(sorted(idsOf(alone))).toEqual(sorted(sandbox.rows('subscription_items')));
});

it('an embedded list loses an item that was deleted before the rest of the list was read', async () => {
  const sandbox = await ownSandbox({ rows: { invoices: 1 }, children: { invoiceLines: () => 25 } });
  const [invoice = ''] = sandbox.ids('invoices');
  const [line] = sandbox.children('invoice_lines', invoice);
  const stop = sandbox.onRequest(({ path }) => {
    if (!path.endsWith('/lines')) return;
    stop();
    sandbox.removeItem('invoice_lines', invoice, String(line?.['id']));
  });
  const [record] = recordsOf(await read(sandbox, ['invoices']));
  expect(listOf(record?.data ?? {}, 'lines').data).toEqual(sandbox.children('invoice_lines', invoice));
  expect(listOf(record?.data ?? {}, 'lines').data).toHaveLength(24);
});

it('the payments of an invoice are completed from the endpoint that is known, not from the url that they name', async () => {
  const sandbox = await ownSandbox({
    rows: { invoices: 20 },
    children: { invoice_payments: () => 14 },
    embedded: { invoice_payments: { url: (): string => '/v1/invoices/payments' } },
  });
  const result = await read(sandbox, ['invoices'], { expand: { invoices: ['payments'] } });
  expect([result.code, errorsOf(result)]).toEqual([0, []]);
  const asked = sandbox.requests().map(({ path }) => path);
  expect(asked).not.toContain('/v1/invoices/payments');
  for (const { data } of recordsOf(result)) {
    const payments = data['payments'] as { has_more: boolean } | undefined;
    expect(payments?.has_more).toBe(false);
  }
});

it('a row holds a bounded part of a very long embedded list and says so, and all items are rows of the child', async () => {
  const sandbox = await ownSandbox({ rows: { invoices: 3 }, children: { invoiceLines: (n) => (n === 1 ? 1_200 : 3) } });
  const result = await read(sandbox, ['invoices', 'invoice_line_items']);
  expect([result.code, statusesOf(result, 'invoices').at(-1)]).toEqual([0, 'COMPLETE']);
  const [long, ...others] = recordsOf(result, 'invoices').filter(({ meta }) => meta !== undefined);
  expect(others).toEqual([]);
  const lines = listOf(long?.data ?? {}, 'lines');
  expect([lines.data.length, lines.has_more]).toEqual([1000, true]);
  const reason = 'SOURCE_FIELD_SIZE_LIMITATION';
  expect(long?.meta).toEqual({ changes: [{ field: 'lines', change: 'TRUNCATED', reason }] });
  expect(logsOf(result, 'WARN').filter((text) => text.includes('more than 1000 items'))).toHaveLength(1);
  expect(new Set(idsOf(result, 'invoice_line_items')).size).toBe(1_206);
});
