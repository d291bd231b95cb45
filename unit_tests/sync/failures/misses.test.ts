import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StripeError } from '../../../src/stripe/errors.js';
import { AllMissed, Misses } from '../../../src/sync/failures/misses.js';
import type { Meaning } from '../../../src/sync/failures/reaction.js';
import { plan } from '../../../src/sync/progress/plan.js';

function miss(id: string, second: number, meaning: Meaning = 'request') {
  return { id, meaning, error: new StripeError('request', id), slice: { gte: second, lte: second } };
}

describe('objects that could not be read', () => {
  it('misses stay in the state, however many they are, in a bounded number of slices that do not overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 400 }), (seconds) => {
        const misses = new Misses();
        for (const [index, second] of seconds.entries()) misses.note(miss(`in_${index}`, second));
        const pending = misses.withPending([]);
        expect(pending.length).toBeLessThanOrEqual(50);
        for (const second of seconds)
          expect(pending.filter(({ gte = 0, lte = 0 }) => gte <= second && second <= lte)).toHaveLength(1);
      }),
    );
  });

  it('misses of few seconds make the next sync read these seconds alone', () => {
    const misses = new Misses();
    for (const second of [700, 5, 5, 6]) misses.note(miss(`in_${second}`, second));
    expect(misses.withPending([{ lte: 3 }])).toEqual([{ lte: 3 }, { gte: 5, lte: 6 }, { gte: 700, lte: 700 }]);
  });

  it('a miss in a list that cannot be cut makes the next sync read all of it', () => {
    const misses = new Misses();
    misses.note({ ...miss('pm_1', 0), slice: {} });
    expect(misses.withPending([])).toEqual([{}]);
    const whileItIsRead = misses.withPending([{ after: 'pm_9' }]);
    const wanted = { from: 0, to: 9, bounded: false, lookback: 0 };
    expect(plan({ from: 0, created: 9, pending: whileItIsRead }, wanted).pending).toEqual([{}]);
  });

  it('a stream is hopeless when each of the first ten objects is refused, and not once one was answered', () => {
    const refused = new Misses();
    for (let n = 0; n < 9; n += 1) refused.note(miss(`in_${n}`, n));
    expect(() => refused.throwIfHopeless()).not.toThrow();
    refused.note(miss('in_9', 9));
    expect(() => refused.throwIfHopeless()).toThrow(AllMissed);
    const some = new Misses();
    some.noteAnswered();
    for (let n = 0; n < 1000; n += 1) some.note(miss(`in_${n}`, n));
    expect(() => some.throwIfHopeless()).not.toThrow();
  });

  it('a stream is hopeless when five objects in a row fail in a way that may pass', () => {
    const misses = new Misses();
    misses.noteAnswered();
    for (let n = 0; n < 4; n += 1) misses.note(miss(`in_${n}`, n, 'transient'));
    misses.noteAnswered();
    for (let n = 0; n < 4; n += 1) misses.note(miss(`in_${n}`, n, 'limited'));
    expect(() => misses.throwIfHopeless()).not.toThrow();
    misses.note(miss('in_8', 8, 'transient'));
    expect(() => misses.throwIfHopeless()).toThrow(AllMissed);
  });

  it('some misses are named, and the others counted', () => {
    const misses = new Misses();
    for (let n = 0; n < 7; n += 1) misses.note(miss(`in_${n}`, n));
    expect(misses.ids).toBe('in_0, in_1, in_2, in_3, in_4 and 2 more');
  });
});
