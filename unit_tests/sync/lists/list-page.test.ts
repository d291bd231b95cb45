import { describe, expect, it } from 'vitest';
import type { Request } from '../../../src/stripe/client.js';
import { Expansions } from '../../../src/sync/account/expansions.js';
import { fetchListedPage } from '../../../src/sync/lists/list-page.js';
import { streamOf } from '../fakes.js';

function listOf(ids: readonly string[], has_more = false) {
  return { object: 'list', data: ids.map((id) => ({ id, object: 'item' })), has_more };
}

describe('a page of a list', () => {
  it('a page that comes with what was given up meanwhile is asked for again without it', async () => {
    const customers = streamOf('customers');
    const expansions = new Expansions([streamOf('customer_sources')], {});
    const expanded: boolean[] = [];
    const get = async ({ params = [] }: Request) => {
      expanded.push(params.some(([name]) => name === 'expand[]'));
      expansions.giveUpChildrenOf(customers);
      return listOf(['cus_1']);
    };
    const client = { get, requests: () => expanded.length, delayMs: () => 0, stripeTime: () => undefined };
    await fetchListedPage({ client, expansions, say: async () => {} }, customers, {});
    expect(expanded).toEqual([true, false]);
  });
});
