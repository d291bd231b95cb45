import { describe, expect, it } from 'vitest';
import { StripeError, type StripeErrorKind } from '../../../src/stripe/errors.js';
import { endsTheSync, type Meaning, reaction, type Site } from '../../../src/sync/failures/reaction.js';

const KINDS: Readonly<Record<StripeErrorKind, true>> = {
  authentication: true,
  permission: true,
  forbidden: true,
  uncontrolled: true,
  unavailable: true,
  not_found: true,
  no_items: true,
  cursor: true,
  request: true,
  limited: true,
  untrusted: true,
  transient: true,
};
const MEANINGS: readonly Meaning[] = [...(Object.keys(KINDS) as StripeErrorKind[]), 'gone', 'revoked'];
const SITES: readonly Site[] = ['list', 'children', 'row'];

describe('what a failed request means', () => {
  it.each(MEANINGS)('a reaction is decided for a list, for the children of a parent and for a row (%s)', (meaning) => {
    for (const site of SITES) expect(reaction(meaning, site)).toBeTypeOf('string');
  });

  it.each([
    'permission',
    'request',
    'not_found',
    'unavailable',
    'limited',
    'transient',
  ] as const)('a refusal costs one parent or row alone, and is never passed over (%s)', (kind) => {
    expect([reaction(kind, 'children'), reaction(kind, 'row')]).toEqual(['miss', 'miss']);
  });

  it('a parent is passed over only where nothing of it is missing', () => {
    const skipped = MEANINGS.filter((meaning) => reaction(meaning, 'children') === 'skip');
    expect(skipped.sort()).toEqual(['gone', 'no_items', 'revoked', 'uncontrolled']);
  });

  it('a missing product is believed in only of a list', () => {
    expect(SITES.filter((site) => reaction('unavailable', site) === 'no_product')).toEqual(['list']);
  });

  it('a refusal ends the sync only where nothing can be read of any stream', () => {
    const ending = MEANINGS.filter((meaning) => SITES.some((site) => reaction(meaning, site) === 'end_sync'));
    expect(ending.sort()).toEqual(['forbidden', 'untrusted']);
    expect(endsTheSync(new StripeError('forbidden', 'No.'))).toBe(true);
    expect(endsTheSync(new StripeError('transient', 'No.'))).toBe(false);
    expect(endsTheSync(new Error('a defect'))).toBe(false);
  });
});
