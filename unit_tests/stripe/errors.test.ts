import { describe, expect, it } from 'vitest';
import { kindOf } from '../../src/stripe/errors.js';

describe('kindOf', () => {
  it.each([
    ['authentication', { status: 401, message: 'Invalid API Key provided: sk_test_***' }],
    [
      'permission',
      {
        status: 403,
        message: "The provided key 'rk_test_***' does not have the required permissions for this endpoint",
      },
    ],
    [
      'permission',
      {
        status: 401,
        message: "Permission denied. The provided key 'rk_live_***' does not have the required permissions",
      },
    ],
    [
      'forbidden',
      { status: 403, code: 'account_invalid', message: "The provided key does not have access to account 'acct_1'" },
    ],
    ['cursor', { status: 400, code: 'resource_missing', param: 'starting_after', message: 'No such charge: ch_1' }],
    ['cursor', { status: 400, param: 'starting_after', message: "it's aged out of our retention policy" }],
    ['cursor', { status: 400, message: "evt_1 is no longer available because it's aged out of our retention policy." }],
    ['not_found', { status: 404, code: 'resource_missing', message: 'No such invoice: in_1' }],
    ['unavailable', { status: 400, message: 'Your account is not set up to use Issuing. Please visit…' }],
    [
      'unavailable',
      { status: 404, message: 'Unrecognized request URL (GET: /v1/treasury/x). Have you onboarded to Treasury?' },
    ],
    ['request', { status: 400, code: 'parameter_unknown', message: 'Received unknown parameter: foo' }],
    ['request', { status: 302, message: '' }],
    ['transient', { status: 503, message: '' }],
    ['limited', { status: 429, message: 'Request rate limit exceeded.' }],
  ] as const)('%s: %o', (kind, refusal) => {
    expect(kindOf(refusal)).toBe(kind);
  });
});
