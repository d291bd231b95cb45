import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/protocol/errors.js';
import { type Checkpoint, checkOrigin, parseCheckpoint, toState } from '../../src/sync/checkpoint.js';

const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
const slice = fc.record(
  { gte: seconds, lte: seconds, after: fc.string({ minLength: 1 }), seen: seconds },
  { requiredKeys: [] },
);
const checkpoint = fc.record({
  progress: fc.record({ from: seconds, created: seconds, pending: fc.array(slice) }),
  origin: fc.record({
    livemode: fc.option(fc.boolean(), { nil: undefined }),
    account: fc.option(fc.string(), { nil: undefined }),
  }),
  fullRefresh: fc.option(fc.record({ job: fc.option(fc.string()) }), { nil: undefined }),
});

describe('a state', () => {
  it('says everything that the next sync needs to know', () => {
    fc.assert(
      fc.property(checkpoint, ({ fullRefresh, ...rest }) => {
        const written: Checkpoint = fullRefresh ? { ...rest, fullRefresh } : rest;
        expect(parseCheckpoint(JSON.parse(JSON.stringify(toState(written))), 'charges')).toEqual(written);
      }),
    );
  });

  it('is small when there is nothing left to do', () => {
    const progress = { from: 0, created: 5, pending: [] };
    expect(toState({ progress, origin: { livemode: undefined, account: undefined } })).toEqual({
      version: 1,
      created: 5,
      from: 0,
    });
  });

  it('may have its numbers as strings', () => {
    expect(parseCheckpoint({ created: 1_700_000_000, from: '12' }, 'charges')?.progress.from).toBe(12);
  });

  it.each([
    [{ created: '1700000600' }],
    [{ updated: '1700000600' }],
    [{ updated: 1_700_000_600 }],
  ])("may be that of Airbyte's connector (%j), and is taken to be 600 s older", (raw) => {
    const checkpoint = parseCheckpoint(raw, 'charges');
    expect(checkpoint?.isAirbytes).toBe(true);
    expect(checkpoint?.progress).toEqual({
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
  ])('%j is none', (raw) => {
    expect(parseCheckpoint(raw, 'charges')).toBeUndefined();
  });

  it('either is read or refused with a ConfigError that names the stream', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (raw, created) => {
        const given = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? { ...raw, created } : raw;
        try {
          parseCheckpoint(given, 'charges');
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
  it('refuses the state of another mode or account, and takes what it cannot know', () => {
    expect(() => checkOrigin({ ...unknown, livemode: true }, { ...unknown, livemode: false }, 'charges')).toThrow(
      'live mode',
    );
    expect(() => checkOrigin({ ...unknown, account: 'a' }, { ...unknown, account: 'b' }, 'charges')).toThrow(
      'account a',
    );
    expect(() => checkOrigin({ livemode: true, account: 'a' }, unknown, 'charges')).not.toThrow();
    expect(() => checkOrigin(unknown, { livemode: true, account: 'a' }, 'charges')).not.toThrow();
  });
});
