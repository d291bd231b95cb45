import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/stripe/client.js';
import { StripeError } from '../../src/stripe/errors.js';
import { listItems } from '../../src/stripe/paging.js';

function listOf(ids: readonly string[], has_more = false) {
  return { object: 'list', data: ids.map((id) => ({ id, object: 'item' })), has_more };
}

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
    const out: string[] = [];
    for await (const { items } of listItems(client, request, undefined)) out.push(...items.map(({ id }) => id));
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
