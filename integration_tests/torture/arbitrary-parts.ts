import fc from 'fast-check';

/** From 0 to 1. */
export const share = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);

export function weighted<T>(
  ...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]
): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}
