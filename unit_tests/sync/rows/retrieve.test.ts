import { describe, expect, it } from 'vitest';
import { Expansions } from '../../../src/sync/account/expansions.js';
import { retrieve } from '../../../src/sync/rows/retrieve.js';
import { streamOf } from '../fakes.js';

function listOf(ids: readonly string[], has_more = false) {
  return { object: 'list', data: ids.map((id) => ({ id, object: 'item' })), has_more };
}

describe('one object that is read again', () => {
  it.each([
    ['another object', { id: 'ch_2', object: 'charge' }],
    ['an object of another kind', { id: 'ch_1', object: 'refund' }],
    ['a list', listOf(['ch_1'])],
  ])('an object that is read again is refused where Stripe answers with %s', async (_, answer) => {
    const client = { get: async () => answer, requests: () => 1, delayMs: () => 0, stripeTime: () => undefined };
    const context = { client, expansions: new Expansions([], {}), say: async () => {} };
    await expect(retrieve(context, streamOf('charges'), { id: 'ch_1', object: 'charge' })).rejects.toThrow(
      'did not answer with the object',
    );
  });
});
