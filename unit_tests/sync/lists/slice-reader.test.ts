import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StreamDefinition } from '../../../src/streams/definition.js';
import type { Request } from '../../../src/stripe/client.js';
import { StripeError } from '../../../src/stripe/errors.js';
import type { Access } from '../../../src/sync/account/account.js';
import { Expansions } from '../../../src/sync/account/expansions.js';
import { Order } from '../../../src/sync/lists/order.js';
import { SliceReader } from '../../../src/sync/lists/slice-reader.js';
import type { AccountStream } from '../../../src/sync/output/account-stream.js';
import type { StoredPosition } from '../../../src/sync/progress/page-position.js';
import type { Slice } from '../../../src/sync/progress/slice.js';
import { streamOf } from '../fakes.js';

/** When the youngest object may have been created: a first page then tells how dense the list is. */
const LATEST = 3000;

/** A failure is made smaller for so long, in ms: every step reads a list anew. */
const SMALL_ENOUGH = { interruptAfterTimeLimit: 20_000 };

interface Item {
  readonly id: string;
  readonly object: string;
  readonly created: number;
}

/** A Stripe with one list, in this very order. */
function contextOf(list: readonly Item[]): Access & { readonly asked: () => number } {
  let asked = 0;
  const get = async ({ params = [] }: Request) => {
    asked += 1;
    const { 'created[gte]': gte = 0, 'created[lte]': lte = 1e12, starting_after: after } = Object.fromEntries(params);
    if (after !== undefined && !list.some(({ id }) => id === after)) throw new StripeError('cursor', 'No such object');
    const inside = list.filter(({ created }) => created >= Number(gte) && created <= Number(lte));
    const start = after === undefined ? 0 : inside.findIndex(({ id }) => id === after) + 1;
    return { object: 'list', data: inside.slice(start, start + 100), has_more: inside.length > start + 100 };
  };
  const client = { get, requests: () => asked, delayMs: () => 0, stripeTime: () => undefined };
  return { client, expansions: new Expansions([], {}), say: async () => {}, asked: () => asked };
}

/** When the next page is asked for of which slice, and whether one is split then: on the way, in hand, or not at all. */
const step = fc.record({ pick: fc.nat(), split: fc.constantFrom('never', 'never', 'on its way', 'in hand') });

/** Reads the list as workers do, one page after the other of any slice; returns the ids in the order that they are given. */
async function readAll(
  stream: StreamDefinition,
  context: Access,
  steps: Iterator<{ readonly pick: number; readonly split: string }>,
  begun: Slice = {},
): Promise<readonly string[]> {
  const reader = {} as AccountStream;
  const out: string[] = [];
  const open = [new SliceReader(new Order(stream), { lte: LATEST, ...begun }, [[reader, undefined]])];
  const split = (slice: SliceReader) => {
    const half = slice.isWorthSplitting(0) ? slice.split(0) : undefined;
    if (half) open.push(half);
    expectDisjoint(open.map((each) => each.slice));
  };
  while (open.length > 0) {
    const { pick, split: when } = steps.next().value ?? { pick: 0, split: 'never' };
    const slice = open[pick % open.length] as SliceReader;
    const onItsWay = slice.fetch(context);
    if (when === 'on its way') split(slice);
    const { items } = await onItsWay;
    const position = slice.beginPage(reader, items);
    if (when === 'in hand') split(slice);
    out.push(...items.filter((_, index) => !position.isDone(index)).map(({ id }) => id));
    position.noteAll();
    if (!slice.leavePage()) open.splice(open.indexOf(slice), 1);
  }
  return out;
}

/** What a STATE would say at any moment: nothing is to be read by two. */
function expectDisjoint(slices: readonly Slice[]): void {
  const spans = slices.map(({ gte = 0, lte = 0, stop, seen }) => ({ from: stop ?? gte, to: seen ?? lte }));
  spans.sort((a, b) => a.from - b.from);
  for (const [n, { from }] of spans.entries()) expect(from).toBeGreaterThan(spans[n - 1]?.to ?? -1);
}

const times = fc.array(fc.integer({ min: 0, max: LATEST }), { minLength: 250, maxLength: 900 });

function listOf(created: readonly number[]): readonly Item[] {
  return created.map((time, index) => ({ id: `id_${index}`, object: 'x', created: time }));
}

/** Some objects stand later in the list than their time says. */
function withLate(list: readonly Item[], late: readonly { readonly from: number; readonly by: number }[]) {
  const moved = [...list];
  for (const { from, by } of late) {
    const [item] = moved.splice(from % moved.length, 1);
    if (item) moved.splice((from % list.length) + by, 0, item);
  }
  return moved;
}

describe('a list that is split again and again', () => {
  it.each([
    'charges',
    'payment_intents',
  ])('a list that is split again and again gives every object once: %s', async (name) => {
    await fc.assert(
      fc.asyncProperty(times, fc.infiniteStream(step), async (created, steps) => {
        const list = listOf(created.sort((a, b) => b - a));
        const out = await readAll(streamOf(name), contextOf(list), steps);
        expect([...out].sort()).toEqual(list.map(({ id }) => id).sort());
      }),
      { numRuns: 150, ...SMALL_ENOUGH },
    );
  });

  it('a list of undocumented order that is split again and again gives every object, although some come late', async () => {
    const late = fc.array(fc.record({ from: fc.nat(), by: fc.integer({ min: 1, max: 800 }) }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(times, late, fc.infiniteStream(step), async (created, moves, steps) => {
        const list = withLate(listOf(created.sort((a, b) => b - a)), moves);
        const out = await readAll(streamOf('payment_intents'), contextOf(list), steps);
        expect([...new Set(out)].sort()).toEqual(list.map(({ id }) => id).sort());
      }),
      { numRuns: 300, ...SMALL_ENOUGH },
    );
  });

  it('a list gives an object that stands behind one that is deleted just when the next page is to start there', async () => {
    const list = withLate(listOf(Array.from({ length: 300 }, (_, index) => 3000 - index)), [{ from: 20, by: 230 }]);
    const left = [...list];
    const context = contextOf(left);
    function* deleting() {
      yield { pick: 0, split: 'never' };
      yield { pick: 0, split: 'never' };
      left.splice(199, 1);
    }
    const out = await readAll(streamOf('payment_intents'), context, deleting());
    expect([...new Set(out)].sort()).toEqual(list.map(({ id }) => id).sort());
  });

  it.each([
    ['payment_intents', {}],
    ['charges', { after: 'an id that is gone' }],
  ])('a list that loses every place is given up: %s from %o', async (name, begun) => {
    const context = contextOf(listOf(Array(300).fill(1000)));
    const get = ({ path, params = [] }: Request) =>
      context.client.get({
        path,
        params: params.map(([key, value]) => [key, key === 'starting_after' ? 'gone' : value]),
      });
    const losing = { ...context, client: { ...context.client, get } };
    await expect(readAll(streamOf(name), losing, [].values(), begun)).rejects.toThrow('cannot be read to its end');
  });

  it.each([
    'charges',
    'payment_intents',
  ])('a list in disorder is read on after any number of empty pages: %s', async (name) => {
    const list = withLate(listOf(Array.from({ length: 2000 }, (_, index) => 3000 - index)), [{ from: 50, by: 20 }]);
    const context = contextOf(list);
    let asked = 0;
    const get = async (request: Request) => {
      asked += 1;
      return asked % 2 === 0 ? { object: 'list', data: [], has_more: true } : context.client.get(request);
    };
    const out = await readAll(streamOf(name), { ...context, client: { ...context.client, get } }, [].values());
    expect(out).toEqual(list.map(({ id }) => id));
  });

  it('a list of undocumented order gives an object that stands below the stop of a stored state', async () => {
    const list = withLate(listOf(Array.from({ length: 300 }, (_, index) => 3000 - index)), [{ from: 120, by: 130 }]);
    const begun = { after: 'id_99', seen: 2901, stop: 2850 };
    const out = await readAll(streamOf('payment_intents'), contextOf(list), [].values(), begun);
    const due = list.filter(({ created }) => created >= begun.stop && created < begun.seen).map(({ id }) => id);
    expect(out).toEqual(expect.arrayContaining(due));
  });

  it('a slice has no stop in its state once the order was seen to be broken', () => {
    const order = new Order(streamOf('charges'));
    const slice = new SliceReader(order, { lte: 2999, after: 'id_99', seen: 2901, stop: 2850 }, []);
    expect(slice.slice).toHaveProperty('stop');
    order.break();
    expect(slice.slice).toEqual({ gte: 2850, lte: 2999 });
  });

  it('a split costs few requests where Stripe documents the order', async () => {
    const list = listOf(Array.from({ length: 3000 }, (_, index) => 3000 - index));
    const context = contextOf(list);
    await readAll(streamOf('charges'), context, Array(8).fill({ pick: 0, split: 'in hand' }).values());
    expect(context.asked()).toBeLessThanOrEqual(30 + 8 * 2);
  });
});

/** What can be done with a slice. `ask` begins to fetch a page that never comes. */
type Step = 'take' | 'ask' | 'fetch' | 'turn' | 'break';

/** Charges of 350 seconds, in four pages. */
const CHARGES = listOf(Array.from({ length: 350 }, (_, index) => 3000 - index));

/** Slices of the charges, by how they end. */
const SLICES = {
  'with four pages': { lte: 3000 },
  'with one page': { gte: 2950, lte: 3000 },
  'that stops early': { lte: 3000, after: 'id_99', seen: 2901, stop: 2850 },
} as const;

const STREAM = {} as AccountStream;

/** A slice after these steps; `stored` is where an earlier sync was in its page. */
async function sliceAfter(kind: keyof typeof SLICES, steps: readonly Step[], stored?: StoredPosition) {
  const order = new Order(streamOf('charges'));
  const reader = new SliceReader(order, SLICES[kind], [[STREAM, stored]]);
  const context = contextOf(CHARGES);
  const never = { ...context, client: { ...context.client, get: () => new Promise(() => {}) } };
  for (const step of steps) {
    if (step === 'take') reader.take();
    else if (step === 'ask') void reader.fetch(never);
    else if (step === 'fetch') reader.beginPage(STREAM, (await reader.fetch(context)).items).noteAll();
    else if (step === 'turn') reader.leavePage();
    else order.break();
  }
  return { reader, order, context };
}

/** The phase of a slice, as far as the sync can see it. */
function phaseOf({ isWaiting, isEnded, isDone }: SliceReader) {
  return { isWaiting, isEnded, isDone };
}

const WAITING = { isWaiting: true, isEnded: false, isDone: false };
const AT_WORK = { isWaiting: false, isEnded: false, isDone: false };
const ENDED_EARLY = { isWaiting: false, isEnded: true, isDone: false };
const ENDED = { isWaiting: false, isEnded: true, isDone: true };

/** All ways through the phases: the kind of slice, the steps, and what it is then. */
const WAYS: readonly (readonly [keyof typeof SLICES, readonly Step[], string, ReturnType<typeof phaseOf>])[] = [
  ['with one page', [], 'waiting', WAITING],
  ['with one page', ['break'], 'waiting', WAITING],
  ['with one page', ['take'], 'taken', AT_WORK],
  ['with one page', ['take', 'ask'], 'asking', AT_WORK],
  ['with one page', ['take', 'fetch'], 'holding', AT_WORK],
  ['with one page', ['take', 'fetch', 'turn'], 'ended', ENDED],
  ['with one page', ['take', 'fetch', 'turn', 'break'], 'ended', ENDED],
  ['with four pages', ['take', 'fetch', 'turn'], 'asking', AT_WORK],
  ['with four pages', ['take', 'fetch', 'turn', 'fetch'], 'holding', AT_WORK],
  ['with four pages', ['take', 'fetch', 'turn', 'break'], 'asking', AT_WORK],
  ['that stops early', ['take', 'fetch', 'turn'], 'asking', AT_WORK],
  ['that stops early', ['take', 'fetch', 'turn', 'fetch'], 'holding', AT_WORK],
  ['that stops early', ['take', 'fetch', 'turn', 'fetch', 'turn'], 'ended', ENDED_EARLY],
  ['that stops early', ['take', 'fetch', 'turn', 'fetch', 'turn', 'break'], 'ended', WAITING],
  ['that stops early', ['take', 'fetch', 'turn', 'fetch', 'turn', 'break', 'take'], 'taken', AT_WORK],
  ['that stops early', ['take', 'fetch', 'turn', 'fetch', 'turn', 'break', 'take', 'fetch'], 'holding', AT_WORK],
  [
    'that stops early',
    ['take', 'fetch', 'turn', 'fetch', 'turn', 'break', 'take', 'fetch', 'turn', 'fetch', 'turn'],
    'ended',
    ENDED,
  ],
];

/** After these steps the last page is in hand, or all that is left is below the stop: there is nothing to split. */
const AT_THE_END = [
  'with one page: take, fetch',
  'that stops early: take, fetch, turn',
  'that stops early: take, fetch, turn, fetch',
];

describe('the phases of a slice', () => {
  it.each(WAYS)('a slice %s is after %j: %s', async (kind, steps, _, phase) => {
    expect(phaseOf((await sliceAfter(kind, steps)).reader)).toEqual(phase);
  });

  it.each(
    WAYS.filter(([, , name]) => name !== 'holding'),
  )('a slice %s has no page to turn after %j: it is %s', async (kind, steps, name) => {
    const { reader } = await sliceAfter(kind, steps);
    expect(() => reader.leavePage()).toThrow(`No page is in hand: the reader of the slice is ${name}.`);
    expect(phaseOf(reader)).toEqual(WAYS.find(([k, s]) => k === kind && s === steps)?.[3]);
  });

  it.each(WAYS)('a split leaves a slice %s after %j as it is: %s', async (kind, steps, name, phase) => {
    const { reader } = await sliceAfter(kind, steps);
    const half = reader.split(0);
    const hasRest = name !== 'ended' && !AT_THE_END.includes(`${kind}: ${steps.join(', ')}`);
    expect(half && phaseOf(half)).toEqual(hasRest ? WAITING : undefined);
    expect(phaseOf(reader)).toEqual(phase);
    if (name === 'holding') expect(() => reader.leavePage()).not.toThrow();
    else expect(() => reader.leavePage()).toThrow(`is ${name}.`);
  });

  it('what is left of a slice moves on when its page is turned, and not when that comes', async () => {
    const { reader } = await sliceAfter('with four pages', ['take', 'fetch']);
    expect(reader.slice).toEqual({ lte: 3000 });
    expect([reader.leavePage(), reader.slice]).toEqual([true, { lte: 3000, after: 'id_99', seen: 3000 }]);
    expect(reader.leftFor(STREAM)).toEqual(reader.slice);
  });

  it('a page that is emitted in part stays with its stream, and leaves others as they are', async () => {
    const other = {} as AccountStream;
    const reader = new SliceReader(new Order(streamOf('charges')), { lte: 3000 }, [
      [STREAM, undefined],
      [other, { partly: { id_5: null } }],
    ]);
    const position = reader.beginPage(STREAM, (await reader.fetch(contextOf(CHARGES))).items);
    position.note('id_0', null);
    expect(reader.leftFor(STREAM)).toEqual({ lte: 3000, within: { through: 'id_0' } });
    expect(reader.leftFor(other)).toEqual({ lte: 3000, within: { partly: { id_5: null } } });
    expect(reader.leftFor({} as AccountStream)).toBeUndefined();
  });

  it('nothing is left of a slice that has ended, until it has to be read again', async () => {
    const steps = ['take', 'fetch', 'turn', 'fetch', 'turn'] as const;
    const { reader, order } = await sliceAfter('that stops early', steps);
    expect(reader.leftFor(STREAM)).toBeUndefined();
    order.break();
    expect(reader.leftFor(STREAM)).toEqual({ gte: 2850, lte: 3000 });
  });

  it('a slice that has to be read again forgets how far its streams were in a page', async () => {
    const steps = ['take', 'fetch', 'turn', 'fetch', 'turn', 'break'] as const;
    const stored = { partly: { 'an object of a later page': null } };
    expect((await sliceAfter('that stops early', steps.slice(0, 3), stored)).reader.leftFor(STREAM)?.within).toEqual(
      stored,
    );
    const { reader } = await sliceAfter('that stops early', steps, stored);
    expect(reader.leftFor(STREAM)).toEqual({ gte: 2850, lte: 3000 });
    reader.take();
    expect(reader.leftFor(STREAM)).toEqual({ gte: 2850, lte: 3000 });
  });

  it('a page is the last one of its slice when nothing is left of that', async () => {
    expect((await sliceAfter('with four pages', ['take', 'fetch'])).reader.leavePage()).toBe(true);
    expect((await sliceAfter('with one page', ['take', 'fetch'])).reader.leavePage()).toBe(false);
    expect((await sliceAfter('that stops early', ['take', 'fetch', 'turn', 'fetch'])).reader.leavePage()).toBe(false);
  });

  it('a slice that has to be read again begins as if nothing had been read of it', async () => {
    const steps = ['take', 'fetch', 'turn', 'fetch', 'turn', 'break', 'take'] as const;
    const { reader, context } = await sliceAfter('that stops early', steps);
    expect([reader.slice, reader.isRead, reader.expected(0)]).toEqual([{ gte: 2850, lte: 3000 }, false, 0]);
    const { items } = await reader.fetch(context);
    expect(items.map(({ id }) => id)).toEqual(CHARGES.slice(0, 100).map(({ id }) => id));
  });

  it('a slice has been read once a page of it has come', async () => {
    expect((await sliceAfter('with four pages', ['take', 'ask'])).reader.isRead).toBe(false);
    expect((await sliceAfter('with four pages', ['take', 'fetch'])).reader.isRead).toBe(true);
  });

  it('a slice whose place is lost is asked for anew from the newest second of its last page', async () => {
    const { reader, context } = await sliceAfter('with four pages', ['take', 'fetch', 'turn', 'fetch', 'turn']);
    const asked: unknown[] = [];
    const get = async (request: Request) => {
      asked.push(boundsOf(request));
      if (request.params?.some(([name]) => name === 'starting_after'))
        throw new StripeError('cursor', 'No such charge');
      return context.client.get(request);
    };
    await reader.fetch({ ...context, client: { ...context.client, get } });
    expect(asked).toEqual(['lte 3000, after id_199', 'lte 2900']);
  });

  it('a slice that stops early is asked for anew where the order is broken while its page is on its way', async () => {
    const { reader, order, context } = await sliceAfter('that stops early', ['take']);
    const asked: unknown[] = [];
    const get = async (request: Request) => {
      asked.push(boundsOf(request));
      order.break();
      return context.client.get(request);
    };
    const { items } = await reader.fetch({ ...context, client: { ...context.client, get } });
    expect(asked).toEqual(['lte 3000, after id_99', 'gte 2850, lte 3000']);
    expect(items[0]?.id).toBe('id_0');
  });
});

/** The range of a list that a request asks for. */
function boundsOf({ params = [] }: Request): string {
  const names: Readonly<Record<string, string>> = {
    'created[gte]': 'gte',
    'created[lte]': 'lte',
    starting_after: 'after',
  };
  return params.flatMap(([name, value]) => (names[name] ? [`${names[name]} ${value}`] : [])).join(', ');
}
