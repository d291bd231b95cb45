import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/stripe/client.js';
import { Expansions } from '../../../src/sync/account/expansions.js';
import { childItems } from '../../../src/sync/rows/children.js';
import type { Row } from '../../../src/sync/rows/rows.js';
import { streamOf } from '../fakes.js';

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
  it('the items of a child cost no request where the parent embeds them all', async () => {
    const { ids, asked } = await read('payment_link_line_items', { id: 'plink_1', line_items: listOf(['a', 'b']) });
    expect({ ids, asked }).toEqual({ ids: ['a', 'b'], asked: [] });
  });

  it('the items of a child are listed from the top where the parent embeds only some, which may be in another order', async () => {
    const { ids, asked } = await read('payment_link_line_items', { id: 'plink_1', line_items: listOf(['a'], true) });
    expect(ids).toEqual(['listed']);
    expect(asked).toEqual(['/v1/payment_links/plink_1/line_items?limit=100']);
  });

  it('the items of a child are listed from behind the one that was emitted last, whatever the parent embeds', async () => {
    const { ids, asked } = await read(
      'payment_link_line_items',
      { id: 'plink_1', line_items: listOf(['a'], true) },
      'q',
    );
    expect(ids).toEqual(['listed']);
    expect(asked).toEqual(['/v1/payment_links/plink_1/line_items?limit=100&starting_after=q']);
  });

  it('the items of a child are listed where the parent does not embed them after all', async () => {
    const { asked } = await read('payment_link_line_items', { id: 'plink_1' });
    expect(asked).toEqual(['/v1/payment_links/plink_1/line_items?limit=100']);
  });

  it('the items of a child can be embedded deep in the parent', async () => {
    const amount_details = { line_items: listOf(['a']) };
    const { ids, asked } = await read('payment_intent_amount_details_line_items', { id: 'pi_1', amount_details });
    expect({ ids, asked }).toEqual({ ids: ['a'], asked: [] });
  });

  it.each<[string, string, Row]>([
    ['what would embed them', 'payment_intent_amount_details_line_items', { id: 'pi_1', amount_details: null }],
    ['what they are asked by', 'financial_connections_account_owners', { id: 'fca_1', ownership: null }],
  ])('a child has no items where the parent lacks %s', async (_, name, parent) => {
    expect(await read(name, parent)).toEqual({ ids: [], asked: [] });
  });

  it('the items of a child are asked for by several fields of the parent, also where one of them is expanded', async () => {
    const parent = { id: 'credgr_1', customer: { id: 'cus_1', object: 'customer' } };
    const { asked } = await read('billing_credit_balance_transactions', parent);
    expect(asked).toEqual(['/v1/billing/credit_balance_transactions?limit=100&customer=cus_1&credit_grant=credgr_1']);
  });
});
