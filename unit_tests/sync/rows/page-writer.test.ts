import { describe, expect, it } from 'vitest';
import { log } from '../../../src/protocol/messages.js';
import type { StreamDefinition } from '../../../src/streams/definition.js';
import type { StripeObject } from '../../../src/stripe/api.generated.js';
import type { Request } from '../../../src/stripe/client.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { Failures } from '../../../src/sync/failures/failures.js';
import { PagePosition, type StoredPosition } from '../../../src/sync/progress/page-position.js';
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
  streamOf,
  transcript,
} from '../fakes.js';

const others: StreamDefinition = { ...children, name: 'others', path: '/v1/parents/{id}/others', object: 'other' };

type Answer = (request: Request) => unknown;

interface Wish {
  readonly answer?: Answer;
  readonly list?: StreamDefinition;
  readonly streams?: readonly StreamDefinition[];
  readonly window?: { readonly from: number; readonly to: number | undefined };
  readonly offer?: () => void;
}

/** What a page writer and its streams are in a sync, and what they wrote. */
function stage({ answer = nothing, list = parents, streams: wanted = [list], window, offer = () => {} }: Wish = {}) {
  const written = transcript();
  const abort = new AbortController();
  const failures = new Failures();
  const client = clientOf(answer);
  const account = accountOf({ client, say: (level, text) => written.write(log(level, text)) });
  const sync = { account, failures, now: () => NOW * 1000, signal: abort.signal };
  const streams = wanted.map((definition) => openStream({ ...sync, write: written.write }, definition));
  const writer = new PageWriter({ ...sync, offer, window: window ?? { from: 0, to: undefined } }, list, streams);
  return { ...written, abort, failures, account, streams, writer };
}

interface Page {
  readonly isBare?: boolean;
  /** How far an earlier sync was in the page, for each stream. */
  readonly stored?: readonly (StoredPosition | undefined)[];
}

/** Gives one page to all streams, which start with it; returns how far each is in it then. */
async function written(sync: ReturnType<typeof stage>, items: readonly StripeObject[], page: Page = {}) {
  for (const stream of sync.streams) await stream.start();
  return writtenNext(sync, items, page);
}

/** The same with streams that have started. */
async function writtenNext(
  { streams, writer }: ReturnType<typeof stage>,
  items: readonly StripeObject[],
  { isBare = false, stored = [] }: Page = {},
) {
  const ids = items.map(({ id }) => id);
  const takers = streams.map((stream, index) => ({ stream, position: new PagePosition(ids, stored[index]) }));
  await writer.write({ items, isBare, slice: SLICE }, takers);
  return takers.map(({ position }) => position.stored);
}

function nothing({ path }: Request): never {
  throw new Error(`${path} must not be asked for.`);
}

/** Two items of a kind for each parent. */
const withTwoItems: Answer = ({ path }) => {
  const [, , , parent = '', kind = ''] = path.split('/');
  const object = kind === 'others' ? 'other' : 'child';
  return listOf(['a', 'b'].map((name) => ({ id: `${object}_${parent}_${name}`, object })));
};

function recordsOf({ messages }: ReturnType<typeof stage>, { name }: StreamDefinition) {
  return messages.flatMap((each) => (each.type === 'RECORD' && each.record.stream === name ? [each.record.data] : []));
}

function idsOf(sync: ReturnType<typeof stage>, stream: StreamDefinition) {
  return recordsOf(sync, stream).map(({ id }) => id);
}

async function skippedIn(sync: ReturnType<typeof stage>) {
  const before = sync.lines().length;
  await sync.writer.tellSkipped();
  return sync.lines().slice(before);
}

describe('a page', () => {
  it('a page becomes the rows of its list, and then the children of each of them, in their order', async () => {
    const sync = stage({ answer: withTwoItems, streams: [children, parents] });
    const positions = await written(sync, objects('parent', 2));
    expect(sync.lines().filter((line) => line.startsWith('RECORD'))).toEqual([
      'RECORD parent_0',
      'RECORD parent_1',
      'RECORD child_parent_0_a',
      'RECORD child_parent_0_b',
      'RECORD child_parent_1_a',
      'RECORD child_parent_1_b',
    ]);
    expect(positions).toEqual([{ through: 'parent_1' }, { through: 'parent_1' }]);
  });

  it('a child carries what it takes over from its parent, and a row of the list is as Stripe sent it', async () => {
    const sync = stage({ answer: withTwoItems, streams: [parents, children] });
    const [parent] = objects('parent', 1, { name: 'x' });
    await written(sync, parent ? [parent] : []);
    expect(recordsOf(sync, parents)).toEqual([parent]);
    expect(recordsOf(sync, children)[0]).toEqual({ id: 'child_parent_0_a', object: 'child', of: 'parent_0' });
  });

  it('what an earlier sync has emitted of a page is not emitted again, and its children are not asked for', async () => {
    const asked: string[] = [];
    const answer: Answer = (request) => {
      asked.push(`${request.path} ${(request.params ?? []).filter(([name]) => name !== 'limit').join()}`.trim());
      return listOf([]);
    };
    const sync = stage({ answer, streams: [parents, children] });
    const stored = [{ through: 'parent_1' }, { through: 'parent_0', partly: { parent_2: null, parent_3: 'child_7' } }];
    await written(sync, objects('parent', 4), { stored });
    expect(idsOf(sync, parents)).toEqual(['parent_2', 'parent_3']);
    expect(asked).toEqual(['/v1/parents/parent_1/children', '/v1/parents/parent_3/children starting_after,child_7']);
  });

  it('rows outside of the configured dates, and their children, are left out where Stripe cannot filter them', async () => {
    const list: StreamDefinition = { ...parents, createdFilter: false };
    const child: StreamDefinition = { ...children, parent: { stream: list } };
    const asked: string[] = [];
    const answer: Answer = (request) => {
      asked.push(request.path);
      return withTwoItems(request);
    };
    const window = { from: 899_998, to: 899_999 };
    const sync = stage({ answer, list, streams: [list, child], window });
    const positions = await written(sync, objects('parent', 5));
    expect(idsOf(sync, list)).toEqual(['parent_1', 'parent_2']);
    expect(asked).toEqual(['/v1/parents/parent_1/children', '/v1/parents/parent_2/children']);
    expect(positions).toEqual([{ through: 'parent_4' }, { through: 'parent_4' }]);
  });

  it('a long page of children is followed by a STATE that names the last of them', async () => {
    const pages = [objects('child', 100), objects('child', 150).slice(100)];
    const sync = stage({
      answer: ({ params = [] }) => {
        const isSecond = params.some(([name]) => name === 'starting_after');
        return listOf(pages[isSecond ? 1 : 0] ?? [], !isSecond);
      },
      streams: [children],
    });
    const [stream] = sync.streams;
    const position = new PagePosition(['parent_0'], undefined);
    stream?.add({ leftFor: () => ({ ...SLICE, ...(position.stored ? { within: position.stored } : {}) }) });
    await stream?.start();
    const page = { items: objects('parent', 1), isBare: false, slice: SLICE };
    await sync.writer.write(page, stream ? [{ stream, position }] : []);
    const states = sync.messages.flatMap((each) => (each.type === 'STATE' ? [each.state.stream.stream_state] : []));
    expect(states[0]).toMatchObject({ pending: [{ ...SLICE, within: { partly: { parent_0: 'child_99' } } }] });
    expect(sync.lines().indexOf('STATE of 100')).toBe(sync.lines().indexOf('RECORD child_99') + 1);
    expect(position.stored).toEqual({ through: 'parent_0' });
  });

  it('rows on a test clock are warned of once for each stream', async () => {
    const sync = stage({
      answer: () => listOf([{ id: 'child_1', object: 'child', test_clock: 'clock_1' }]),
      streams: [parents, children],
    });
    await written(sync, objects('parent', 3, { test_clock: 'clock_1' }));
    const warned = sync.lines().filter((line) => line.includes('test clock'));
    expect(warned.map((line) => line.split(':')[0])).toEqual(['WARN parents', 'WARN children']);
  });
});

describe('an object that cannot be read', () => {
  it('an object whose own request is refused costs itself alone, and its second stays pending', async () => {
    const answer: Answer = ({ path }) =>
      path === '/v1/parents/parent_3'
        ? refuse('request')
        : { ...objects('parent', 12)[Number(path.split('_')[1])], full: true };
    const sync = stage({ answer });
    const positions = await written(sync, objects('parent', 12), { isBare: true });
    expect(recordsOf(sync, parents).every((row) => row['full'] === true)).toBe(true);
    expect(idsOf(sync, parents)).toHaveLength(11);
    expect(idsOf(sync, parents)).not.toContain('parent_3');
    const [stream] = sync.streams;
    expect([stream?.misses.ids, stream?.isOpen]).toEqual(['parent_3', true]);
    expect(stream?.pending).toEqual([{ gte: 899_997, lte: 899_997 }]);
    expect(positions).toEqual([{ through: 'parent_11' }]);
  });

  it.each([
    ['one is answered', ['parent_1', 'parent_2'], false],
    ['none is answered', ['parent_0', 'parent_1', 'parent_2'], true],
  ])('refused objects are all of their stream as long as %s: %j, %j', async (_, refused, isNothingRead) => {
    const answer: Answer = ({ path }) => {
      const item = objects('parent', 3).find(({ id }) => path.endsWith(id));
      return item && refused.includes(item.id) ? refuse('request') : item;
    };
    const sync = stage({ answer });
    await written(sync, objects('parent', 3), { isBare: true });
    expect(sync.streams.map(({ misses }) => [misses.count, misses.isNothingRead])).toEqual([
      [refused.length, isNothingRead],
    ]);
  });

  it('only the objects of a bare page that are still wanted are read again', async () => {
    const asked: string[] = [];
    const list: StreamDefinition = { ...parents, createdFilter: false };
    const answer: Answer = ({ path }) => {
      asked.push(path);
      return objects('parent', 4)[2];
    };
    const sync = stage({ answer, list, window: { from: 899_998, to: undefined } });
    await written(sync, objects('parent', 4), { isBare: true, stored: [{ through: 'parent_1' }] });
    expect([asked, idsOf(sync, list)]).toEqual([['/v1/parents/parent_2'], ['parent_2']]);
  });

  it('an object that is refused in a slice without bounds leaves all of it pending', async () => {
    const list: StreamDefinition = { ...parents, createdFilter: false };
    const sync = stage({ answer: () => refuse('request'), list });
    const [stream] = sync.streams;
    if (!stream) throw new Error('There is no stream');
    await stream.start();
    const items = objects('parent', 1);
    await sync.writer.write({ items, isBare: true, slice: {} }, [
      { stream, position: new PagePosition([], undefined) },
    ]);
    expect(stream.pending).toEqual([{}]);
  });

  it('a parent whose list is refused costs its own children alone, and its second stays pending', async () => {
    const answer: Answer = (request) =>
      request.path.includes('parent_1') ? refuse('permission') : withTwoItems(request);
    const sync = stage({ answer, streams: [parents, children] });
    await written(sync, objects('parent', 4));
    expect(idsOf(sync, parents)).toHaveLength(4);
    expect(idsOf(sync, children)).toHaveLength(6);
    expect(sync.streams.map(({ misses }) => misses.ids)).toEqual(['', 'parent_1']);
    expect(sync.streams[1]?.pending).toEqual([{ gte: 899_999, lte: 899_999 }]);
    expect(sync.failures.isEmpty).toBe(true);
  });

  it('a child whose embedded list is refused costs itself alone, and the second of its parent stays pending', async () => {
    const items = listOf([], true);
    const answer: Answer = ({ path, params = [] }) => {
      if (path === '/v1/customers/cus_0/subscriptions')
        return listOf(['sub_1', 'sub_2'].map((id) => ({ id, object: 'subscription', items })));
      return params.some(([, value]) => value === 'sub_1') ? refuse('request') : listOf([]);
    };
    const list: StreamDefinition = { name: 'customers', path: '/v1/customers', object: 'customer' };
    const child: StreamDefinition = {
      name: 'customer_subscriptions',
      path: '/v1/customers/{id}/subscriptions',
      object: 'subscription',
      parent: { stream: list },
    };
    const sync = stage({ answer, list, streams: [child] });
    await written(sync, [{ id: 'cus_0', object: 'customer', created: 5 }]);
    expect(idsOf(sync, child)).toEqual(['sub_2']);
    expect(sync.streams[0]?.misses.ids).toBe('sub_1');
    expect(sync.streams[0]?.pending).toEqual([{ gte: 5, lte: 5 }]);
  });

  it('an object that is gone is left out, and a WARN says so', async () => {
    const answer: Answer = ({ path }) =>
      path === '/v1/parents/parent_1'
        ? { id: 'parent_1', object: 'parent', deleted: true }
        : objects('parent', 3)[Number(path.split('_')[1])];
    const sync = stage({ answer });
    await written(sync, objects('parent', 3), { isBare: true });
    expect(idsOf(sync, parents)).toEqual(['parent_0', 'parent_2']);
    expect(sync.streams[0]?.misses.count).toBe(0);
    expect(await skippedIn(sync)).toEqual([
      'WARN parents: 1 of the objects did not become rows, because they were deleted during the sync (parent_1).',
    ]);
  });

  it.each([
    ['uncontrolled', 'the platform does not control these accounts'],
    ['no_items', 'Stripe has lost their items'],
    ['gone', 'Stripe no longer has them'],
  ] as const)('a parent that has no children for good is no miss, but counted in a WARN (%s)', async (why, text) => {
    const answer: Answer = (request) => {
      if (request.path === '/v1/parents/parent_1') refuse('not_found');
      return request.path.includes('parent_1') ? refuse(why === 'gone' ? 'not_found' : why) : withTwoItems(request);
    };
    const sync = stage({ answer, streams: [children] });
    const positions = await written(sync, objects('parent', 3));
    expect(idsOf(sync, children)).toHaveLength(4);
    expect(sync.streams[0]?.misses.count).toBe(0);
    expect(positions).toEqual([{ through: 'parent_2' }]);
    expect(await skippedIn(sync)).toEqual([`WARN children: no rows for 1 of the parents (parent_1): ${text}.`]);
  });

  it('a parent whose list alone is not found is a miss', async () => {
    const answer: Answer = ({ path }) =>
      path === '/v1/parents/parent_0' ? objects('parent', 1)[0] : refuse('not_found');
    const sync = stage({ answer, streams: [children] });
    await written(sync, objects('parent', 1));
    expect(sync.streams[0]?.misses.ids).toBe('parent_0');
  });
});

describe('a parent that cannot have children', () => {
  it('a parent that cannot have children is not asked for them, and counted with the reason', async () => {
    const only = { field: 'kind', is: 'good', otherwise: { bad: 'they are bad' } };
    const child: StreamDefinition = { ...children, parent: { stream: parents, only } };
    const sync = stage({ answer: withTwoItems, streams: [child] });
    const items = ['good', 'bad', 'odd'].map((kind, n) => ({ id: `parent_${n}`, object: 'parent', created: 5, kind }));
    const positions = await written(sync, [...items, ...objects('bank', 1, { kind: 'bad' })]);
    expect(idsOf(sync, child)).toEqual(['child_parent_0_a', 'child_parent_0_b']);
    expect(positions).toEqual([{ through: 'bank_0' }]);
    expect(await skippedIn(sync)).toEqual([
      'WARN parents: 1 objects of kind bank were ignored: not rows of this stream.',
      'INFO children: no rows for 1 of the parents: they are bad.',
      'WARN children: no rows for 1 of the parents: their kind is odd.',
    ]);
  });
});

describe('a stream that cannot be read on', () => {
  const outcomes = ({ streams }: ReturnType<typeof stage>) => streams.map(({ isOpen }) => isOpen);

  it('a child that fails leaves the list and the other children going', async () => {
    const answer: Answer = (request) =>
      request.path.endsWith('/children') ? refuse('authentication') : withTwoItems(request);
    const sync = stage({ answer, streams: [parents, children, others] });
    await written(sync, objects('parent', 3));
    expect([idsOf(sync, parents).length, idsOf(sync, children).length, idsOf(sync, others).length]).toEqual([3, 0, 6]);
    expect(outcomes(sync)).toEqual([true, false, true]);
  });

  it('a list whose rows fail leaves its children going', async () => {
    const answer: Answer = (request) =>
      /parent_\d+$/.test(request.path) ? refuse('authentication') : withTwoItems(request);
    const sync = stage({ answer, streams: [parents, children] });
    await written(sync, objects('parent', 3), { isBare: true });
    expect([idsOf(sync, parents).length, idsOf(sync, children).length]).toEqual([0, 6]);
    expect(outcomes(sync)).toEqual([false, true]);
  });

  it('a stream fails when each of its first ten objects is refused', async () => {
    const answer: Answer = (request) =>
      request.path.endsWith('/children') ? refuse('request') : withTwoItems(request);
    const sync = stage({ answer, streams: [children, others] });
    await written(sync, objects('parent', 12));
    expect(outcomes(sync)).toEqual([false, true]);
    expect(sync.streams[0]?.misses.count).toBe(10);
    expect(idsOf(sync, others)).toHaveLength(24);
  });

  it('a list fails when the first ten rows are refused, although they come in several pages', async () => {
    const sync = stage({ answer: () => refuse('request') });
    await written(sync, objects('parent', 5), { isBare: true });
    expect(outcomes(sync)).toEqual([true]);
    await writtenNext(sync, objects('parent', 10).slice(5), { isBare: true });
    expect([outcomes(sync), sync.streams[0]?.misses.count]).toEqual([[false], 10]);
  });

  it('a list of which the first ten rows of a page are refused asks for no other, and fails with that refusal', async () => {
    let asked = 0;
    const answer: Answer = () => {
      asked += 1;
      return refuse('request', 'It is odd.');
    };
    const sync = stage({ answer });
    await written(sync, objects('parent', 20), { isBare: true });
    expect([asked, outcomes(sync)]).toEqual([10, [false]]);
    expect(sync.failures.traces[0]?.message).toContain('Stripe refused a request. It is odd.');
  });

  it('a list of which a row was answered on an earlier page does not fail, however many are refused', async () => {
    const answer: Answer = ({ path }) => (path.endsWith('_0') ? objects('parent', 1)[0] : refuse('request'));
    const sync = stage({ answer });
    await written(sync, objects('parent', 1), { isBare: true });
    await writtenNext(sync, objects('parent', 13).slice(1), { isBare: true });
    expect([outcomes(sync), sync.streams[0]?.misses.count]).toEqual([[true], 12]);
  });

  it('a list of which a row of the same page needs no request does not fail, however many are refused', async () => {
    const list = streamOf('invoices');
    const sync = stage({ answer: () => refuse('request'), list });
    const [whole, ...cut] = objects('invoice', 13, { lines: listOf([], true) });
    await written(sync, [{ ...whole, id: 'in_0', object: 'invoice', lines: listOf([]) }, ...cut]);
    expect([outcomes(sync), idsOf(sync, list), sync.streams[0]?.misses.count]).toEqual([[true], ['in_0'], 12]);
  });

  it('a stream that fails asks for no other object of the page', async () => {
    let asked = 0;
    const answer: Answer = () => {
      asked += 1;
      return refuse('authentication');
    };
    const sync = stage({ answer, streams: [children] });
    await written(sync, objects('parent', 12));
    expect(asked).toBe(1);
  });

  it('a child that finds that nothing can be read any more ends the reading of its account', async () => {
    const sync = stage({ answer: () => refuse('untrusted'), streams: [children] });
    await written(sync, objects('parent', 2));
    expect(sync.account.ending.failure?.error).toBeInstanceOf(StripeError);
  });

  it('a defect costs the stream in which it happens, and no other', async () => {
    const answer: Answer = (request) => {
      if (request.path.endsWith('/children')) throw new TypeError('a defect');
      return withTwoItems(request);
    };
    const sync = stage({ answer, streams: [children, others] });
    await written(sync, objects('parent', 2));
    expect([outcomes(sync), idsOf(sync, others).length]).toEqual([[false, true], 4]);
    expect(sync.failures.traces).toEqual([expect.objectContaining({ internal_message: 'a defect' })]);
  });

  it('a child does not fail where one of its first ten parents is answered', async () => {
    const answer: Answer = (request) => (request.path.includes('parent_0') ? withTwoItems(request) : refuse('request'));
    const sync = stage({ answer, streams: [children] });
    await written(sync, objects('parent', 12));
    expect([outcomes(sync), sync.streams[0]?.misses.count]).toEqual([[true], 11]);
  });

  it('a stream that has ended elsewhere asks for no other page of children', async () => {
    let asked = 0;
    const sync = stage({
      answer: async () => {
        asked += 1;
        await sync.streams[0]?.stop();
        return listOf(objects('child', 1), true);
      },
      streams: [children],
    });
    await written(sync, objects('parent', 1));
    expect([asked, idsOf(sync, children)]).toEqual([1, []]);
  });
});

describe('a sync that is told to stop', () => {
  it('a sync that is told to stop finishes the page of children in hand, asks for no other, and throws the reason', async () => {
    const reason = new Error('SIGTERM');
    let asked = 0;
    const sync = stage({
      answer: () => {
        asked += 1;
        sync.abort.abort(reason);
        return listOf(objects('child', 2), true);
      },
      streams: [children],
    });
    await expect(written(sync, objects('parent', 3))).rejects.toBe(reason);
    expect([asked, idsOf(sync, children).length, sync.streams[0]?.outcome]).toEqual([1, 2, undefined]);
  });
});

describe('objects of another kind', () => {
  it('objects of another kind are no rows of a list, and a WARN says so', async () => {
    const sync = stage();
    const positions = await written(sync, [...objects('parent', 2), ...objects('bank', 3)]);
    expect(idsOf(sync, parents)).toEqual(['parent_0', 'parent_1']);
    expect(positions).toEqual([{ through: 'bank_2' }]);
    expect(await skippedIn(sync)).toEqual([
      'WARN parents: 3 objects of kind bank were ignored: not rows of this stream.',
    ]);
  });

  it('objects of another kind have no children', async () => {
    const sync = stage({ answer: withTwoItems, streams: [children] });
    await written(sync, [...objects('parent', 1), ...objects('bank', 1)]);
    expect(idsOf(sync, children)).toEqual(['child_parent_0_a', 'child_parent_0_b']);
  });

  it('a page of nothing but objects of another kind is an error', async () => {
    await expect(written(stage(), objects('bank', 3))).rejects.toThrow(
      'GET /v1/parents lists objects of kind bank instead of parent.',
    );
  });

  it('objects of another kind are no rows of a child, and an INFO says so', async () => {
    const items = [...objects('child', 1), ...objects('bank', 2)];
    const sync = stage({ answer: () => listOf(items), streams: [children] });
    await written(sync, objects('parent', 1));
    expect(idsOf(sync, children)).toEqual(['child_0']);
    expect(await skippedIn(sync)).toEqual([
      'INFO children: 2 objects of kind bank were ignored: not rows of this stream.',
    ]);
  });
});

describe('the children of a bare page', () => {
  it('the children of a bare page come from its objects as they were read again', async () => {
    const list = streamOf('payment_links');
    const child = streamOf('payment_link_line_items');
    const line_items = listOf([{ id: 'li_1', object: 'item' }]);
    const answer: Answer = () => ({ id: 'plink_1', object: 'payment_link', line_items });
    const sync = stage({ answer, list, streams: [list, child] });
    await written(sync, [{ id: 'plink_1', object: 'payment_link' }], { isBare: true });
    expect(idsOf(sync, child)).toEqual(['li_1']);
  });

  it('the objects of a bare page are not read again where only children are wanted', async () => {
    const asked: string[] = [];
    const answer: Answer = (request) => {
      asked.push(request.path);
      return withTwoItems(request);
    };
    await written(stage({ answer, streams: [children] }), objects('parent', 2), { isBare: true });
    expect(asked).toEqual(['/v1/parents/parent_0/children', '/v1/parents/parent_1/children']);
  });
});

/** A Stripe whose answers wait until they are let go. */
function waiting(answer: Answer = withTwoItems) {
  const underWay: { readonly path: string; readonly go: () => void }[] = [];
  const waiting: Answer = (request) =>
    new Promise((resolve, reject) => {
      const go = () => {
        underWay.splice(
          underWay.findIndex((each) => each.go === go),
          1,
        );
        try {
          resolve(answer(request));
        } catch (error) {
          reject(error);
        }
      };
      underWay.push({ path: request.path, go });
    });
  return { underWay, answer: waiting };
}

describe('a page whose objects need requests of their own', () => {
  it('a page whose objects need requests is offered to other workers, who each ask for the next object', async () => {
    const { underWay, answer } = waiting();
    let offers = 0;
    const sync = stage({
      answer,
      streams: [children],
      offer: () => {
        offers += 1;
      },
    });
    const all = written(sync, objects('parent', 3));
    await settle();
    expect([underWay.length, offers]).toEqual([1, 1]);
    const helps = [sync.writer.help(() => true), sync.writer.help(() => true)];
    await settle();
    expect(underWay.map(({ path }) => path)).toEqual(
      objects('parent', 3).map(({ id }) => `/v1/parents/${id}/children`),
    );
    expect(sync.writer.help(() => true)).toBeUndefined();
    while (underWay.length > 0) {
      underWay.at(-1)?.go();
      await settle();
    }
    await Promise.all([all, ...helps]);
    expect([...idsOf(sync, children)].sort()).toHaveLength(6);
  });

  it('a page is not done before its helpers are', async () => {
    const { underWay, answer } = waiting();
    const sync = stage({ answer, streams: [children] });
    let isDone = false;
    const all = written(sync, objects('parent', 2)).then(() => {
      isDone = true;
    });
    await settle();
    void sync.writer.help(() => true);
    await settle();
    underWay[0]?.go();
    await settle();
    expect([isDone, underWay.length]).toEqual([false, 1]);
    underWay[0]?.go();
    await all;
    expect(sync.writer.help(() => true)).toBeUndefined();
  });

  it('a page gets help only where its endpoint has capacity', async () => {
    const { underWay, answer } = waiting();
    const sync = stage({ answer, streams: [children] });
    const all = written(sync, objects('parent', 2));
    await settle();
    const asked: string[] = [];
    const hasNone = (endpoint: string) => {
      asked.push(endpoint);
      return false;
    };
    expect([sync.writer.help(hasNone), asked]).toEqual([undefined, ['/v1/parents/{id}/children']]);
    for (let n = 0; n < 2; n += 1) {
      underWay[0]?.go();
      await settle();
    }
    await all;
  });

  it('a page that has failed asks for no more children, although a helper has begun with them', async () => {
    const { underWay, answer } = waiting(({ path }) =>
      path.includes('parent_1') ? refuse('authentication') : listOf(objects('child', 2), true),
    );
    const sync = stage({ answer, streams: [children] });
    const all = written(sync, objects('parent', 2));
    await settle();
    void sync.writer.help(() => true);
    await settle();
    underWay.at(-1)?.go();
    await settle();
    underWay[0]?.go();
    await all;
    expect([underWay, idsOf(sync, children)]).toEqual([[], ['child_0', 'child_1']]);
  });

  it('a worker that has read a page of children offers again what there is to help with', async () => {
    let offers = 0;
    const sync = stage({
      answer: ({ params = [] }) => {
        const after = params.find(([name]) => name === 'starting_after')?.[1];
        return after === undefined ? listOf(objects('child', 1), true) : listOf(objects('child', 2).slice(1));
      },
      streams: [children],
      offer: () => {
        offers += 1;
      },
    });
    await written(sync, objects('parent', 1));
    expect(offers).toBe(2);
  });

  it('a page of one object is not offered to other workers', async () => {
    let offers = 0;
    const offer = () => {
      offers += 1;
    };
    const sync = stage({ answer: () => ({ id: 'parent_0', object: 'parent' }), offer });
    await written(sync, objects('parent', 1), { isBare: true });
    expect(offers).toBe(0);
  });
});
