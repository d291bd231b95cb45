import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/stripe/client.js';
import { StripeError } from '../../src/stripe/errors.js';
import { listItems, PagingPatience } from '../../src/stripe/paging.js';

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

  it('the list of one parent is read on after any number of empty pages', async () => {
    expect(await readAll((asked) => (asked % 2 === 0 ? listOf([], true) : undefined))).toEqual(ids);
  });

  it('the list of one parent is read again from its start as often as it gets further', async () => {
    const lost = new Set<string>();
    const out = await readAll((_, after) => {
      if (after === undefined || lost.has(after) || lost.size === 10) return undefined;
      lost.add(after);
      return lose();
    });
    expect([...new Set(out)]).toEqual(ids);
  });

  it('the list of one parent is given up when it gets no further', async () => {
    await expect(readAll((_, after) => (after === undefined ? undefined : lose()))).rejects.toThrow(
      'cannot be read to its end',
    );
    await expect(readAll((_, after) => (after === ids[499] ? listOf([], true) : undefined))).rejects.toThrow(
      'does not give it',
    );
  });
});

/** What happens to a list that is paged, in this order. */
type Event =
  /** Pages come that lead further; the last object of each is of this second, where that is known. */
  | { readonly read: number; readonly second?: number }
  /** The object to start after is gone: the list begins again, or is entered again at this second. */
  | { readonly lost: 'restart' | number }
  /** It promises more and does not give it. */
  | { readonly stuck: number };

function happen(patience: PagingPatience, event: Event): void {
  if ('read' in event) {
    for (let n = 0; n < event.read; n += 1) patience.noteRead(event.second);
  } else if ('stuck' in event) {
    for (let n = 0; n < event.stuck; n += 1) expect(patience.isStuck({ items: [], hasMore: true })).toBe(true);
  } else {
    patience.noteLost();
    if (event.lost === 'restart') patience.restart();
    else patience.reenterAt(event.lost);
  }
}

/** How often all of `again` can happen, one after the other, before the list is given up; 20 where it is not. */
function roundsUntilGivenUp(first: readonly Event[], again: readonly Event[]): number {
  const patience = new PagingPatience('/v1/x');
  for (const event of first) happen(patience, event);
  for (let round = 0; round < 20; round += 1) {
    try {
      for (const event of again) happen(patience, event);
    } catch (error) {
      expect(error).toBeInstanceOf(StripeError);
      return round;
    }
  }
  return 20;
}

describe('the patience of paging', () => {
  it.each<[string, number, readonly Event[], readonly Event[]]>([
    ['is stuck at one place', 5, [], [{ stuck: 1 }]],
    ['is stuck and loses its place by turns', 2, [], [{ stuck: 1 }, { lost: 'restart' }]],
    ['loses its place before its first page', 5, [], [{ lost: 'restart' }]],
    ['loses its place after as many pages each time', 5, [{ read: 3 }], [{ lost: 'restart' }, { read: 3 }]],
    ['loses its place after one page more, but only once', 6, [{ read: 3 }], [{ lost: 'restart' }, { read: 4 }]],
    [
      'loses its place earlier than once before',
      4,
      [{ read: 5 }, { lost: 'restart' }, { read: 2 }],
      [{ lost: 'restart' }, { read: 5 }],
    ],
    ['loses its place in one second', 5, [{ read: 3, second: 50 }], [{ lost: 50 }, { read: 1, second: 50 }]],
    ['loses its place above a second', 5, [{ read: 3, second: 50 }], [{ lost: 50 }, { read: 1, second: 60 }]],
    ['loses its place among pages of no known second', 5, [{ read: 3 }], [{ lost: 50 }, { read: 9 }]],
    ['loses its place by second and by pages', 4, [{ read: 3 }, { lost: 50 }], [{ lost: 'restart' }, { read: 1 }]],
  ])('a list that %s again and again is given up after %i times', (_, rounds, first, again) => {
    expect(roundsUntilGivenUp(first, again)).toBe(rounds);
  });

  it.each<[string, readonly Event[], readonly Event[]]>([
    ['is stuck, and then gets further', [], [{ stuck: 5 }, { read: 1 }]],
    ['loses its place, and then gets below that second', [], [{ lost: 50 }, { read: 1, second: 49 }]],
    [
      'is stuck among pages of no known second, long after it lost its place',
      [{ lost: 50 }, { read: 1, second: 49 }],
      [{ stuck: 5 }, { read: 1 }],
    ],
  ])('a list that %s again and again is not given up', (_, first, again) => {
    expect(roundsUntilGivenUp([{ read: 3 }, ...first], again)).toBe(20);
  });

  it('a list that loses its place after one page more each time is not given up', () => {
    const patience = new PagingPatience('/v1/x');
    for (let pages = 1; pages < 20; pages += 1) {
      happen(patience, { read: pages });
      happen(patience, { lost: 'restart' });
    }
  });

  it.each<[Event, string]>([
    [{ stuck: 6 }, 'The list /v1/x says that there is more, but does not give it.'],
    [{ lost: 'restart' }, 'The list /v1/x cannot be read to its end. Objects were deleted again and again'],
  ])('a list is given up with its path and the reason, for a later sync to try again: %j', (event, message) => {
    const patience = new PagingPatience('/v1/x');
    const exhaust = () => {
      for (let n = 0; n < 6; n += 1) happen(patience, event);
    };
    expect(exhaust).toThrow(expect.objectContaining({ kind: 'transient', message: expect.stringContaining(message) }));
  });

  it.each([
    ['has no more', false, undefined, false],
    ['has no more, and ends at a known place', false, 'a', false],
    ['has more, and is empty', true, undefined, true],
    ['has more, and ends where the list was entered', true, 'a', true],
    ['has more, and ends at a new place', true, 'b', false],
  ])('a page that %s is stuck (has_more %j, next %j): %j', (_, hasMore, next, isStuck) => {
    expect(new PagingPatience('/v1/x', 'a').isStuck({ items: [], hasMore, next })).toBe(isStuck);
  });

  it('a list that runs in circles is noticed, however long they are and wherever they begin', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.integer({ min: 1, max: 50 }), (before, length) => {
        const patience = new PagingPatience('/v1/x');
        const placeAt = (n: number) => (n < before ? n : before + ((n - before) % length));
        let pages = 0;
        while (!patience.isStuck({ items: [], hasMore: true, next: `id_${placeAt(pages)}` })) pages += 1;
        expect(pages).toBeGreaterThanOrEqual(length);
        expect(pages).toBeLessThan(4 * (before + length) + 4);
      }),
    );
  });

  it.each<[string, (patience: PagingPatience) => void]>([
    ['asked for under other bounds', (patience) => patience.forgetPlaces()],
    ['begun again', (patience) => patience.restart()],
    ['entered again', (patience) => patience.reenterAt(50)],
  ])('a list that is %s may come by its old places', (_, change) => {
    const patience = new PagingPatience('/v1/x', 'a');
    change(patience);
    expect(patience.isStuck({ items: [], hasMore: true, next: 'a' })).toBe(false);
  });

  it('pages are counted from where the list was begun, or begun again', () => {
    const patience = new PagingPatience('/v1/x');
    expect(patience.pages).toBe(0);
    happen(patience, { read: 3 });
    happen(patience, { lost: 50 });
    expect(patience.pages).toBe(3);
    happen(patience, { lost: 'restart' });
    expect(patience.pages).toBe(0);
  });
});
