import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message, Write } from '../../../src/protocol/messages.js';
import type { StreamDefinition } from '../../../src/streams/definition.js';
import type { StripeObject } from '../../../src/stripe/api.generated.js';
import type { Request } from '../../../src/stripe/client.js';
import type { Account } from '../../../src/sync/account/account.js';
import { Failures } from '../../../src/sync/failures/failures.js';
import { Order } from '../../../src/sync/lists/order.js';
import { SliceReader } from '../../../src/sync/lists/slice-reader.js';
import type { AccountStream } from '../../../src/sync/output/account-stream.js';
import type { Slice } from '../../../src/sync/progress/slice.js';
import { PageWriter } from '../../../src/sync/rows/page-writer.js';
import {
  accountOf,
  children,
  clientOf,
  listOf,
  NOW,
  objects,
  openStream,
  parents,
  refuse,
  SLICE,
  settle,
} from '../fakes.js';

/** One reading of a list with its children: how long its pages are, how many workers help, and what goes wrong when. */
const reading = fc.record({
  /** How many children each parent has. */
  counts: fc.array(fc.nat(5), { minLength: 1, maxLength: 9 }),
  pageLength: fc.integer({ min: 1, max: 4 }),
  workers: fc.integer({ min: 1, max: 4 }),
  /** Parents of which every second request is refused. */
  refused: fc.array(fc.nat(8), { maxLength: 3 }),
  /** The request that ends the stream of the children. */
  fatal: fc.option(fc.nat(30), { nil: -1 }),
  /** The request during which the sync is told to stop. */
  stop: fc.option(fc.nat(40), { nil: -1 }),
  /** How long each request and each write takes. */
  turns: fc.infiniteStream(fc.nat(3)),
});

type Reading = typeof reading extends fc.Arbitrary<infer R> ? R : never;

/** Everything that there is: the parents, and the ids of the children of each. */
interface World {
  readonly list: readonly StripeObject[];
  readonly childrenOf: ReadonlyMap<string, readonly string[]>;
}

interface Row {
  readonly id: string;
  /** The row itself, where it is one of the list. */
  readonly parent: StripeObject;
}

function worldOf({ counts }: Reading): World {
  const list = objects('parent', counts.length);
  const ids = (parent: string, count = 0) => Array.from({ length: count }, (_, n) => `${parent}_${n}`);
  return { list, childrenOf: new Map(list.map(({ id }, n) => [id, ids(id, counts[n])])) };
}

function rowsOf({ list, childrenOf }: World, stream: StreamDefinition): readonly Row[] {
  if (stream === parents) return list.map((parent) => ({ id: parent.id, parent }));
  return list.flatMap((parent) => (childrenOf.get(parent.id) ?? []).map((id) => ({ id, parent })));
}

/** Whether a later sync that reads these slices would read the row. */
function isPending({ list, childrenOf }: World, pending: readonly Slice[], { id, parent }: Row): boolean {
  const indexOf = (wanted: string | undefined) => list.findIndex((each) => each.id === wanted);
  const created = Number(Object(parent).created);
  const ids = childrenOf.get(parent.id) ?? [];
  return pending.some(({ gte = 0, lte = NOW, after, within }) => {
    if (created < gte || created > lte || indexOf(parent.id) <= indexOf(after)) return false;
    if (indexOf(parent.id) <= indexOf(within?.through)) return false;
    const child = within?.partly?.[parent.id];
    return child !== null && (child === undefined || ids.indexOf(id) > ids.indexOf(child));
  });
}

/** A reading under way, while something is written. */
interface Moment {
  readonly world: World;
  readonly emitted: ReadonlySet<string>;
  readonly streams: readonly AccountStream[];
  readonly message: Message;
}

/** Reads the list as workers do; `look` is called with each message, when it is written. */
async function read(how: Reading, look: (moment: Moment) => void): Promise<void> {
  const world = worldOf(how);
  const abort = new AbortController();
  const account = accountOf({ client: clientOf(stripeWith(world, how, abort)) });
  const sync = { account, failures: new Failures(), now: () => NOW * 1000, signal: abort.signal };
  const emitted = new Set<string>();
  const streams: AccountStream[] = [];
  const write: Write = async (message) => {
    if (message.type === 'RECORD') emitted.add(String(message.record.data['id']));
    look({ world, emitted, streams, message });
    await pause(how);
  };
  streams.push(...[parents, children].map((definition) => openStream({ ...sync, write }, definition)));
  const writer: PageWriter = new PageWriter(
    { ...sync, offer: helpersOf(how, () => writer), window: { from: 0, to: undefined } },
    parents,
    streams,
  );
  try {
    await readPages({ account, streams, writer });
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    for (const stream of streams) await stream.stop();
  }
}

async function pause({ turns }: Reading): Promise<void> {
  for (let left = turns.next().value ?? 0; left > 0; left -= 1) await settle();
}

/** Short pages of the list and of the children of each of its objects, until something goes wrong. */
function stripeWith(world: World, how: Reading, abort: AbortController) {
  let asked = 0;
  return async ({ path, params = [] }: Request) => {
    asked += 1;
    const number = asked;
    await pause(how);
    if (number === how.stop) abort.abort(new Error('SIGTERM'));
    const [, , , parent] = path.split('/');
    if (parent !== undefined && number === how.fatal) refuse('authentication');
    if (number % 2 === 0 && how.refused.some((n) => parent === `parent_${n}`)) refuse('request');
    const ids = world.childrenOf.get(parent ?? '') ?? [];
    const all = parent === undefined ? world.list : ids.map((id) => ({ id, object: 'child' }));
    const after = params.find(([name]) => name === 'starting_after')?.[1];
    const start = all.findIndex(({ id }) => id === after) + 1;
    const end = start + how.pageLength;
    return listOf(all.slice(start, end), end < all.length);
  };
}

/** Workers beside the one that reads the pages: each helps as soon as it is free and there is something to help with. */
function helpersOf({ workers }: Reading, writer: () => PageWriter): () => void {
  let free = workers - 1;
  const offer = () => {
    const help = free > 0 ? writer().help(() => true) : undefined;
    if (!help) return;
    free -= 1;
    void help.then(() => {
      free += 1;
      offer();
    });
  };
  return offer;
}

interface Engine {
  readonly account: Account;
  readonly streams: readonly AccountStream[];
  readonly writer: PageWriter;
}

/** All pages, with a STATE of each stream after each of them. */
async function readPages({ account, streams, writer }: Engine): Promise<void> {
  const slice = new SliceReader(
    new Order(parents),
    SLICE,
    streams.map((stream) => [stream, undefined]),
  );
  for (const stream of streams) stream.add(slice);
  for (const stream of streams) await stream.start();
  for (let hasMore = true; hasMore; ) {
    const page = await slice.fetch(account);
    const open = streams.filter(({ isOpen }) => isOpen);
    const takers = open.map((stream) => ({ stream, position: slice.beginPage(stream, page.items) }));
    await writer.write({ ...page, slice: slice.slice }, takers);
    hasMore = slice.leavePage();
    for (const stream of streams) await stream.beat();
  }
  for (const stream of streams) stream.remove(slice);
  for (const stream of streams.filter(({ isOpen }) => isOpen)) await stream.finish();
}

/** What a message says is still to be read: of every open stream, and of its own stream if it is a STATE. */
function claimsOf({ streams, message }: Moment): readonly (readonly [StreamDefinition, readonly Slice[]])[] {
  const open = streams.filter(({ isOpen }) => isOpen).map(({ definition, pending }) => [definition, pending] as const);
  if (message.type !== 'STATE') return open;
  const { stream_descriptor: descriptor, stream_state: state } = message.state.stream;
  const { pending = [] } = state as { readonly pending?: readonly Slice[] };
  return [...open, [descriptor.name === parents.name ? parents : children, pending]];
}

describe('what is pending of a stream', () => {
  it('every row is written or pending whenever anything is written, however many workers help, and whatever goes wrong', async () => {
    await fc.assert(
      fc.asyncProperty(reading, async (how) => {
        const lost: string[] = [];
        await read(how, (moment) => {
          const { world, emitted } = moment;
          for (const [stream, pending] of claimsOf(moment)) {
            const rows = rowsOf(world, stream).filter((row) => !emitted.has(row.id) && !isPending(world, pending, row));
            lost.push(...rows.map(({ id }) => `${moment.message.type} without ${id}`));
          }
        });
        expect(lost).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('no row is still pending when anything else can happen after it was written, where nothing is refused', async () => {
    await fc.assert(
      fc.asyncProperty(reading, async (how) => {
        const twice: string[] = [];
        await read({ ...how, refused: [], fatal: -1 }, ({ world, emitted, streams }) => {
          queueMicrotask(() => {
            for (const { definition, pending } of streams.filter(({ isOpen }) => isOpen)) {
              const rows = rowsOf(world, definition).filter(
                (row) => emitted.has(row.id) && isPending(world, pending, row),
              );
              twice.push(...rows.map(({ id }) => id));
            }
          });
        });
        expect(twice).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
