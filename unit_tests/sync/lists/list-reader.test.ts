import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/protocol/messages.js';
import type { Request } from '../../../src/stripe/client.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { Failures } from '../../../src/sync/failures/failures.js';
import { ListReader } from '../../../src/sync/lists/list-reader.js';
import { BrokenContract } from '../../../src/sync/output/stream-output.js';
import { Pool } from '../../../src/sync/pool.js';
import { accountOf, children, clientOf, listOf, NOW, objects, openStream, parents, transcript } from '../fakes.js';

/** A sync of streams on one list. Each request takes so long, on a clock of its own. */
function stage(
  answer: (request: Request) => unknown,
  { definitions = [parents, children], requestMs = 0, workers = 1 },
) {
  let now = NOW * 1000;
  const written = transcript();
  const client = clientOf((request) => {
    now += requestMs;
    return answer(request);
  });
  const pool = new Pool(workers);
  const account = accountOf({ client });
  const context = { account, now: () => now, signal: new AbortController().signal, write: written.write };
  const streams = definitions.map((definition) => openStream({ ...context, failures: new Failures() }, definition));
  const reading = {
    ...context,
    window: { from: 0, to: undefined },
    isSerial: workers === 1,
    offer: () => pool.offer(),
  };
  const reader = new ListReader(reading, parents, streams);
  return { ...written, account, streams, read: () => pool.run([reader]) };
}

function after({ params = [] }: Request): string | undefined {
  return params.find(([name]) => name === 'starting_after')?.[1];
}

/** Stripe with so many parents, each of which has a page of children. */
function stripe(count: number) {
  const all = objects('parent', count);
  return (request: Request) => {
    if (request.path !== parents.path) return listOf(objects('child', 3));
    const start = all.findIndex(({ id }) => id === after(request)) + 1;
    return listOf(all.slice(start, start + 100), count > start + 100);
  };
}

function indexOf(messages: readonly Message[], type: 'RECORD' | 'STATE', stream: string, last = false): number {
  const isIt = (message: Message) =>
    message.type === 'RECORD'
      ? type === 'RECORD' && message.record.stream === stream
      : message.type === 'STATE' && type === 'STATE' && message.state.stream.stream_descriptor.name === stream;
  return last ? messages.findLastIndex(isIt) : messages.findIndex(isIt);
}

describe('ListReader', () => {
  it.each([
    [[parents, children]],
    [[children]],
  ])('every stream that gives rows has an estimate of them: %#', async (definitions) => {
    const { messages, streams, read } = stage(stripe(1000), { definitions });
    await read();
    const told = new Set(
      messages.flatMap((each) => (each.type === 'TRACE' && each.trace.estimate ? [each.trace.estimate.name] : [])),
    );
    expect([...told].sort()).toEqual(definitions.map(({ name }) => name).sort());
    expect(streams.map(({ rows, expectedRows }) => rows === expectedRows)).not.toContain(false);
  });

  it('a stream has its STATE although the children of one of its rows take long', async () => {
    const one = objects('parent', 1);
    const answer = (request: Request) => {
      if (request.path === parents.path) return listOf(one);
      const page = Number(after(request)?.split('_')[1] ?? 0);
      return listOf([{ id: `child_${page + 1}`, object: 'child', created: 5 }], page < 200);
    };
    const { messages, read } = stage(answer, { requestMs: 1000 });
    await read();
    const rowsOfChildren = messages
      .slice(0, indexOf(messages, 'STATE', 'parents'))
      .filter((each) => each.type === 'RECORD' && each.record.stream === 'children');
    expect(rowsOfChildren.length).toBeLessThanOrEqual(61);
  });

  it('what ends the reading of an account is noted although no stream of the list is left to fail', async () => {
    const answer = () => {
      for (const stream of sync.streams) void stream.fail(new Error('This stream failed meanwhile.'));
      throw new StripeError('forbidden', 'No.', { status: 403, said: 'No.' });
    };
    const sync = stage(answer, {});
    await sync.read();
    expect(sync.account.ending.failure?.error).toMatchObject({ kind: 'forbidden' });
  });

  it('a broken contract of the output ends the sync, and is not taken for a failure of one stream', async () => {
    const { streams, read } = stage(stripe(200), {});
    const [first] = streams;
    if (!first) throw new Error('There is no stream.');
    first.noteProgress = () => Promise.reject(new BrokenContract('A STATE is false.'));
    await expect(read()).rejects.toThrow(BrokenContract);
  });
});
