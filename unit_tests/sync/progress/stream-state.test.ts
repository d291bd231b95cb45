import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/protocol/errors.js';
import { checkOrigin, parseStreamState, type StreamState, toStored } from '../../../src/sync/progress/stream-state.js';

const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
const slice = fc.record(
  { gte: seconds, lte: seconds, after: fc.string({ minLength: 1 }), seen: seconds, stop: seconds },
  { requiredKeys: [] },
);
const state = fc
  .record({
    progress: fc.record({ from: seconds, created: seconds, pending: fc.array(slice) }),
    end: fc.option(seconds),
    origin: fc.record({
      livemode: fc.option(fc.boolean(), { nil: undefined }),
      account: fc.option(fc.stringMatching(/^acct_[A-Za-z0-9]{1,20}$/), { nil: undefined }),
    }),
    fullRefresh: fc.option(fc.record({ job: fc.option(fc.string()) }), { nil: undefined }),
  })
  .map(({ progress, end, origin, fullRefresh }): StreamState => {
    const hasEnd = end !== null && (fullRefresh !== undefined || progress.pending.length > 0);
    return {
      progress: hasEnd ? { ...progress, end } : progress,
      origin,
      ...(fullRefresh ? { fullRefresh } : {}),
    };
  });

/** A copy in which every number and boolean for which `isText` says so is a text. */
function asTexts(value: unknown, isText: () => boolean): unknown {
  if (typeof value === 'number' || typeof value === 'boolean') return isText() ? String(value) : value;
  if (Array.isArray(value)) return value.map((each) => asTexts(each, isText));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asTexts(each, isText)]));
}

describe('a state', () => {
  it('a state says everything that the next sync needs to know', () => {
    fc.assert(
      fc.property(state, (written) => {
        expect(parseStreamState(JSON.parse(JSON.stringify(toStored(written))), 'charges')).toEqual(written);
      }),
    );
  });

  it('a state is small when there is nothing left to do', () => {
    const progress = { from: 0, created: 5, pending: [] };
    expect(toStored({ progress, origin: { livemode: undefined, account: undefined } })).toEqual({
      version: 1,
      created: 5,
      from: 0,
    });
  });

  it('a state means the same whichever of its numbers and booleans are texts', () => {
    fc.assert(
      fc.property(state, fc.infiniteStream(fc.boolean()), (written, texts) => {
        const corrupted = asTexts(toStored(written), () => texts.next().value === true);
        expect(parseStreamState(corrupted, 'charges')).toEqual(written);
      }),
    );
  });

  it('a state with one key of ours is ours, although its cursor is a text', () => {
    const pending = [{ gte: '1', lte: '9', after: 'ch_1', seen: '5', stop: '3' }];
    const end = { end: '12' };
    expect(parseStreamState({ version: '1', created: '12' }, 'charges')?.progress.created).toBe(12);
    expect(parseStreamState({ from: '3', created: '12' }, 'charges')?.progress).toMatchObject({ from: 3, created: 12 });
    expect(parseStreamState({ pending, created: '12', ...end }, 'charges')?.progress).toEqual({
      from: 0,
      created: 12,
      pending: [{ gte: 1, lte: 9, after: 'ch_1', seen: 5, stop: 3 }],
      end: 12,
    });
    expect(parseStreamState({ created: '12', livemode: 'false' }, 'charges')?.origin.livemode).toBe(false);
    expect(parseStreamState({ created: '12', account: 'acct_1' }, 'charges')?.origin.account).toBe('acct_1');
    const refreshed = parseStreamState({ version: 1, created: 12, full_refresh_job: 7 }, 'charges');
    expect(refreshed?.fullRefresh).toEqual({ job: '7' });
  });

  it.each([
    [{ created: 1, livemode: 'maybe' }, '"livemode" is neither true nor false'],
    [{ created: 1, livemode: 1 }, '"livemode" is neither true nor false'],
    [{ created: 1, full_refresh_job: {} }, '"full_refresh_job" is not a string'],
    [{ version: 1, from: 0, pending: [] }, 'it has no "created"'],
    [{ version: 1, updated: 5 }, 'it has no "created"'],
    [{ cursor: '2024-01-01' }, 'it has no "created"'],
    [{ stream_descriptor: { name: 'charges' }, stream_state: { created: 1 } }, 'it has no "created"'],
    [{ created: 1, pending: [{ seen: 'then' }] }, '"seen" is not a number of seconds'],
  ])('a broken state is refused, not ignored: %j', (raw, why) => {
    expect(() => parseStreamState(raw, 'charges')).toThrow(`The state of stream charges cannot be read: ${why}`);
  });

  it.each([
    ['rk_live_secret'],
    ['acct_'],
    ["acct_1' OR"],
    [''],
    [7],
    [{}],
  ])('a state with %j for an account names none, and says that it could not be compared', (account) => {
    const state = parseStreamState({ version: 1, created: 5, account }, 'charges');
    expect([state?.origin.account, state?.hasOddAccount]).toEqual([undefined, true]);
    expect(JSON.stringify(state && toStored(state))).not.toContain('account');
  });

  it.each([
    [{ created: '1700000600' }],
    [{ updated: '1700000600' }],
    [{ updated: 1_700_000_600 }],
    [{ created: null, updated: '1700000600' }],
    [{ use_global_cursor: true, state: { updated: '1700000600' }, lookback_window: 1, parent_state: {} }],
    [
      {
        state_type: 'date-range',
        slices: [
          { start: 1_700_000_900, end: 1_700_000_999 },
          { start: 0, end: 1_700_000_600 },
        ],
      },
    ],
    [{ slices: [{ start: '0', end: '1700000900', most_recent_cursor_value: '1700000600' }] }],
  ])("a state of Airbyte's connector is taken to be 600 s older: %j", (raw) => {
    const state = parseStreamState(raw, 'charges');
    expect(state?.isAirbytes).toBe(true);
    expect(state?.progress).toEqual({
      from: 0,
      created: 1_700_000_000,
      pending: [],
    });
  });

  it.each([
    [undefined],
    [null],
    [{}],
    [{ created: null }],
    [{ __ab_full_refresh_sync_complete: true }],
    [{ __ab_no_cursor_state_message: true }],
    [{ version: null, from: null }],
    [{ states: [{ partition: { id: 'cus_1' }, cursor: { updated: 5 } }], parent_state: {} }],
  ])('%j is no state', (raw) => {
    expect(parseStreamState(raw, 'charges')).toBeUndefined();
  });

  it('any state is either read or refused with a ConfigError that names the stream', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (raw, created) => {
        const given = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? { ...raw, created } : raw;
        try {
          parseStreamState(given, 'charges');
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect(String(error)).toContain('charges');
        }
      }),
    );
  });
});

describe('checkOrigin', () => {
  const unknown = { livemode: undefined, account: undefined };
  it('the state of another mode or account is refused, and one of which that is not known is taken', () => {
    expect(() => checkOrigin({ ...unknown, livemode: true }, { ...unknown, livemode: false })).toThrow('live mode');
    expect(() => checkOrigin({ ...unknown, account: 'a' }, { ...unknown, account: 'b' })).toThrow('account a');
    expect(() => checkOrigin({ livemode: true, account: 'a' }, unknown)).not.toThrow();
    expect(() => checkOrigin(unknown, { livemode: true, account: 'a' })).not.toThrow();
  });
});
