import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../../src/protocol/catalog.js';
import type { Message } from '../../../src/protocol/messages.js';
import { catalog } from '../../../src/streams/catalog.js';
import type { Client, Request } from '../../../src/stripe/client.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { sync } from '../../../src/sync/sync.js';

const NOW = 1_000_000;

interface Item {
  readonly id: string;
  readonly object: string;
  readonly created: number;
}

interface Circumstances {
  /** How often the object to start after is deleted just then. */
  readonly losses?: number;
  readonly workers?: number;
}

/** A Stripe with charges in this very order. */
function stripeWith(list: readonly Item[], chance: () => number, losses: number): Client {
  let present = list;
  let requests = 0;
  const get = async ({ path, params = [] }: Request) => {
    requests += 1;
    for (let turns = Math.floor(chance() * 4); turns > 0; turns -= 1) await new Promise(setImmediate);
    if (path === '/v1/account') return { id: 'acct_1', object: 'account', created: 0 };
    const { 'created[gte]': gte = 0, 'created[lte]': lte = 1e12, starting_after: after } = Object.fromEntries(params);
    if (after !== undefined && chance() < losses) present = present.filter(({ id }) => id !== after);
    if (after !== undefined && !present.some(({ id }) => id === after))
      throw new StripeError('cursor', 'No such charge');
    const inside = present.filter(({ created }) => created >= Number(gte) && created <= Number(lte));
    const start = after === undefined ? 0 : inside.findIndex(({ id }) => id === after) + 1;
    return { object: 'list', data: inside.slice(start, start + 100), has_more: inside.length > start + 100 };
  };
  return { get, requests: () => requests, delayMs: () => 0, stripeTime: () => undefined };
}

/** Reads the charges as a sync does; returns the ids of the rows and whether the sync was complete. */
async function read(list: readonly Item[], chance: () => number, { losses = 0, workers = 20 }: Circumstances = {}) {
  const messages: Message[] = [];
  const stream = { name: 'charges', json_schema: {}, supported_sync_modes: ['incremental'] };
  const isComplete = await sync({
    client: stripeWith(list, chance, losses),
    write: async (message) => void messages.push(message),
    now: () => NOW * 1000,
    signal: new AbortController().signal,
    streams: parseCatalog({ streams: [{ stream, sync_mode: 'incremental', destination_sync_mode: 'append' }] }),
    catalog,
    state: { of: () => undefined, warnings: () => [] },
    window: { from: 0, to: undefined },
    lookback: 0,
    maxConcurrency: workers,
    isSerial: false,
    livemode: false,
    expand: {},
    job: undefined,
    accountId: undefined,
    watch: () => () => {},
  });
  const ids = messages.flatMap((message) => (message.type === 'RECORD' ? [String(message.record.data['id'])] : []));
  return { isComplete, ids };
}

/** Numbers between 0 and 1, the same for the same seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const seed = fc.integer();
const rows = fc.integer({ min: 300, max: 3000 });

function listOf(created: readonly number[]): Item[] {
  return created.map((time, index) => ({ id: `ch_${index}`, object: 'charge', created: time }));
}

describe('a list that Stripe documents as newest first, read by twenty workers', () => {
  // Objects that are newer than all of a page before them cannot be seen where a slice has stopped, or was entered again.
  it('a list loses nothing to objects that are older than their neighbours, wherever pages end', async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.array(fc.nat(), { maxLength: 40 }), seed, async (count, stragglers, number) => {
        const times = Array.from({ length: count }, (_, index) => 900_000 - index * 200);
        for (const place of stragglers)
          times[place % count] = 899_999 - Math.max(place % count, (place * 7) % count) * 200;
        const { isComplete, ids } = await read(listOf(times), chanceOf(number), { losses: 0.02 });
        expect(isComplete).toBe(true);
        expect(new Set(ids).size).toBe(count);
      }),
      { numRuns: 40 },
    );
  });

  it('a list that turns out to be in no order is read again where it was cut short', async () => {
    await fc.assert(
      fc.asyncProperty(rows, seed, async (count, number) => {
        const chance = chanceOf(number);
        const list = listOf(Array.from({ length: count }, () => Math.floor(chance() * 900_000)));
        const { isComplete, ids } = await read(list, chance);
        expect(isComplete).toBe(true);
        expect(new Set(ids).size).toBe(count);
      }),
      { numRuns: 40 },
    );
  });

  it('a list whose order is broken anywhere is read again where it was cut short', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 }),
        seed,
        async (count, moves, number) => {
          const list = listOf(Array.from({ length: count }, (_, index) => 900_000 - index * 200));
          // Late objects, most of which stand where no slice would come by that has stopped already.
          for (const [from, to] of moves) list.splice(to % count, 0, ...list.splice(from % count, 1));
          // The oldest ones are in the opposite order, so that the worker that reads them sees the order broken.
          const { isComplete, ids } = await read(
            [...list.slice(0, -60), ...list.slice(-60).reverse()],
            chanceOf(number),
          );
          expect(isComplete).toBe(true);
          expect(new Set(ids).size).toBe(count);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    1, 2, 3, 4,
  ])('a list is read again where a slice had ended at its stop before the order was seen to be broken (%i)', async (number) => {
    // Half of the time has few objects, so that its worker is done long before the last page is read.
    const list = listOf(
      Array.from({ length: 3000 }, (_, index) =>
        index < 400 ? 900_000 - index * 1000 : 450_000 - (index - 400) * 150,
      ),
    );
    // One of the newest stands where only the oldest are, whose order the last page breaks.
    list.splice(2700, 0, ...list.splice(50, 1));
    const { isComplete, ids } = await read([...list.slice(0, -2), ...list.slice(-2).reverse()], chanceOf(number), {
      workers: 2,
    });
    expect(isComplete).toBe(true);
    expect(new Set(ids).size).toBe(3000);
  });
});
