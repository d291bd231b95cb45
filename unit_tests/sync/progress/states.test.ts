import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/protocol/errors.js';
import {
  parseStreamState,
  STATE_VERSION,
  type StreamState,
  toStored,
} from '../../../src/sync/progress/stream-state.js';

const STATES = new URL('./states/', import.meta.url);
const NOW = 1_763_650_000;
const ACCOUNT = 'acct_1Nv0FGQ9RKHgCVdK';

function stored(name: string): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(new URL(`${name.replaceAll('_', '-')}.json`, STATES), 'utf8'));
}

const unknown = { livemode: undefined, account: undefined };
const live = { livemode: true, account: undefined };

/** States that this version writes, as syncs of users may have stored them. They mean this for ever. */
const WRITTEN: Readonly<Record<string, StreamState>> = {
  steady: {
    progress: { from: 0, created: NOW, pending: [] },
    origin: { livemode: true, account: ACCOUNT },
  },
  first_load_interrupted: {
    progress: {
      from: 1_577_836_800,
      created: NOW,
      pending: [
        { gte: 1_700_000_001, lte: NOW, after: 'ch_3OmN', seen: 1_755_000_000, stop: 1_730_000_000 },
        { gte: 1_600_000_001, lte: 1_700_000_000, after: 'ch_3NaB', seen: 1_690_000_000 },
        { gte: 1_700_000_001, lte: 1_729_999_999 },
        { gte: 1_577_836_800, lte: 1_600_000_000 },
      ],
    },
    origin: { livemode: false, account: ACCOUNT },
  },
  children_in_hand: {
    progress: {
      from: 0,
      created: NOW,
      pending: [
        {
          lte: NOW,
          after: 'po_1Q100',
          seen: 1_750_000_000,
          within: { through: 'po_1P099', partly: { po_1P097: null, po_1P098: 'txn_3OmN' } },
        },
        { gte: 5, lte: 9, within: { partly: { po_1A001: 'txn_1' } } },
        { gte: 1, lte: 4, within: { through: 'po_1A000' } },
      ],
    },
    origin: live,
  },
  list_without_filter: {
    progress: { from: 0, created: NOW, pending: [{ after: 'pm_1OmN', within: { through: 'pm_1OmM' } }] },
    origin: { livemode: true, account: ACCOUNT },
    fullRefresh: { job: null },
  },
  list_without_filter_with_end: {
    progress: { from: 1_577_836_800, created: NOW, pending: [{ after: 'pm_1OmN' }], end: NOW },
    origin: live,
    fullRefresh: { job: '4711' },
  },
  full_refresh_unfinished: {
    progress: { from: 0, created: NOW, pending: [{ lte: NOW, after: 'ch_3OmN', seen: 1_755_000_000 }] },
    origin: live,
    fullRefresh: { job: '4711' },
  },
  full_refresh_finished: {
    progress: { from: 0, created: NOW, pending: [] },
    origin: live,
    fullRefresh: { job: '4711' },
  },
  full_refresh_finished_with_end: {
    progress: { from: 0, created: NOW, pending: [], end: NOW },
    origin: live,
    fullRefresh: { job: '4711' },
  },
  disorder: {
    progress: { from: 0, created: NOW, pending: [{ lte: NOW, after: 'ch_3OmN' }] },
    origin: unknown,
  },
};

/** States of other origin: of this connector before states had a version, of Airbyte's, and by hand. */
const ACCEPTED: Readonly<Record<string, StreamState | undefined>> = {
  v0_steady: {
    progress: { from: 1_577_836_800, created: NOW, pending: [] },
    origin: { livemode: true, account: ACCOUNT },
  },
  v0_interrupted: {
    progress: {
      from: 0,
      created: NOW,
      pending: [
        { lte: NOW, after: 'ch_3OmN', seen: 1_755_000_000 },
        { gte: 5, lte: 9 },
      ],
    },
    origin: { livemode: false, account: undefined },
  },
  v0_full_refresh: {
    progress: { from: 0, created: NOW, pending: [{ after: 'pm_1OmN' }] },
    origin: unknown,
    fullRefresh: { job: null },
  },
  first_load_interrupted_as_texts: {
    progress: {
      from: 1_577_836_800,
      created: NOW,
      pending: [
        { gte: 1_700_000_001, lte: NOW, after: 'ch_3OmN', seen: 1_755_000_000, stop: 1_730_000_000 },
        { gte: 1_577_836_800, lte: 1_729_999_999 },
      ],
      end: NOW,
    },
    origin: { livemode: false, account: ACCOUNT },
  },
  by_hand: { progress: { from: 0, created: NOW, pending: [] }, origin: unknown },
  airbyte_created_text: airbytes(1_700_000_000),
  airbyte_updated: airbytes(1_700_000_000),
  airbyte_updated_text: airbytes(1_700_000_000),
  airbyte_global_cursor: airbytes(1_700_000_000),
  airbyte_slices: airbytes(1_700_000_000),
  airbyte_partitions: undefined,
  airbyte_full_refresh_complete: undefined,
  airbyte_no_cursor: undefined,
};

function airbytes(created: number): StreamState {
  return { progress: { from: 0, created, pending: [] }, origin: unknown, isAirbytes: true };
}

describe('a stored state', () => {
  it.each(
    Object.entries(WRITTEN),
  )('a stored state of this version means the same in every later one: %s', (name, state) => {
    expect(parseStreamState(stored(name), 'charges')).toEqual(state);
  });

  it.each(Object.keys(WRITTEN))('a stored state of this version is written back as it was: %s', (name) => {
    const state = parseStreamState(stored(name), 'charges');
    expect(state && toStored(state)).toEqual(stored(name));
  });

  it.each(Object.entries(ACCEPTED))('a stored state of another origin is understood: %s', (name, state) => {
    expect(parseStreamState(stored(name), 'charges')).toEqual(state);
  });

  it('a stored state of a later version is refused, and the user is told what to do', () => {
    expect(stored('from_the_future')['version']).toBeGreaterThan(STATE_VERSION);
    expect(() => parseStreamState(stored('from_the_future'), 'charges')).toThrow(
      new ConfigError(
        'The state of stream charges was written by a newer version of this connector: use that one, or clear the state.',
      ),
    );
  });

  it.each([1.5, -1, true, {}])('a stored state with %j for a version is refused', (version) => {
    expect(() => parseStreamState({ ...stored('steady'), version }, 'charges')).toThrow(ConfigError);
  });

  it('every stored state in the folder is tested here', () => {
    const names = readdirSync(STATES).map((file) => file.replace('.json', '').replaceAll('-', '_'));
    expect(names.sort()).toEqual([...Object.keys(WRITTEN), ...Object.keys(ACCEPTED), 'from_the_future'].sort());
  });
});
