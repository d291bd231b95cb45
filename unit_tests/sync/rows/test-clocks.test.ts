import { describe, expect, it } from 'vitest';
import type { StreamDefinition } from '../../../src/streams/definition.js';
import type { Account } from '../../../src/sync/account/account.js';
import { isOnTestClock, TestClockWarnings } from '../../../src/sync/rows/test-clocks.js';

const NOW = 1_763_650_000;
const charges: StreamDefinition = { name: 'charges', path: '/v1/charges', object: 'charge' };
const items: StreamDefinition = { ...charges, name: 'invoice_items', cursorField: 'date' };

describe('isOnTestClock', () => {
  it.each([
    ['a row on a clock', charges, { created: NOW - 9, test_clock: 'clock_1' }],
    [
      'a row whose clock is expanded',
      charges,
      { created: NOW - 9, test_clock: { id: 'clock_1', object: 'test_clock' } },
    ],
    ['a row of the future', charges, { created: NOW + 301 }],
    ['a row of the future by its own cursor field', items, { created: NOW - 9, date: NOW + 301 }],
    ['a row of the future that writes its time as a text', charges, { created: '2099-01-01T00:00:00.000Z' }],
  ])('a test clock is seen in %s', (_, stream, row) => {
    expect(isOnTestClock(stream, row, NOW)).toBe(true);
  });

  it.each([
    ['a row of this second', charges, { created: NOW, test_clock: null }],
    ['a row that was created while the sync went on', charges, { created: NOW + 300 }],
    ['a row without a time', charges, { id: 'x' }],
    ['an empty clock', charges, { created: NOW, test_clock: '' }],
    ['another field of the future', items, { created: NOW + 9, date: NOW }],
  ])('no test clock is seen in %s', (_, stream, row) => {
    expect(isOnTestClock(stream, row, NOW)).toBe(false);
  });
});

describe('test clocks', () => {
  const said: string[] = [];
  const account = {
    livemode: false,
    say: async (_: string, text: string) => void said.push(text),
  } as unknown as Account;
  const row = { data: { id: 'cus_1', test_clock: 'clock_1' } };

  it('a test clock is warned of once for each stream, with its name and what to do', async () => {
    const warnings = new TestClockWarnings(account, () => NOW * 1000);
    await warnings.look(charges, [row]);
    await warnings.look(charges, [row]);
    expect(said).toEqual([expect.stringMatching(/^charges: .*full refresh/)]);
  });

  it('a test clock is not looked for in live mode', async () => {
    said.length = 0;
    await new TestClockWarnings({ ...account, livemode: true }, () => NOW * 1000).look(charges, [row]);
    expect(said).toEqual([]);
  });
});
