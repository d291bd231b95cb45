import type { StreamDefinition } from '../../streams/definition.js';
import type { Account } from '../account/account.js';
import type { Seconds } from '../progress/slice.js';
import { createdOf, type Row, valueAt } from './rows.js';

/** Objects may be created during a sync, and clocks differ, but users move test clocks by days and months. */
const MARGIN_SECONDS = 300;

/**
 * Whether a row shows that a test clock is at work: the row is on one, or was created well after `now`, the clock of
 * the sync. Objects on test clocks carry the time of their clock (docs.stripe.com/billing/testing/test-clocks,
 * 2026-11), so they may appear behind a cursor. Only for test mode, because live mode has no test clocks.
 */
export function isOnTestClock(stream: StreamDefinition, row: Row, now: Seconds): boolean {
  const clock = row['test_clock'];
  const isNamed = (typeof clock === 'string' && clock !== '') || typeof valueAt(clock, 'id') === 'string';
  return isNamed || (createdOf(stream, row) ?? now) > now + MARGIN_SECONDS;
}

/** Warns once for each stream that has rows on a test clock. */
export class TestClockWarnings {
  readonly #account: Account;
  readonly #now: () => number;
  readonly #warned = new Set<StreamDefinition>();

  constructor(account: Account, now: () => number) {
    this.#account = account;
    this.#now = now;
  }

  async look(stream: StreamDefinition, rows: readonly { readonly data: Row }[]): Promise<void> {
    if (this.#account.livemode !== false || this.#warned.has(stream)) return;
    const seconds = Math.floor(this.#now() / 1000);
    if (!rows.some(({ data }) => isOnTestClock(stream, data, seconds))) return;
    this.#warned.add(stream);
    await this.#account.say('WARN', warning(stream.name));
  }
}

function warning(stream: string): string {
  return (
    `${stream}: some rows are on a test clock, or were created in the future. Objects on a test clock get their ` +
    '"created" from it, so new ones may fall into a time that was already read, and an incremental sync misses those. ' +
    'Run a full refresh to read all of the past; objects created in the future are read once that time has come.'
  );
}
