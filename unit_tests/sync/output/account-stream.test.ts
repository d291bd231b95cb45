import { describe, expect, it } from 'vitest';
import { OutputError } from '../../../src/protocol/errors.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { Failures } from '../../../src/sync/failures/failures.js';
import type { Miss } from '../../../src/sync/failures/misses.js';
import { AccountStream, type Part } from '../../../src/sync/output/account-stream.js';
import type { Slice } from '../../../src/sync/progress/slice.js';
import type { StreamState } from '../../../src/sync/progress/stream-state.js';
import { accountOf, clientOf, NOW, streamOf, transcript } from '../fakes.js';

interface Wish {
  readonly name?: string;
  /** What the sync had to do when it began. */
  readonly pending?: readonly Slice[];
  readonly fullRefresh?: StreamState['fullRefresh'];
}

/** A sync with one account, of which streams can be opened, and what it wrote. */
function stage() {
  const written = transcript();
  const abort = new AbortController();
  const failures = new Failures();
  const account = accountOf({ client: clientOf(() => ({})) });
  let now = NOW * 1000;
  const context = { account, failures, write: written.write, now: () => now, signal: abort.signal };
  const stream = ({ name = 'charges', pending = [{ lte: 100 }], fullRefresh }: Wish = {}) => {
    const progress = { from: 10, created: 100, pending };
    const origin = { livemode: undefined, account: undefined };
    const state = { progress, origin, ...(fullRefresh ? { fullRefresh } : {}) };
    return new AccountStream(
      { descriptor: { name }, definition: streamOf(name), state, isOverwritten: false },
      context,
    );
  };
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...written, abort, failures, account, stream, pass };
}

/** The same with one stream that has started. */
async function started(wish: Wish = {}) {
  const sync = stage();
  const stream = sync.stream(wish);
  await stream.start();
  return { ...sync, stream };
}

const LEFT: Slice = { lte: 50, after: 'ch_9', seen: 51 };

function partOf(...slices: readonly Slice[]): Part {
  return { leftFor: () => slices[0] };
}

function miss(id: string, second = 7): Miss {
  return {
    id,
    meaning: 'request',
    error: new StripeError('request', 'It is odd'),
    slice: { gte: second, lte: second },
  };
}

const ROW = { data: { id: 'ch_1' } };

describe('what is pending of a stream', () => {
  it('what is pending of a stream is what each of its parts has left for this very stream', async () => {
    const { stream } = await started();
    const asked: AccountStream[] = [];
    const leftFor = (who: AccountStream) => {
      asked.push(who);
      return LEFT;
    };
    stream.add({ leftFor });
    stream.add(partOf({ lte: 3 }));
    stream.add(partOf());
    expect(stream.pending).toEqual([LEFT, { lte: 3 }]);
    expect(asked).toEqual([stream]);
  });

  it('nothing is pending of a stream once its only part is removed', async () => {
    const { stream } = await started();
    const part = partOf(LEFT);
    stream.add(part);
    stream.remove(part);
    expect(stream.pending).toEqual([]);
  });

  it('what a stream has missed is pending beside what its parts have left', async () => {
    const { stream } = await started();
    stream.add(partOf(LEFT));
    stream.misses.note(miss('ch_7'));
    expect(stream.pending).toEqual([LEFT, { gte: 7, lte: 7 }]);
  });

  it('a STATE says what is pending at that moment, with all else as it was planned', async () => {
    const { stream, lastState } = await started({ fullRefresh: { job: '7' } });
    let left: Slice = { lte: 90 };
    stream.add({ leftFor: () => left });
    await stream.beat();
    expect(lastState()).toEqual({ version: 1, from: 10, created: 100, pending: [{ lte: 90 }], full_refresh_job: '7' });
    left = { lte: 80 };
    await stream.beat();
    expect(lastState()).toMatchObject({ pending: [{ lte: 80 }] });
  });
});

describe('the progress of a stream', () => {
  it('progress is noted when enough rows have come, and not before', async () => {
    const { stream, lines } = await started();
    stream.add(partOf(LEFT));
    await stream.emit(Array(18).fill(ROW));
    await stream.noteProgress();
    expect(lines()).not.toContain('STATE of 18');
    await stream.emit([ROW]);
    await stream.noteProgress();
    expect(lines().at(-1)).toBe('STATE of 19');
  });

  it('no part is asked what it has left while no STATE can be due', async () => {
    const { stream, pass } = await started();
    let asked = 0;
    const leftFor = () => {
      asked += 1;
      return undefined;
    };
    stream.add({ leftFor });
    await stream.noteProgress();
    expect(asked).toBe(0);
    pass(60_000);
    await stream.noteProgress();
    expect(asked).toBe(1);
  });
});

describe('a stream that has ended', () => {
  type End = (stream: AccountStream) => Promise<void>;
  const ends: readonly (readonly [string, string, End])[] = [
    ['complete', 'is complete', (stream) => stream.complete()],
    ['failed', 'has failed', (stream) => stream.fail(new Error('odd'))],
    ['stopped', 'was stopped', (stream) => stream.stop()],
  ];

  it.each(ends)('%s is the outcome of a stream that %s, and it writes nothing more', async (outcome, _, end) => {
    const { stream, lines, failures, pass } = await started();
    expect([stream.outcome, stream.isOpen]).toEqual([undefined, true]);
    await end(stream);
    expect([stream.outcome, stream.isOpen]).toEqual([outcome, false]);
    const before = lines();
    const noted = failures.traces.length;
    pass(60_000);
    await stream.emit([ROW]);
    await stream.noteProgress();
    await stream.tellEstimate(5);
    await stream.beat();
    await stream.stop();
    await stream.complete();
    await stream.fail(new Error('another'));
    expect([lines(), failures.traces.length, stream.rows, stream.outcome]).toEqual([before, noted, 0, outcome]);
  });
});

describe('a stream of which nothing is left to be read', () => {
  it('a stream that has nothing left and missed nothing is complete', async () => {
    const { stream, lines, lastState, failures } = await started();
    await stream.emit([ROW]);
    await stream.finish();
    expect(lines()).toEqual(['STARTED', 'RUNNING', 'RECORD ch_1', 'STATE of 1', 'COMPLETE']);
    expect(lastState()).toEqual({ version: 1, from: 10, created: 100 });
    expect([stream.outcome, failures.isEmpty]).toEqual(['complete', true]);
  });

  it('a stream fails where a part of it was not read after all, and keeps that in its state', async () => {
    const { stream, lines, lastState } = await started();
    stream.add(partOf(LEFT));
    await stream.emit([ROW]);
    await stream.finish();
    expect([stream.outcome, lines().slice(3, 5)]).toEqual(['failed', ['STATE of 1', 'INCOMPLETE']]);
    expect(lines().at(-1)).toContain('A part of the list was not read.');
    expect(lastState()).toMatchObject({ pending: [LEFT] });
  });

  it('a stream that missed an object fails at its end, names it, and keeps it in its state', async () => {
    const { stream, lines, lastState, failures } = await started();
    stream.misses.noteAnswered();
    stream.misses.note(miss('ch_7'));
    await stream.emit([ROW]);
    await stream.finish();
    expect([stream.outcome, lines().slice(3, 5)]).toEqual(['failed', ['STATE of 1', 'INCOMPLETE']]);
    expect(lastState()).toMatchObject({ pending: [{ gte: 7, lte: 7 }] });
    const message = expect.stringMatching(
      /^charges: 1 could not be read, but the others were \(ch_7\)\. .*It is odd\./,
    );
    expect(failures.traces).toEqual([
      { message, failure_type: 'config_error', stream_descriptor: { name: 'charges' } },
    ]);
  });

  it.each<[string, Wish, readonly Slice[]]>([
    ['an incremental stream is what it missed', {}, [{ gte: 7, lte: 7 }]],
    ['a full refresh of a job is what it missed', { fullRefresh: { job: '7' } }, [{ gte: 7, lte: 7 }]],
    ['a full refresh without a job is everything', { fullRefresh: { job: null } }, [{ gte: 10, lte: 100 }]],
    [
      'a full refresh of a child without a job is everything',
      { name: 'persons', fullRefresh: { job: null } },
      [{ gte: 10, lte: 100 }],
    ],
    [
      'a full refresh without a job of a list that cannot be cut is what it missed',
      { name: 'country_specs', fullRefresh: { job: null } },
      [{ gte: 7, lte: 7 }],
    ],
  ])('after a miss, what the next sync has to read of %s', async (_, wish, pending) => {
    const { stream, lastState } = await started(wish);
    stream.misses.note(miss('x_7'));
    await stream.emit([ROW]);
    await stream.finish();
    expect(lastState()).toMatchObject({ pending });
  });

  it.each([
    ['with a miss', [miss('ch_7')], []],
    ['with a part that is left', [], [LEFT]],
  ] as const)('a stream %s does not fail at its end when the sync was told to stop', async (_, misses, parts) => {
    const { stream, abort, lines, failures } = await started();
    for (const each of misses) stream.misses.note(each);
    for (const each of parts) stream.add(partOf(each));
    const reason = new Error('SIGTERM');
    abort.abort(reason);
    await expect(stream.finish()).rejects.toBe(reason);
    expect([lines(), failures.isEmpty, stream.outcome]).toEqual([['STARTED'], true, undefined]);
  });
});

describe('a stream of which something is left for later', () => {
  it('a stream can be complete although something is left for later, which stays in its state', async () => {
    const { stream, lines, lastState } = await started();
    stream.add(partOf(LEFT));
    await stream.complete();
    expect(lines()).toEqual(['STARTED', 'STATE of 0', 'COMPLETE']);
    expect(lastState()).toMatchObject({ pending: [LEFT] });
  });
});

describe('a stream that fails', () => {
  it('a stream that fails writes a STATE, INCOMPLETE and why; its TRACE ERROR is kept for the end of the sync', async () => {
    const { stream, lines, lastState, failures } = await started();
    stream.add(partOf(LEFT));
    await stream.emit([ROW]);
    await stream.fail(new StripeError('permission', 'No refunds for you'));
    const text =
      "charges: The API key lacks a permission. No refunds for you. Grant it in Stripe's Dashboard (Developers, API keys), or leave the stream out.";
    expect(lines().slice(3)).toEqual(['STATE of 1', 'INCOMPLETE', `ERROR ${text}`]);
    expect(lastState()).toMatchObject({ pending: [LEFT] });
    const trace = { message: text, failure_type: 'config_error', stream_descriptor: { name: 'charges' } };
    expect(failures.traces).toEqual([trace]);
  });

  it('a stream that fails before it emitted anything writes no STATE', async () => {
    const { stream, lines } = await started();
    await stream.fail(new StripeError('permission', 'No'));
    expect(lines().slice(0, 2)).toEqual(['STARTED', 'INCOMPLETE']);
  });

  it.each([
    ['forbidden', true],
    ['untrusted', true],
    ['permission', false],
    ['transient', false],
  ] as const)('an error that is %s ends the reading of its account: %j', async (kind, isEnd) => {
    const { stream, account } = await started();
    const cause = new StripeError(kind, 'No');
    await stream.fail(cause);
    expect(account.ending.failure).toEqual(isEnd ? { error: cause } : undefined);
  });

  it('an account keeps the first cause that ended its reading', async () => {
    const { stream, account } = await started();
    const error = new StripeError('forbidden', 'first');
    account.ending.note(error);
    await stream.fail(new StripeError('untrusted', 'second'));
    expect(account.ending.failure).toEqual({ error });
  });

  it('a cause that ends several streams is told once, although each is INCOMPLETE', async () => {
    const sync = stage();
    const [one, other] = [sync.stream({ name: 'charges' }), sync.stream({ name: 'refunds' })];
    for (const stream of [one, other]) await stream.start();
    const cause = new StripeError('forbidden', 'No');
    for (const stream of [one, other]) await stream.fail(cause);
    expect(sync.lines().filter((line) => line.startsWith('ERROR'))).toHaveLength(1);
    expect(sync.lines().filter((line) => line === 'INCOMPLETE')).toHaveLength(2);
    expect(sync.failures.traces).toHaveLength(1);
  });

  it('a stream does not fail when the sync was told to stop: the reason for that is thrown on', async () => {
    const { stream, abort, lines, failures } = await started();
    const reason = new Error('SIGTERM');
    abort.abort(reason);
    await expect(stream.fail(new StripeError('transient', 'aborted'))).rejects.toBe(reason);
    expect([lines(), failures.isEmpty, stream.isOpen]).toEqual([['STARTED'], true, true]);
  });

  it('a stream does not fail when the reader of its output is gone: that error is thrown on', async () => {
    const { stream, lines, failures } = await started();
    const gone = new OutputError(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    await expect(stream.fail(gone)).rejects.toBe(gone);
    expect([lines(), failures.isEmpty, stream.isOpen]).toEqual([['STARTED'], true, true]);
  });
});

describe('a stream whose sync was told to stop', () => {
  it('a stream that is stopped writes a STATE and INCOMPLETE, and no error', async () => {
    const { stream, abort, lines, lastState, failures } = await started();
    stream.add(partOf(LEFT));
    await stream.emit([ROW]);
    abort.abort();
    await stream.stop();
    expect(lines().slice(3)).toEqual(['STATE of 1', 'INCOMPLETE']);
    expect(lastState()).toMatchObject({ pending: [LEFT] });
    expect([stream.outcome, failures.isEmpty]).toEqual(['stopped', true]);
  });
});

describe('the requests of a stream', () => {
  it('the summary of a stream counts its rows and its own requests', async () => {
    const { stream } = await started();
    await stream.emit([ROW, ROW]);
    await stream.access.client.get({ path: '/v1/charges' });
    stream.tally.waited(1240);
    expect(stream.summary).toBe('charges: 2 rows, 1 requests, 0 retries, 1.2 s waited for limits');
  });

  it('a stream whose requests wait for limits says so', async () => {
    const { stream, lines } = await started();
    stream.tally.waiting((NOW + 20) * 1000);
    expect(lines()).toEqual(['STARTED', 'RATE_LIMITED']);
  });
});

describe('a stream of which an earlier sync has missed objects', () => {
  it.each([
    [0, 10],
    [1, 10],
    [3, 12],
  ])('a stream that begins with %i slices is hopeless after %i misses, and not before', async (slices, most) => {
    const { stream } = await started({ pending: Array.from({ length: slices }, (_, n) => ({ gte: n, lte: n })) });
    for (let n = 1; n < most; n += 1) stream.misses.note(miss(`ch_${n}`));
    expect(stream.misses.isHopeless).toBe(false);
    stream.misses.note(miss('ch_0'));
    expect(stream.misses.isHopeless).toBe(true);
  });
});
