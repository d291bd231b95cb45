import { describe, expect, it } from 'vitest';
import { Expansions } from '../../src/streams/expand.js';
import type { Request } from '../../src/stripe/client.js';
import { complete } from '../../src/sync/embedded.js';

const item = (id: string) => ({ id, object: 'line_item' });
const list = (ids: readonly string[], more: object = {}) => ({
  object: 'list',
  data: ids.map(item),
  has_more: false,
  ...more,
});

/** Completes a row; `answers` are what the lists say, in turn. */
async function completed(row: object, fields: readonly string[], answers: readonly object[] = []) {
  const asked: Request[] = [];
  const get = async (request: Request) => {
    asked.push(request);
    return answers[asked.length - 1];
  };
  const client = { get, requests: () => asked.length, stripeTime: () => undefined };
  const context = { client, expansions: new Expansions([], {}), warn: async () => {} };
  return { row: await complete(context, { id: 'in_1', object: 'invoice', ...row }, fields), asked };
}

describe('a row with embedded lists', () => {
  it('that are whole, null or not there costs no request and stays as it is', async () => {
    const row = { lines: list(['a']), payments: null };
    expect(await completed(row, ['lines', 'payments', 'refunds'])).toEqual({
      row: { id: 'in_1', object: 'invoice', ...row },
      asked: [],
    });
  });

  it('gets the rest of each by the URL that it names', async () => {
    const lines = list(['a', 'b'], { has_more: true, url: '/v1/invoices/in_1/lines' });
    const { row, asked } = await completed({ lines }, ['lines'], [list(['c'], { has_more: true }), list(['d'])]);
    expect(row['lines']).toEqual({ ...lines, data: ['a', 'b', 'c', 'd'].map(item), has_more: false });
    expect(asked.map(({ path, endpoint }) => [path, endpoint])).toEqual([
      ['/v1/invoices/in_1/lines', '/v1/invoices/{id}/lines'],
      ['/v1/invoices/in_1/lines', '/v1/invoices/{id}/lines'],
    ]);
    expect(asked[0]?.params).toContainEqual(['starting_after', 'b']);
  });

  it('keeps the query of the URL, and what surrounds a list that is deep inside', async () => {
    const line_items = list(['a'], { has_more: true, url: '/v1/things?of=in_1' });
    const { row, asked } = await completed({ amount: { tip: 1, line_items } }, ['amount.line_items'], [list(['b'])]);
    expect(row['amount']).toEqual({
      tip: 1,
      line_items: { ...line_items, data: [item('a'), item('b')], has_more: false },
    });
    expect(asked[0]?.params).toContainEqual(['of', 'in_1']);
  });

  it.each([
    [undefined],
    ['https://elsewhere.example/v1/x'],
    ['//elsewhere.example/v1/x'],
    [7],
  ])('asks nobody but the API for the rest (%j)', async (url) => {
    const lines = list(['a'], { has_more: true, url });
    await expect(completed({ lines }, ['lines'])).rejects.toThrow('no URL to read them from');
  });
});
