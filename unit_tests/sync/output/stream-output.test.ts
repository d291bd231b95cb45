import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputError } from '../../../src/protocol/errors.js';
import type { Message, Write } from '../../../src/protocol/messages.js';
import { BrokenContract, type Emitted, StreamOutput } from '../../../src/sync/output/stream-output.js';
import type { Slice } from '../../../src/sync/progress/slice.js';
import { lengthOf, type StreamState, toStored } from '../../../src/sync/progress/stream-state.js';
import { NOW, settle, transcript } from '../fakes.js';

const CHARGES = { name: 'charges' };

/** An output with a clock of its own, and what it wrote. */
function stage(descriptor: { readonly name: string; readonly namespace?: string } = CHARGES, cursor?: number) {
  let now = NOW * 1000;
  const written = transcript();
  const output = new StreamOutput(descriptor, { write: written.write, now: () => now }, cursor);
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...written, output, pass, now: () => now };
}

/** The same, once it has started. */
async function started() {
  const stream = stage();
  await stream.output.start();
  return stream;
}

function rows(count: number): readonly Emitted[] {
  return Array.from({ length: count }, (_, index) => ({ data: { id: `ch_${index}` } }));
}

function stateOf(pending: readonly Slice[], created = 100): StreamState {
  return { progress: { from: 0, created, pending }, origin: { livemode: undefined, account: undefined } };
}

const DONE = stateOf([]);
const LEFT = stateOf([{ lte: 50 }]);

describe('the order of messages', () => {
  it('a stream writes STARTED, RUNNING, its rows, the STATE that covers them and COMPLETE, in this order', async () => {
    const { output, lines } = stage();
    await output.start();
    await output.writeRows(rows(2));
    await output.complete(DONE);
    expect(lines()).toEqual(['STARTED', 'RUNNING', 'RECORD ch_0', 'RECORD ch_1', 'STATE of 2', 'COMPLETE']);
  });

  it('a stream with nothing to read writes a STATE before COMPLETE all the same', async () => {
    const { output, lines } = await started();
    await output.writeRows([]);
    await output.complete(DONE);
    expect(lines()).toEqual(['STARTED', 'STATE of 0', 'COMPLETE']);
  });

  it('a stream that is abandoned after a row writes a STATE before INCOMPLETE', async () => {
    const { output, lines } = await started();
    await output.writeRows(rows(1));
    await output.abandon(LEFT);
    expect(lines()).toEqual(['STARTED', 'RUNNING', 'RECORD ch_0', 'STATE of 1', 'INCOMPLETE']);
  });

  it('a stream that is abandoned without a row writes a STATE before INCOMPLETE where its last STATE said something else', async () => {
    const { output, lines } = await started();
    await output.repeatState(LEFT);
    await output.abandon(DONE);
    expect(lines()).toEqual(['STARTED', 'STATE of 0', 'STATE of 0', 'INCOMPLETE']);
  });

  it('a stream that is abandoned before anything was written keeps its stored state: it writes INCOMPLETE alone', async () => {
    const { output, lines } = await started();
    await output.abandon(LEFT);
    expect(lines()).toEqual(['STARTED', 'INCOMPLETE']);
  });

  it('a line for people may come after the end of a stream', async () => {
    const { output, lines } = await started();
    await output.abandon(LEFT);
    await output.explain('It is odd.');
    expect(lines()).toEqual(['STARTED', 'INCOMPLETE', 'ERROR It is odd.']);
  });
});

/** What the engine may do with an output between its start and its end, in any order. */
const step = fc.oneof(
  fc.record({ name: fc.constant('rows'), count: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ name: fc.constantFrom('state', 'beat', 'estimate'), count: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ name: fc.constant('pass'), count: fc.constantFrom(1, 30_000, 60_000) }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function take({ output, pass }: ReturnType<typeof stage>, { name, count }: Step): Promise<void> {
  // One of a few states, so that the same one often comes again.
  const state = stateOf(Array.from({ length: count }, (_, index) => ({ gte: index, lte: index })));
  if (name === 'rows') await output.writeRows(rows(count));
  else if (name === 'state') await output.writeStateIfDue(state);
  else if (name === 'beat') await output.repeatState(state);
  else if (name === 'estimate') await output.writeEstimate(count);
  else pass(count);
}

describe('any sequence of rows, STATEs, heartbeats and estimates', () => {
  async function played(steps: readonly Step[]) {
    const stream = await started();
    for (const each of steps) await take(stream, each);
    await stream.output.complete(DONE);
    return stream;
  }

  it('any use of an output gives STARTED first, COMPLETE last, and RUNNING once: just before the first row', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const lines = (await played(steps)).lines();
        const first = lines.findIndex((line) => line.startsWith('RECORD'));
        expect([lines[0], lines.at(-1)]).toEqual(['STARTED', 'COMPLETE']);
        expect(lines.flatMap((line, index) => (line === 'RUNNING' ? [index] : []))).toEqual(
          first < 0 ? [] : [first - 1],
        );
      }),
    );
  });

  it('each STATE counts the rows since the one before it, however an output is used', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { messages, output } = await played(steps);
        const counts = countsBetweenStates(messages);
        // The last state may be the same as the one before it: the rows in between are then in none.
        const counted = messages.flatMap((each) => (each.type === 'STATE' ? [each.state.sourceStats.recordCount] : []));
        expect(counted).toEqual(counts.slice(0, counted.length));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(output.rows);
      }),
    );
  });

  it('the same STATE never comes twice with rows in between, however an output is used', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { messages } = await played(steps);
        const states = messages.flatMap((each) => (each.type === 'STATE' ? [each.state] : []));
        const repeated = states.filter(({ stream }, index) => {
          const before = states[index - 1]?.stream.stream_state;
          return JSON.stringify(stream.stream_state) === JSON.stringify(before);
        });
        expect(repeated.every(({ sourceStats }) => sourceStats.recordCount === 0)).toBe(true);
      }),
    );
  });
});

/** How many records come before each STATE and after the one before it; at last, how many come after the last STATE. */
function countsBetweenStates(messages: readonly Message[]): readonly number[] {
  const counts = [0];
  for (const { type } of messages) {
    if (type === 'STATE') counts.push(0);
    if (type === 'RECORD') counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
  }
  return counts;
}

describe('rows', () => {
  it('rows are all handed over before writeRows returns, and it resolves when the reader can take more', async () => {
    const handed: string[] = [];
    let take: () => void = () => {};
    const taken = new Promise<void>((resolve) => {
      take = resolve;
    });
    const write: Write = (message) => {
      handed.push(message.type);
      return message.type === 'RECORD' ? taken : Promise.resolve();
    };
    const output = new StreamOutput(CHARGES, { write, now: () => NOW });
    await output.start();
    let isOver = false;
    const written = output.writeRows(rows(3)).then(() => {
      isOver = true;
    });
    expect(handed).toEqual(['TRACE', 'TRACE', 'RECORD', 'RECORD', 'RECORD']);
    await settle();
    expect(isOver).toBe(false);
    take();
    await written;
  });

  it('rows of several workers at once have RUNNING before the first of them alone', async () => {
    const { output, lines } = await started();
    await Promise.all([output.writeRows(rows(1)), output.writeRows(rows(1))]);
    expect(lines()).toEqual(['STARTED', 'RUNNING', 'RECORD ch_0', 'RECORD ch_0']);
  });

  it('a row says what it lacks, and nothing where it is whole', async () => {
    const { output, messages } = await started();
    const changes = [{ field: 'refunds', change: 'TRUNCATED', reason: 'SOURCE_FIELD_SIZE_LIMITATION' }] as const;
    await output.writeRows([{ data: { id: 'ch_1' }, changes }, { data: { id: 'ch_2' } }]);
    const records = messages.flatMap((each) => (each.type === 'RECORD' ? [each.record] : []));
    expect(records).toEqual([
      { stream: 'charges', data: { id: 'ch_1' }, emitted_at: NOW * 1000, meta: { changes } },
      { stream: 'charges', data: { id: 'ch_2' }, emitted_at: NOW * 1000 },
    ]);
  });

  it('every message of a stream with a namespace carries it', async () => {
    const descriptor = { name: 'charges', namespace: 'shop' };
    const { output, messages } = stage(descriptor);
    await output.start();
    await output.writeRows(rows(1));
    await output.writeEstimate(1);
    await output.complete(DONE);
    const named = messages.map((each) => {
      if (each.type === 'RECORD') return { name: each.record.stream, namespace: each.record.namespace };
      if (each.type === 'STATE') return each.state.stream.stream_descriptor;
      return each.type === 'TRACE' ? (each.trace.stream_status?.stream_descriptor ?? each.trace.estimate) : undefined;
    });
    expect(named).toHaveLength(6);
    for (const each of named) expect(each).toMatchObject(descriptor);
  });
});

describe('a STATE', () => {
  const ID = 'ch_3OmNabcdefghijklmnopqrst';

  it.each<[string, readonly Slice[], number]>([
    ['that has no slices', [], 10],
    ['that has one slice', [{ lte: 50 }], 16],
    ['that has a slice in use', [{ lte: 50, after: ID, seen: 60 }], 19],
    [
      'that has a slice and is inside of a page of it',
      [{ lte: 50, after: ID, within: { through: ID, partly: { [ID]: null } } }],
      25,
    ],
  ])('a STATE %s is due when there is a row for each 12 of its characters, and no sooner', async (_, pending, due) => {
    const { output, lines } = await started();
    await output.writeRows(rows(due - 1));
    await output.writeStateIfDue(stateOf(pending));
    expect(lines().at(-1)).toBe(`RECORD ch_${due - 2}`);
    await output.writeRows(rows(1));
    await output.writeStateIfDue(stateOf(pending));
    expect(lines().at(-1)).toBe(`STATE of ${due}`);
  });

  it.each([
    [59_999, false],
    [60_000, true],
  ])('a STATE %i ms after the last one is due without any row: %j', async (ms, isDue) => {
    const { output, pass, lines } = await started();
    pass(60_000);
    await output.writeStateIfDue(LEFT);
    pass(ms);
    expect(output.mayNeedState).toBe(isDue);
    await output.writeStateIfDue(DONE);
    expect(lines().filter((line) => line === 'STATE of 0')).toHaveLength(isDue ? 2 : 1);
  });

  it('a STATE may be needed as soon as there is a row', async () => {
    const { output } = await started();
    expect(output.mayNeedState).toBe(false);
    await output.writeRows(rows(1));
    expect(output.mayNeedState).toBe(true);
  });

  it('a STATE that says the same as the last one is not written, and its rows are counted in the next one', async () => {
    const { output, lines } = await started();
    await output.writeRows(rows(20));
    await output.writeStateIfDue(LEFT);
    await output.writeRows(rows(20));
    await output.writeStateIfDue(LEFT);
    expect(lines().at(-1)).toBe('RECORD ch_19');
    await output.writeStateIfDue(DONE);
    expect(lines().at(-1)).toBe('STATE of 20');
  });

  it('a heartbeat repeats the last STATE where no row came since', async () => {
    const { output, lines } = await started();
    await output.repeatState(LEFT);
    await output.repeatState(LEFT);
    expect(lines()).toEqual(['STARTED', 'STATE of 0', 'STATE of 0']);
  });

  it('a heartbeat does not repeat the last STATE where rows came since, but writes one that says something else', async () => {
    const { output, lines } = await started();
    await output.repeatState(LEFT);
    await output.writeRows(rows(1));
    await output.repeatState(LEFT);
    expect(lines().at(-1)).toBe('RECORD ch_0');
    await output.repeatState(DONE);
    expect(lines().at(-1)).toBe('STATE of 1');
  });
});

describe('an estimate', () => {
  it('the number of expected rows is that of the last estimate, and unknown before the first one', async () => {
    const { output } = await started();
    expect(output.expectedRows).toBeUndefined();
    await output.writeEstimate(7);
    expect(output.expectedRows).toBe(7);
  });

  it.each([
    [110, false],
    [111, true],
    [90, false],
    [89, true],
  ])('an estimate of %i rows after one of 100 is written: %j', async (next, isNews) => {
    const { output, lines } = await started();
    await output.writeEstimate(100);
    await output.writeEstimate(next);
    expect(lines()).toEqual(['STARTED', 'ESTIMATE 100', ...(isNews ? [`ESTIMATE ${next}`] : [])]);
  });

  it.each([
    ['a wrong estimate is corrected before the last STATE', 5, ['ESTIMATE 2', 'STATE of 2', 'COMPLETE']],
    ['a right estimate is not repeated at the end', 2, ['STATE of 2', 'COMPLETE']],
  ])('%s', async (_, estimate, end) => {
    const { output, lines } = await started();
    await output.writeEstimate(estimate);
    await output.writeRows(rows(2));
    await output.complete(DONE);
    expect(lines().slice(5)).toEqual(end);
  });
});

describe('RATE_LIMITED', () => {
  it.each([
    [9_499, false],
    [9_500, true],
    [600_000, true],
  ])('RATE_LIMITED is said of a wait of %i ms: %j', async (ms, isSaid) => {
    const { output, lines, now } = await started();
    output.tellLimited(now() + ms);
    expect(lines()).toEqual(isSaid ? ['STARTED', 'RATE_LIMITED'] : ['STARTED']);
  });

  it('RATE_LIMITED says until when a stream waits, in whole milliseconds', async () => {
    const { output, messages, now } = await started();
    output.tellLimited(now() + 20_000.4);
    const reasons = [{ type: 'RATE_LIMITED', rate_limited: { quota_reset: now() + 20_000 } }];
    expect(messages.at(-1)).toMatchObject({ trace: { stream_status: { status: 'RUNNING', reasons } } });
  });

  it('RATE_LIMITED is said neither before the start of a stream nor after its end', async () => {
    const { output, lines, now } = stage();
    output.tellLimited(now() + 60_000);
    await output.start();
    await output.complete(DONE);
    output.tellLimited(now() + 60_000);
    await settle();
    expect(lines()).toEqual(['STARTED', 'STATE of 0', 'COMPLETE']);
  });

  it('a RATE_LIMITED that cannot be written fails nothing but the next message', async () => {
    const gone = new OutputError(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    let isGone = false;
    const write: Write = () => (isGone ? Promise.reject(gone) : Promise.resolve());
    const output = new StreamOutput(CHARGES, { write, now: () => NOW });
    await output.start();
    isGone = true;
    output.tellLimited(NOW + 60_000);
    await settle();
    await expect(output.writeRows(rows(1))).rejects.toBe(gone);
  });
});

type Use = (output: StreamOutput) => Promise<unknown>;

const USES: Readonly<Record<string, Use>> = {
  'a row': (output) => output.writeRows(rows(1)),
  'a STATE': (output) => output.repeatState(DONE),
  'an estimate': (output) => output.writeEstimate(5),
  COMPLETE: (output) => output.complete(DONE),
  INCOMPLETE: (output) => output.abandon(DONE),
};

describe('an output out of order', () => {
  it.each(Object.entries(USES))('%s before the start throws, and nothing is written', async (_, use) => {
    const { output, lines } = stage();
    await expect(use(output)).rejects.toThrow(
      'The output of stream charges is out of order: a message was written in phase new.',
    );
    expect(lines()).toEqual([]);
  });

  it.each(Object.entries(USES))('%s after the end throws, and nothing is written', async (_, use) => {
    const { output, lines } = await started();
    await output.abandon(LEFT);
    await expect(use(output)).rejects.toThrow('out of order: a message was written in phase ended.');
    expect(lines()).toEqual(['STARTED', 'INCOMPLETE']);
  });

  it('a second start throws, before the end and after it', async () => {
    const { output, lines } = await started();
    await expect(output.start()).rejects.toThrow('out of order: it is started twice.');
    await output.complete(DONE);
    await expect(output.start()).rejects.toThrow('out of order: it is started twice.');
    expect(lines()).toEqual(['STARTED', 'STATE of 0', 'COMPLETE']);
  });

  it('a STATE whose cursor goes back throws, and is not written', async () => {
    const { output, lines } = await started();
    await output.repeatState(stateOf([], 100));
    await expect(output.repeatState(stateOf([], 99))).rejects.toThrow('out of order: its cursor goes back.');
    await output.repeatState(stateOf([], 101));
    expect(lines()).toEqual(['STARTED', 'STATE of 0', 'STATE of 0']);
  });

  it('a STATE whose cursor is less than that of the stored state throws, and is not written', async () => {
    const { output, lines } = stage(CHARGES, 100);
    await output.start();
    await expect(output.repeatState(stateOf([], 99))).rejects.toThrow(BrokenContract);
    expect(lines()).toEqual(['STARTED']);
  });

  it.each(['complete', 'abandon'] as const)('a stream whose last STATE is refused does not end: %s', async (end) => {
    const { output, lines } = stage(CHARGES, 100);
    await output.start();
    await output.writeRows([{ data: { id: 'ch_1' } }]);
    await expect(output[end](stateOf([], 99))).rejects.toThrow(BrokenContract);
    expect(lines()).toEqual(['STARTED', 'RUNNING', 'RECORD ch_1']);
  });
});

/** Ids as Stripe makes them. */
const id = fc.stringMatching(/^(?:ch|in|po|txn|cus|seti|price)_[A-Za-z0-9]{14,24}$/);
const second = fc.integer({ min: 1_300_000_000, max: 1_900_000_000 });
const within = fc.record(
  { through: id, partly: fc.dictionary(id, fc.option(id), { maxKeys: 20 }) },
  { requiredKeys: [] },
);
const bounded = { gte: second, lte: second };
const slice = fc.record(
  { ...bounded, after: id, seen: second, stop: second, within },
  { requiredKeys: ['gte', 'lte'] },
);

describe('the length that a STATE is taken to have', () => {
  it('the length of a STATE is estimated to be at least half and at most twice of what it is', () => {
    const state = fc.record({
      progress: fc.record({ from: second, created: second, pending: fc.array(slice, { maxLength: 60 }) }),
      origin: fc.record({ livemode: fc.boolean(), account: fc.constant('acct_1Nv0FGQ9RKHgCVdK') }),
    });
    fc.assert(
      fc.property(state, (each) => {
        const real = JSON.stringify(toStored(each)).length;
        expect(lengthOf(each) / real).toBeGreaterThan(0.5);
        expect(lengthOf(each) / real).toBeLessThan(2);
      }),
      { numRuns: 300 },
    );
  });
});
