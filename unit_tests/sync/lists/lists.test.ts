import { describe, expect, it } from 'vitest';
import { catalog } from '../../../src/streams/catalog.js';
import type { StreamDefinition } from '../../../src/streams/definition.js';
import { Expansions } from '../../../src/streams/expand.js';
import type { Request } from '../../../src/stripe/client.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { childItems, itemsOf, listPage, retrieve } from '../../../src/sync/lists/lists.js';
import type { Row } from '../../../src/sync/rows/rows.js';

function streamOf(name: string): StreamDefinition {
  const stream = catalog.find((each) => each.name === name);
  if (!stream) throw new Error(`There is no stream ${name}`);
  return stream;
}

/** Reads the items of a child under one parent: their ids, and what Stripe was asked for. */
async function read(name: string, parent: Row, after?: string) {
  const asked: string[] = [];
  const get = async ({ path, params = [] }: Request) => {
    asked.push(`${path}?${params.map((pair) => pair.join('=')).join('&')}`);
    return listOf(['listed']);
  };
  const client = { get, requests: () => asked.length, delayMs: () => 0, stripeTime: () => undefined };
  const context = { client, expansions: new Expansions([], {}), say: async () => {} };
  const ids: string[] = [];
  for await (const { items } of childItems(context, streamOf(name), { parent, after }))
    ids.push(...items.map(({ id }) => id));
  return { ids, asked };
}

function listOf(ids: readonly string[], has_more = false) {
  return { object: 'list', data: ids.map((id) => ({ id, object: 'item' })), has_more };
}

describe('the items of a child', () => {
  it('cost no request where the parent embeds them all', async () => {
    const { ids, asked } = await read('payment_link_line_items', { id: 'plink_1', line_items: listOf(['a', 'b']) });
    expect({ ids, asked }).toEqual({ ids: ['a', 'b'], asked: [] });
  });

  it('are listed from the top where the parent embeds only some: these may be in another order', async () => {
    const { ids, asked } = await read('payment_link_line_items', { id: 'plink_1', line_items: listOf(['a'], true) });
    expect(ids).toEqual(['listed']);
    expect(asked).toEqual(['/v1/payment_links/plink_1/line_items?limit=100']);
  });

  it('are listed from behind one that is out, whatever the parent embeds', async () => {
    const { ids, asked } = await read(
      'payment_link_line_items',
      { id: 'plink_1', line_items: listOf(['a'], true) },
      'q',
    );
    expect(ids).toEqual(['listed']);
    expect(asked).toEqual(['/v1/payment_links/plink_1/line_items?limit=100&starting_after=q']);
  });

  it('are listed where the parent does not embed them after all', async () => {
    const { asked } = await read('payment_link_line_items', { id: 'plink_1' });
    expect(asked).toEqual(['/v1/payment_links/plink_1/line_items?limit=100']);
  });

  it('can be embedded deep in the parent', async () => {
    const amount_details = { line_items: listOf(['a']) };
    const { ids, asked } = await read('payment_intent_amount_details_line_items', { id: 'pi_1', amount_details });
    expect({ ids, asked }).toEqual({ ids: ['a'], asked: [] });
  });

  it.each<[string, string, Row]>([
    ['what would embed them', 'payment_intent_amount_details_line_items', { id: 'pi_1', amount_details: null }],
    ['what they are asked by', 'financial_connections_account_owners', { id: 'fca_1', ownership: null }],
  ])('are none where the parent lacks %s', async (_, name, parent) => {
    expect(await read(name, parent)).toEqual({ ids: [], asked: [] });
  });

  it('are asked for by several fields of the parent, also where one of them is expanded', async () => {
    const parent = { id: 'credgr_1', customer: { id: 'cus_1', object: 'customer' } };
    const { asked } = await read('billing_credit_balance_transactions', parent);
    expect(asked).toEqual(['/v1/billing/credit_balance_transactions?limit=100&customer=cus_1&credit_grant=credgr_1']);
  });
});

describe('the list of one parent', () => {
  const ids = Array.from({ length: 2000 }, (_, index) => `id_${index}`);
  const request = { path: '/v1/parents/1/items', endpoint: '/v1/parents/{id}/items', params: [] };

  /** Reads the list; `answer` may answer instead of it, by the number of the request and what that starts after. */
  async function readAll(answer: (asked: number, after: string | undefined) => object | undefined) {
    let asked = 0;
    const get = async ({ params = [] }: Request) => {
      asked += 1;
      const after = params.find(([name]) => name === 'starting_after')?.[1];
      const first = after === undefined ? 0 : ids.indexOf(after) + 1;
      return answer(asked, after) ?? listOf(ids.slice(first, first + 100), first + 100 < ids.length);
    };
    const client = { get, requests: () => asked, delayMs: () => 0, stripeTime: () => undefined };
    const context = { client, expansions: new Expansions([], {}), say: async () => {} };
    const out: string[] = [];
    for await (const { items } of itemsOf(context, request, undefined)) out.push(...items.map(({ id }) => id));
    return out;
  }

  function lose(): never {
    throw new StripeError('cursor', 'No such item');
  }

  it('is read on after any number of empty pages', async () => {
    expect(await readAll((asked) => (asked % 2 === 0 ? listOf([], true) : undefined))).toEqual(ids);
  });

  it('is read again from its start as often as it gets further', async () => {
    const lost = new Set<string>();
    const out = await readAll((_, after) => {
      if (after === undefined || lost.has(after) || lost.size === 10) return undefined;
      lost.add(after);
      return lose();
    });
    expect([...new Set(out)]).toEqual(ids);
  });

  it('is given up when it gets no further', async () => {
    await expect(readAll((_, after) => (after === undefined ? undefined : lose()))).rejects.toThrow(
      'cannot be read to its end',
    );
    await expect(readAll((_, after) => (after === ids[499] ? listOf([], true) : undefined))).rejects.toThrow(
      'does not give it',
    );
  });
});

describe('a page of a list', () => {
  it('that comes with what was given up meanwhile is asked for again without it', async () => {
    const customers = streamOf('customers');
    const expansions = new Expansions([streamOf('customer_sources')], {});
    const expanded: boolean[] = [];
    const get = async ({ params = [] }: Request) => {
      expanded.push(params.some(([name]) => name === 'expand[]'));
      expansions.giveUpChildrenOf(customers);
      return listOf(['cus_1']);
    };
    const client = { get, requests: () => expanded.length, delayMs: () => 0, stripeTime: () => undefined };
    await listPage({ client, expansions, say: async () => {} }, customers, {});
    expect(expanded).toEqual([true, false]);
  });
});

describe('one object that is read again', () => {
  it.each([
    ['another object', { id: 'ch_2', object: 'charge' }],
    ['an object of another kind', { id: 'ch_1', object: 'refund' }],
    ['a list', listOf(['ch_1'])],
  ])('is none where Stripe answers with %s', async (_, answer) => {
    const client = { get: async () => answer, requests: () => 1, delayMs: () => 0, stripeTime: () => undefined };
    const context = { client, expansions: new Expansions([], {}), say: async () => {} };
    await expect(retrieve(context, streamOf('charges'), { id: 'ch_1', object: 'charge' })).rejects.toThrow(
      'did not answer with the object',
    );
  });
});
