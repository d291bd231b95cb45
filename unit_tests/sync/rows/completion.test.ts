import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/stripe/client.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { Expansions } from '../../../src/sync/account/expansions.js';
import { complete, MOST_EMBEDDED_ITEMS } from '../../../src/sync/rows/completion.js';

const item = (id: string) => ({ id, object: 'line_item' });
const list = (ids: readonly string[], more: object = {}) => ({
  object: 'list',
  data: ids.map(item),
  has_more: false,
  ...more,
});

type Answer = object | StripeError;

/** Completes a row; `answer` is what Stripe says to each request: an error is thrown. */
async function completed(row: object, answer: (request: Request) => Answer, fields: readonly string[] = []) {
  const asked: Request[] = [];
  const get = async (request: Request) => {
    asked.push(request);
    const said = answer(request);
    if (said instanceof StripeError) throw said;
    return said;
  };
  const client = { get, requests: () => asked.length, delayMs: () => 0, stripeTime: () => undefined };
  const context = { client, expansions: new Expansions([], {}), say: async () => {} };
  const result = await complete(context, { id: 'in_1', object: 'invoice', ...row }, fields);
  return { ...result, asked };
}

/** What each request asked for, in one text. */
function askedOf(asked: readonly Request[]): readonly string[] {
  return asked.map(({ path, params = [] }) => `${path}?${params.map((pair) => pair.join('=')).join('&')}`);
}

const unasked = () => new StripeError('request', 'must not be asked');

describe('a row with embedded lists', () => {
  it('a row whose embedded lists are whole, null or not there costs no request and stays as it is', async () => {
    const row = { lines: list(['a']), payments: null };
    expect(await completed(row, unasked)).toMatchObject({ row, asked: [], changes: [], isCut: false });
  });

  it('a cut list is read from the top of the endpoint that is known of it, whatever was embedded', async () => {
    const lines = list(['gone', 'b'], { has_more: true, url: '/v1/elsewhere' });
    const { row, asked } = await completed({ lines }, ({ params = [] }) =>
      params.some(([name]) => name === 'starting_after') ? list(['a']) : list(['c', 'b'], { has_more: true }),
    );
    expect(row['lines']).toEqual({ ...lines, data: ['c', 'b', 'a'].map(item), has_more: false });
    expect(askedOf(asked)).toEqual([
      '/v1/invoices/in_1/lines?limit=100',
      '/v1/invoices/in_1/lines?limit=100&starting_after=b',
    ]);
    expect(asked.map(({ endpoint }) => endpoint)).toEqual(['/v1/invoices/{id}/lines', '/v1/invoices/{id}/lines']);
  });

  it.each([
    ['/v1/invoices/payments'],
    ['/v1/customers/:customer/sources'],
    ['https://elsewhere.example/v1/x'],
    [undefined],
    [7],
  ])('the url in the answer is never believed (%j)', async (url) => {
    const payments = list(['a'], { has_more: true, url });
    const { asked } = await completed({ payments }, () => list(['b']));
    expect(askedOf(asked)).toEqual(['/v1/invoice_payments?limit=100&invoice=in_1']);
  });

  it('a cut list of which no endpoint has the rest fails by name', async () => {
    const things = list(['a'], { has_more: true, url: '/v1/invoices/in_1/things' });
    await expect(completed({ inner: { things } }, unasked)).rejects.toThrow('"inner.things" of invoice in_1');
  });

  it('the items of a cut list are expanded as those are that Stripe embeds', async () => {
    const lines = list(['a'], { has_more: true });
    const fields = ['lines.data.price', 'customer'];
    const { asked } = await completed({ lines }, () => list(['b']), fields);
    expect(asked[0]?.params?.filter(([name]) => name === 'expand[]')).toEqual([['expand[]', 'data.price']]);
  });

  it('a row is completed in the objects that it holds, too, each by its own endpoint', async () => {
    const items = list(['x'], { has_more: true });
    const lines = {
      ...list([]),
      data: [{ ...item('a'), subscriptions: [{ id: 'sub_1', object: 'subscription', items }] }],
    };
    const quote = {
      id: 'qt_1',
      object: 'quote',
      computed: { upfront: { line_items: list(['q'], { has_more: true }) } },
    };
    const { row, asked } = await completed({ lines, quote }, () => list(['y']));
    const [line] = (row['lines'] as { data: { subscriptions: { items: { data: unknown } }[] }[] }).data;
    expect(line?.subscriptions[0]?.items.data).toEqual([item('y')]);
    expect(askedOf(asked)).toEqual([
      '/v1/subscription_items?limit=100&subscription=sub_1',
      '/v1/quotes/qt_1/computed_upfront_line_items?limit=100',
    ]);
  });

  it('a cut list has every item once when the place in it is lost in between', async () => {
    const lines = list(['a'], { has_more: true });
    let isLost = false;
    const { row } = await completed({ lines }, ({ params = [] }) => {
      if (!params.some(([name]) => name === 'starting_after')) return list(['a', 'b'], { has_more: true });
      if (isLost) return list(['c']);
      isLost = true;
      return new StripeError('cursor', 'No such line');
    });
    expect(row['lines']).toMatchObject({ data: ['a', 'b', 'c'].map(item), has_more: false });
  });

  it('a row keeps a bounded number of items of a list, and says so', async () => {
    const lines = list(['a'], { has_more: true });
    let pages = 0;
    const { row, changes, asked } = await completed({ lines }, () => {
      pages += 1;
      return list(
        Array.from({ length: 100 }, (_, index) => `l_${pages}_${index}`),
        { has_more: pages < 1000 },
      );
    });
    expect(row['lines']).toMatchObject({ has_more: true });
    expect((row['lines'] as { data: unknown[] }).data).toHaveLength(MOST_EMBEDDED_ITEMS);
    expect(changes).toEqual([{ field: 'lines', change: 'TRUNCATED', reason: 'SOURCE_FIELD_SIZE_LIMITATION' }]);
    expect(asked.length).toBeLessThanOrEqual(MOST_EMBEDDED_ITEMS / 100 + 1);
  });

  it('a row holds a bounded number of items in all of its lists together, and never fewer than Stripe embeds', async () => {
    const items = list(['x', 'y'], { has_more: true });
    const subscriptions = ['sub_1', 'sub_2', 'sub_3'].map((id) => ({ id, object: 'subscription', items }));
    let asked = 0;
    const { row, changes } = await completed({ subscriptions }, () => {
      asked += 1;
      return list(
        Array.from({ length: 100 }, (_, index) => `l_${asked}_${index}`),
        { has_more: asked % 9 !== 0 },
      );
    });
    const lengths = (row['subscriptions'] as { items: { data: unknown[] } }[]).map((each) => each.items.data.length);
    expect(lengths).toEqual([900, 100, 2]);
    expect(changes).toEqual([expect.objectContaining({ field: 'subscriptions.items', change: 'TRUNCATED' })]);
  });

  it('a list that is just as long as the bound is whole', async () => {
    const lines = list(['a'], { has_more: true });
    let pages = 0;
    const { row, changes } = await completed({ lines }, () => {
      pages += 1;
      const ids = Array.from({ length: 100 }, (_, index) => `l_${pages}_${index}`);
      return list(ids, { has_more: pages < MOST_EMBEDDED_ITEMS / 100 });
    });
    expect({ more: (row['lines'] as { has_more: unknown }).has_more, changes }).toEqual({ more: false, changes: [] });
  });

  it('a cut list is left as it is when the object is gone, and only then', async () => {
    const lines = list(['a'], { has_more: true });
    const lost = new StripeError('not_found', 'No such list');
    const gone = await completed({ lines }, () => lost);
    expect(gone).toMatchObject({ isCut: true, row: { lines } });
    const deleted = await completed({ lines }, ({ path }) =>
      path === '/v1/invoices/in_1' ? { id: 'in_1', object: 'invoice', deleted: true } : lost,
    );
    expect(deleted.isCut).toBe(true);
    const there = (request: Request) =>
      request.path === '/v1/invoices/in_1' ? { id: 'in_1', object: 'invoice' } : lost;
    await expect(completed({ lines }, there)).rejects.toThrow('No such list');
    const unseen = ({ path }: Request) =>
      path === '/v1/invoices/in_1' ? new StripeError('permission', 'This key may not see invoices') : lost;
    await expect(completed({ lines }, unseen)).rejects.toThrow('No such list');
  });
});
