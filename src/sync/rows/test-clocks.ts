import type { StreamDefinition } from '../../streams/definition.js';
import type { Seconds } from '../progress/progress.js';
import { createdOf, type Row, valueAt } from './rows.js';

/** A sync goes on while objects are created, and clocks differ; test clocks are moved by days and months. */
const MARGIN_SECONDS = 300;

/**
 * Whether a row shows that a test clock is at work: it is on one, or was created well after `now`, the clock of the sync.
 * Objects on test clocks carry the time of their clock (docs.stripe.com/billing/testing/test-clocks, 2026-11), so they may
 * appear behind a cursor. Only of test mode: in live mode there are no test clocks.
 */
export function isOnTestClock(stream: StreamDefinition, row: Row, now: Seconds): boolean {
  const clock = row['test_clock'];
  const isNamed = (typeof clock === 'string' && clock !== '') || typeof valueAt(clock, 'id') === 'string';
  return isNamed || (createdOf(stream, row) ?? now) > now + MARGIN_SECONDS;
}

/** What the user has to know once one such row was seen. */
export function testClockWarning(stream: string): string {
  return `${stream}: some rows are on a test clock, or were created in the future. A test clock gives its objects the time that it shows, so later ones can have a "created" that was read already: an incremental sync does not see them. A full refresh reads all of the past; what is created in the future comes when that time has come.`;
}
