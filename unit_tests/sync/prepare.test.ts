import { describe, expect, it } from 'vitest';
import type { ConfiguredStream } from '../../src/protocol/catalog.js';
import { Failures } from '../../src/sync/failures/failures.js';
import type { SyncOptions } from '../../src/sync/options.js';
import { prepareStreams, withoutUnknown } from '../../src/sync/prepare.js';
import { accountOf, NOW, optionsOf, transcript } from './fakes.js';

const DAY = 86_400;
/** What a sync reads up to, in streams that Stripe shows late by no more than others. */
const HORIZON = NOW - 60;

/** An incremental stream whose destination keeps its rows, unless other modes are given. */
function configured(name: string, given: Partial<ConfiguredStream> = {}): ConfiguredStream {
  const modes = { syncMode: 'incremental', destinationSyncMode: 'append', minimumGenerationId: 0 } as const;
  return { descriptor: { name }, ...modes, ...given };
}

const REFRESH = { syncMode: 'full_refresh' } as const;
const OVERWRITE = { syncMode: 'full_refresh', destinationSyncMode: 'overwrite' } as const;

interface Wish extends Partial<SyncOptions> {
  /** The account that is read. */
  readonly read?: Parameters<typeof accountOf>[0];
  /** The stored state of each stream. */
  readonly stored?: Readonly<Record<string, unknown>>;
}

/** Prepares streams as a sync does; returns them with what was written and what has failed. */
async function prepared(streams: readonly ConfiguredStream[], { read = {}, stored = {}, ...given }: Wish = {}) {
  const { write, lines, lastState } = transcript();
  const failures = new Failures();
  const state = { of: ({ name }: { readonly name: string }) => stored[name], warnings: () => [] };
  const options = optionsOf({ streams, state, write, ...given });
  const known = await withoutUnknown(options, failures);
  const opened = await prepareStreams(options, known, { account: accountOf(read), failures });
  return { streams: opened, planned: opened.map(({ planned }) => planned), lines: lines(), lastState, failures };
}

/** What one stream has to do, given its stored state. */
async function plannedFor(stream: ConfiguredStream, stored: unknown, given: Wish = {}) {
  const result = await prepared([stream], { ...given, stored: { [stream.descriptor.name]: stored } });
  expect(result.failures.traces).toEqual([]);
  return result.planned[0];
}

/** What a stream says in its first STATE. */
async function stateOf(stream: ConfiguredStream, given: Wish = {}) {
  const { streams, lastState } = await prepared([stream], given);
  for (const each of streams) {
    await each.start();
    await each.beat();
  }
  return lastState();
}

describe('a stream that does not exist', () => {
  it('a stream that does not exist is INCOMPLETE with a WARN, and the others are read', async () => {
    const { streams, lines, failures } = await prepared([configured('chargess'), configured('charges')]);
    expect(streams.map(({ descriptor }) => descriptor.name)).toEqual(['charges']);
    expect(lines).toEqual([
      'WARN There is no stream chargess, so it is skipped. Remove the stream from the catalog, or run discover to see all streams.',
      'INCOMPLETE',
    ]);
    expect(failures.isEmpty).toBe(true);
  });

  it.each([
    OVERWRITE,
    { ...REFRESH, destinationSyncMode: 'overwrite_dedup' } as const,
    { minimumGenerationId: 1 },
  ])('a stream that does not exist has failed where the destination would drop its rows: %j', async (modes) => {
    const { lines, failures } = await prepared([configured('chargess', modes)]);
    expect(lines).toEqual([
      expect.stringMatching(/^ERROR There is no stream chargess, .* drop the rows/),
      'INCOMPLETE',
    ]);
    expect(failures.traces).toEqual([
      expect.objectContaining({ failure_type: 'config_error', stream_descriptor: { name: 'chargess' } }),
    ]);
  });
});

describe('a stored state that cannot be used', () => {
  it('a stream with a state that cannot be read has failed before it started, and the others are read', async () => {
    const stored = { charges: { created: 'then' } };
    const { streams, lines, failures } = await prepared([configured('charges'), configured('refunds')], { stored });
    expect(streams.map(({ descriptor }) => descriptor.name)).toEqual(['refunds']);
    expect(lines).toEqual(['INCOMPLETE', expect.stringMatching(/^ERROR The state of stream charges cannot be read/)]);
    expect(failures.traces).toEqual([
      expect.objectContaining({ failure_type: 'config_error', stream_descriptor: { name: 'charges' } }),
    ]);
  });

  it.each([
    ['of another account', { account: 'acct_2' }, 'The state belongs to account acct_2, but this sync reads acct_1'],
    ['of live mode, with a test key', { livemode: true }, 'The state was written in live mode'],
  ])('a state %s is refused, and told once for all streams', async (_, origin, text) => {
    const state = { version: 1, created: NOW - DAY, from: 0, ...origin };
    const stored = { charges: state, refunds: state };
    const { streams, lines, failures } = await prepared([configured('charges'), configured('refunds')], { stored });
    expect(streams).toEqual([]);
    expect(lines).toEqual(['INCOMPLETE', expect.stringContaining(`ERROR ${text}`), 'INCOMPLETE']);
    expect(failures.traces).toEqual([expect.objectContaining({ message: expect.stringContaining(text) })]);
  });

  it.each([
    ['full refresh', REFRESH],
    ['incremental', {}],
  ])('a state of another account is refused in every mode (%s)', async (_, modes) => {
    const stored = { charges: { version: 1, created: 5, from: 0, account: 'acct_2' } };
    expect((await prepared([configured('charges', modes)], { stored })).failures.isEmpty).toBe(false);
  });
});

describe('a warning about a stored state', () => {
  const steady = { version: 1, created: NOW - DAY, from: 0 };

  it.each([
    [
      'of which this sync does not know the account',
      { account: 'acct_1' },
      { id: undefined },
      'The state belongs to account acct_1. It is not known whether this sync reads the same account',
    ],
    [
      'of live mode, of which this sync does not know the mode',
      { livemode: true },
      { livemode: undefined },
      'The state was written in live mode. It is not known whether api_key belongs to the same mode',
    ],
    [
      'of test mode, of which this sync does not know the mode',
      { livemode: false },
      { livemode: undefined },
      'The state was written in test mode. It is not known whether api_key belongs to the same mode',
    ],
    [
      'that names an account in an odd form',
      { account: 'shop' },
      {},
      'The account in the state does not have the form',
    ],
  ])('a state %s is used, with one WARN for all streams', async (_, origin, read, text) => {
    const stored = { charges: { ...steady, ...origin }, refunds: { ...steady, ...origin } };
    const both = [configured('charges'), configured('refunds')];
    const { streams, lines } = await prepared(both, { stored, read });
    expect(streams).toHaveLength(2);
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^WARN ${text}`))]);
  });

  it("a state of Airbyte's connector is used from ten minutes before it, with a WARN", async () => {
    const stored = { charges: { created: String(NOW - DAY) } };
    const { planned, lines } = await prepared([configured('charges')], { stored });
    expect(planned[0]?.pending).toEqual([{ gte: NOW - DAY - 600 + 1, lte: HORIZON }]);
    expect(lines).toEqual([
      expect.stringMatching(/^WARN charges: the state is that of Airbyte's connector.*since 600 s/),
    ]);
  });

  it('a cursor beyond this second is warned of, because there is nothing to read yet', async () => {
    const stored = { charges: { version: 1, created: NOW + 1, from: 0 } };
    const { lines } = await prepared([configured('charges')], { stored });
    expect(lines).toEqual([
      'WARN charges: the state says that everything created up to 2025-11-20T14:46:41.000Z has been read, so there is nothing to read yet.',
    ]);
  });

  it.each([
    ['of this very second', { created: NOW }],
    ['beyond this second with something left to read', { created: NOW + 1, pending: [{ lte: 5 }] }],
  ])('a cursor %s is not warned of', async (_, state) => {
    const stored = { charges: { version: 1, from: 0, ...state } };
    expect((await prepared([configured('charges')], { stored })).lines).toEqual([]);
  });

  it.each([
    ['events', 30 * DAY + 1, 1],
    ['events', 30 * DAY, 0],
    ['charges', 3000 * DAY, 0],
  ])('a state of %s that is %i seconds old is warned of where Stripe keeps less than that: %i times', async (name, age, warnings) => {
    const stored = { [name]: { version: 1, created: NOW - age, from: 0 } };
    const { lines } = await prepared([configured(name)], { stored });
    expect(lines).toHaveLength(warnings);
    for (const line of lines) {
      expect(line).toMatch(
        /^WARN events: Stripe keeps these objects for 30 days\. Those created between 2025-10-21T14:46:39.* and 2025-10-21T14:46:40.* can no/,
      );
    }
  });

  it('a stream that is read whole is not warned of how old or new its state is', async () => {
    const stored = { customer_sources: { version: 1, created: NOW + 9, from: 0, full_refresh_job: null } };
    expect((await prepared([configured('customer_sources')], { stored })).lines).toEqual([]);
  });

  it('a state of the account and the mode that are read is not warned of', async () => {
    const stored = { charges: { ...steady, account: 'acct_1', livemode: false } };
    expect((await prepared([configured('charges')], { stored })).lines).toEqual([]);
  });

  it('a stream without a state is warned of nothing', async () => {
    const unknown = { id: undefined, livemode: undefined };
    expect((await prepared([configured('charges'), configured('events')], { read: unknown })).lines).toEqual([]);
  });
});

describe('what a stream has to do', () => {
  it.each<[string, string, object]>([
    ['60 s behind the clock', 'charges', { created: NOW - 60, pending: [{ lte: NOW - 60 }] }],
    [
      'further behind where Stripe shows rows late',
      'balance_transactions',
      { created: NOW - 600, pending: [{ lte: NOW - 600 }] },
    ],
    [
      'behind the clock of its parents where it is a child',
      'payout_balance_transactions',
      { created: NOW - 60, pending: [{ lte: NOW - 60 }] },
    ],
  ])('a first sync reads everything up to %s (%s)', async (_, name, progress) => {
    expect(await plannedFor(configured(name), undefined)).toEqual({ from: 0, ...progress });
  });

  it('a first sync reads the configured dates, with the end date where it is before the horizon', async () => {
    const window = { from: 100, to: 200 };
    expect(await plannedFor(configured('charges'), undefined, { window })).toMatchObject({
      pending: [{ gte: 100, lte: 200 }],
    });
    const late = { from: 100, to: NOW + 5 };
    expect(await plannedFor(configured('charges'), undefined, { window: late })).toMatchObject({ created: HORIZON });
  });

  it('a list that cannot be cut is read as one slice without bounds', async () => {
    expect((await plannedFor(configured('country_specs'), undefined))?.pending).toEqual([{}]);
  });

  it('a horizon is never before 1970', async () => {
    expect(await plannedFor(configured('charges'), undefined, { read: { horizon: 5 } })).toMatchObject({ created: 0 });
  });

  it('a lookback reads again what an incremental stream has read, and nothing in a full refresh', async () => {
    const stored = { version: 1, created: NOW - DAY, from: 0 };
    const lookback = 10;
    const again = await plannedFor(configured('charges'), stored, { lookback });
    expect(again?.pending).toEqual([{ gte: NOW - DAY + 1 - 10, lte: HORIZON }]);
    const job = { ...stored, pending: [{ lte: 5 }], full_refresh_job: '7' };
    const refreshed = await plannedFor(configured('charges', REFRESH), job, { lookback, job: '7' });
    expect(refreshed?.pending).toEqual([{ lte: 5 }, { gte: NOW - DAY + 1, lte: HORIZON }]);
  });

  it('a state is found by the whole descriptor of its stream', async () => {
    const asked: unknown[] = [];
    const descriptor = { name: 'charges', namespace: 'shop' };
    const state = { of: (stream: unknown) => void asked.push(stream), warnings: () => [] };
    const stream = configured('charges', { descriptor });
    const options = optionsOf({ streams: [stream], state });
    const known = await withoutUnknown(options, new Failures());
    await prepareStreams(options, known, { account: accountOf(), failures: new Failures() });
    expect(asked).toEqual([descriptor]);
  });
});

describe('what a full refresh makes of a stored state', () => {
  const EVERYTHING = [{ lte: HORIZON }];
  const LEFT = [{ lte: 500, after: 'ch_9', seen: 510 }];
  const ON = [...LEFT, { gte: NOW - DAY + 1, lte: HORIZON }];
  const begun = { version: 1, created: NOW - DAY, from: 0, pending: LEFT };
  const done = { version: 1, created: NOW - DAY, from: 0 };

  it.each<[string, object, Partial<ConfiguredStream>, string | undefined, readonly object[]]>([
    ['an unfinished one of this job goes on', { ...begun, full_refresh_job: '7' }, REFRESH, '7', ON],
    [
      'an unfinished one of this job goes on at an overwriting destination',
      { ...begun, full_refresh_job: '7' },
      OVERWRITE,
      '7',
      ON,
    ],
    ['an unfinished one of another job begins again', { ...begun, full_refresh_job: '6' }, REFRESH, '7', EVERYTHING],
    ['an unfinished one without a job goes on in a job', { ...begun, full_refresh_job: null }, REFRESH, '7', ON],
    [
      'an unfinished one without a job goes on without one',
      { ...begun, full_refresh_job: null },
      REFRESH,
      undefined,
      ON,
    ],
    ['an unfinished one of a job goes on without one', { ...begun, full_refresh_job: '6' }, REFRESH, undefined, ON],
    [
      'an unfinished one without a job begins again at an overwriting destination',
      { ...begun, full_refresh_job: null },
      OVERWRITE,
      undefined,
      EVERYTHING,
    ],
    [
      'an unfinished one of another job begins again at an overwriting destination',
      { ...begun, full_refresh_job: '6' },
      OVERWRITE,
      '7',
      EVERYTHING,
    ],
    ['a finished one of this job has nothing to do', { ...done, full_refresh_job: '7' }, REFRESH, '7', []],
    [
      'a finished one of this job has nothing to do at an overwriting destination',
      { ...done, full_refresh_job: '7' },
      OVERWRITE,
      '7',
      [],
    ],
    ['a finished one of another job begins again', { ...done, full_refresh_job: '6' }, REFRESH, '7', EVERYTHING],
    ['a finished one without a job begins again', { ...done, full_refresh_job: null }, REFRESH, undefined, EVERYTHING],
    ['an incremental state that is finished begins again', done, REFRESH, '7', EVERYTHING],
    ['an incremental state that is unfinished begins again', begun, REFRESH, undefined, EVERYTHING],
  ])('a full refresh with the state of %s', async (_, stored, modes, job, pending) => {
    expect((await plannedFor(configured('charges', modes), stored, { job }))?.pending).toEqual(pending);
  });

  it.each([
    ['the same dates', 100, 200, []],
    ['a later start date', 150, 200, []],
    ['an earlier end date', 100, 150, []],
    ['an earlier start date', 50, 200, [{ gte: 50, lte: 99 }]],
    ['a later end date', 100, 300, [{ gte: 201, lte: 300 }]],
    ['no end date', 100, undefined, [{ gte: 201, lte: HORIZON }]],
  ])('a finished full refresh of this job reads only what other dates add: with %s', async (_, from, to, pending) => {
    const stored = { version: 1, created: 200, from: 100, end: 200, full_refresh_job: '7' };
    const planned = await plannedFor(configured('charges', REFRESH), stored, { job: '7', window: { from, to } });
    expect(planned?.pending).toEqual(pending);
  });

  it.each([
    ['the same end date', 200, []],
    ['an earlier end date', 150, []],
    ['a later end date', 300, [{}]],
  ])('a list that cannot be cut and was finished for this job is read again only with a later end date: with %s', async (_, to, pending) => {
    const stored = { version: 1, created: 200, from: 0, end: 200, full_refresh_job: '7' };
    const window = { from: 0, to };
    const planned = await plannedFor(configured('country_specs', REFRESH), stored, { job: '7', window });
    expect(planned?.pending).toEqual(pending);
  });

  it('a full refresh of a job that has read without an end date has read what a later attempt with one wants', async () => {
    const stored = { ...done, full_refresh_job: '7' };
    const planned = await plannedFor(configured('charges', REFRESH), stored, {
      job: '7',
      window: { from: 0, to: 300 },
    });
    expect(planned?.pending).toEqual([]);
  });

  it.each([
    ['7', '7'],
    [undefined, null],
  ])('the state of a full refresh names its job (%j), its account and its mode', async (job, stored) => {
    const state = await stateOf(configured('charges', REFRESH), { job });
    expect(state).toMatchObject({ full_refresh_job: stored, account: 'acct_1', livemode: false });
  });

  it('the state of a full refresh names the end date that it is read with', async () => {
    const window = { from: 0, to: 300 };
    expect(await stateOf(configured('charges', REFRESH), { window })).toMatchObject({ end: 300 });
    expect(await stateOf(configured('charges', REFRESH))).not.toHaveProperty('end');
  });
});

describe('whose data a state is about', () => {
  it.each([
    ['as far as both are known', { id: 'acct_1', livemode: true }, { account: 'acct_1', livemode: true }],
    ['without an account that is not known', { id: undefined, livemode: false }, { livemode: false }],
    ['without a mode that is not known', { id: 'acct_1', livemode: undefined }, { account: 'acct_1' }],
  ])('a state names its account and its mode %s, whatever the stored one says', async (_, read, origin) => {
    const stored = { charges: { version: 1, created: HORIZON, from: 0, account: 'acct_1' } };
    const state = await stateOf(configured('charges'), { read, stored });
    expect(state).toEqual({ version: 1, created: HORIZON, from: 0, ...origin });
  });
});

describe('a stream whose new rows cannot be found by its cursor', () => {
  it.each(['country_specs', 'customer_sources'])('%s is a full refresh, however it is configured', async (name) => {
    expect(await stateOf(configured(name), { job: '7' })).toMatchObject({ full_refresh_job: '7' });
  });

  it('an incremental stream has no job in its state', async () => {
    const state = await stateOf(configured('charges'), {
      job: '7',
      stored: { charges: { created: 5, full_refresh_job: '7' } },
    });
    expect(state).not.toHaveProperty('full_refresh_job');
  });
});

describe('the destination of a stream', () => {
  it.each([
    [OVERWRITE, true],
    [{ minimumGenerationId: 1 }, true],
    [{ destinationSyncMode: 'overwrite' } as const, false],
    [{}, false],
  ])('a stream with %j knows whether its destination may drop its rows: %j', async (modes, isOverwritten) => {
    const { streams } = await prepared([configured('charges', modes)]);
    expect(streams[0]?.isOverwritten).toBe(isOverwritten);
  });
});
