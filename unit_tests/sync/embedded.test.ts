import { describe, expect, it } from 'vitest';
import { Expansions } from '../../src/streams/expand.js';
import type { Params, Request } from '../../src/stripe/client.js';
import { complete } from '../../src/sync/embedded.js';

const item = (id: string) => ({ id, object: 'line_item' });
const list = (ids: readonly string[], more: object = {}) => ({
  object: 'list',
  data: ids.map(item),
  has_more: false,
  ...more,
});

/** Completes a row; `answers` are what the lists say, in turn. */
async function completed(row: object, answers: readonly object[] = [], expand: Params = []) {
  const asked: Request[] = [];
  const get = async (request: Request) => {
    asked.push(request);
    return answers[asked.length - 1];
  };
  const client = { get, requests: () => asked.length, delayMs: () => 0, stripeTime: () => undefined };
  const context = { client, expansions: new Expansions([], {}), warn: async () => {} };
  return { row: await complete(context, { id: 'in_1', object: 'invoice', ...row }, expand), asked };
}

describe('a row with embedded lists', () => {
  it('that are whole, null or not there costs no request and stays as it is', async () => {
    const row = { lines: list(['a']), payments: null };
    expect(await completed(row)).toEqual({
      row: { id: 'in_1', object: 'invoice', ...row },
      asked: [],
    });
  });

  it('gets the rest of each by the URL that it names', async () => {
    const lines = list(['a', 'b'], { has_more: true, url: '/v1/invoices/in_1/lines' });
    const { row, asked } = await completed({ lines }, [list(['c'], { has_more: true }), list(['d'])]);
    expect(row['lines']).toEqual({ ...lines, data: ['a', 'b', 'c', 'd'].map(item), has_more: false });
    expect(asked.map(({ path, endpoint }) => [path, endpoint])).toEqual([
      ['/v1/invoices/in_1/lines', '/v1/invoices/{id}/lines'],
      ['/v1/invoices/in_1/lines', '/v1/invoices/{id}/lines'],
    ]);
    expect(asked[0]?.params).toContainEqual(['starting_after', 'b']);
  });

  it('keeps the query of the URL, and what surrounds a list that is deep inside', async () => {
    const line_items = list(['a'], { has_more: true, url: '/v1/things?of=in_1' });
    const { row, asked } = await completed({ amount: { tip: 1, line_items } }, [list(['b'])]);
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
    await expect(completed({ lines })).rejects.toThrow('no URL to read them from');
  });

  it('gets items that are expanded as those are that Stripe embeds', async () => {
    const lines = list(['a'], { has_more: true, url: '/v1/invoices/in_1/lines' });
    const expand: Params = [
      ['expand[]', 'data.lines.data.price'],
      ['expand[]', 'data.customer'],
    ];
    const { asked } = await completed({ lines }, [list(['b'])], expand);
    expect(asked[0]?.params?.filter(([name]) => name === 'expand[]')).toEqual([['expand[]', 'data.price']]);
  });

  it('is completed in lists within arrays and within lists, too', async () => {
    const items = list(['x'], { has_more: true, url: '/v1/subscription_items?subscription=sub_1' });
    const lines = { ...list([]), data: [{ ...item('a'), subscriptions: [{ items }] }] };
    const { row } = await completed({ lines }, [list(['y'])]);
    const [line] = (row['lines'] as { data: { subscriptions: { items: { data: unknown } }[] }[] }).data;
    expect(line?.subscriptions[0]?.items.data).toEqual([item('x'), item('y')]);
  });
});
