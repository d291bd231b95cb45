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
  ] as const)('the kind "%s" is concluded from the refusal %o', (kind, refusal) => {
    expect(kindOf(refusal)).toBe(kind);
  });
});

describe('a refusal of the account in Stripe-Account', () => {
  it.each([
    [
      'a key that belongs to no platform (stripe-apps issue 505, 2022-05)',
      {
        status: 403,
        message:
          "Only Stripe Connect platforms can work with other accounts. If you specified a client_id parameter, make sure it's correct. If you need to setup a Stripe Connect platform, you can do so at https://dashboard.stripe.com/account/applications/settings.",
      },
    ],
    [
      'a key that belongs to no platform, by the code alone (docs.stripe.com/error-codes, 2026-11)',
      { status: 403, code: 'platform_account_required', message: '' },
    ],
    [
      'the key of a connected account (stripe-apps issue 846, 2023-05)',
      { status: 403, message: "You cannot access the connected accounts of your platform's connected accounts." },
    ],
    [
      'a live key if it is a test account (public logs of 2026-09)',
      {
        status: 400,
        message:
          'The account acct_1 was a test account created with a testmode key, and therefore can only be used with testmode keys.',
      },
    ],
    [
      'a test key if it is a live account',
      {
        status: 400,
        message:
          'The account acct_1 was a live account created with a livemode key, and therefore can only be used with livemode keys.',
      },
    ],
    [
      'a key without access to it, or after it revoked access, without a code (recorded 2026)',
      {
        status: 403,
        message:
          "The provided key 'sk_test_***' does not have access to account 'acct_1' (or that account does not exist). Application access may have been revoked.",
      },
    ],
    [
      'a key without access to it, with status 401',
      { status: 401, code: 'account_invalid', message: "… does not have access to account 'acct_1'" },
    ],
  ])('the account is forbidden to %s', (_, refusal) => {
    expect(kindOf(refusal)).toBe('forbidden');
    expect(kindOf({ ...refusal, path: '/v1/charges' })).toBe('forbidden');
  });

  it.each([
    ['not_found', { status: 404, code: 'resource_missing', message: "No such customer: 'cus_1'" }],
    ['not_found', { status: 404, code: 'resource_missing', param: 'account', message: "No such account: 'acct_1'" }],
    [
      'not_found',
      {
        status: 404,
        code: 'resource_missing',
        message:
          "No such customer: 'cus_1'; a similar object exists in test mode, but a live mode key was used to make this request.",
      },
    ],
    [
      'permission',
      {
        status: 403,
        code: 'more_permissions_required_for_application',
        message:
          "This application does not have the required permissions for this endpoint on account 'acct_1'. Having the 'read_only' scope would allow this request to continue.",
      },
    ],
    [
      'uncontrolled',
      {
        status: 403,
        message:
          'You cannot perform this request as you do not have Platform Controls for the Stripe Dashboard on the account',
      },
    ],
    ['permission', { status: 403, message: "The provided key 'rk_live_***' does not have any Connect permissions" }],
  ] as const)('the kind "%s" and not "forbidden" is concluded from %o', (kind, refusal) => {
    expect(kindOf(refusal)).toBe(kind);
  });

  it('a refused path about connected accounts means that the account is not a platform, whatever the header', () => {
    const message = "You cannot access the connected accounts of your platform's connected accounts.";
    for (const path of ['/v1/accounts', '/v1/accounts/acct_1/persons']) {
      expect(kindOf({ status: 403, message, path })).toBe('unavailable');
    }
    expect(kindOf({ status: 403, message, path: '/v1/account' })).toBe('forbidden');
  });

  it.each([
    "You cannot access the connected accounts of your platform's connected accounts.",
    'Only Stripe Connect platforms can work with other accounts.',
  ])('the account is not forbidden if the request names none: "%s"', (message) => {
    expect(kindOf({ status: 403, message, path: '/v1/application_fees', isOwnAccount: true })).toBe('unavailable');
    expect(kindOf({ status: 403, message, path: '/v1/application_fees', isOwnAccount: false })).toBe('forbidden');
    expect(kindOf({ status: 403, message, path: '/v2/core/accounts', isOwnAccount: false })).toBe('unavailable');
  });
});

describe('a product that the account does not have', () => {
  it.each([
    [
      400,
      'Your account is not set up to use Identity. Please have an account admin visit https://dashboard.stripe.com',
    ],
    [400, 'Unrecognized request URL (GET: /v1/treasury/financial_accounts). Please see https://stripe.com/docs'],
    [400, "Accounts v2 is not enabled for your platform. If you're interested in using this API, please visit…"],
    [400, 'This API surface is not enabled for testmode usage.'],
    [400, 'Your account is not authorized to send Forwarding requests in livemode. To enable access, contact us.'],
    [400, 'This endpoint is only available in testmode. Try using your test keys instead.'],
  ])("the account does not have the product if Stripe says with %i: '%s'", (status, message) => {
    expect(kindOf({ status, message })).toBe('unavailable');
  });

  it.each([
    [400, 'Unrecognized request URL (GET: /v1/charges). Please see https://stripe.com/docs'],
    [404, 'Unrecognized request URL (GET: /v1/treasuries).'],
    [404, 'Unrecognized request URL (GET: /v1/treasury/financial_accounts).'],
    [400, 'Card payments is not enabled for this currency.'],
    [400, 'Apple Pay is not enabled for your account.'],
    [400, 'This parameter is not enabled for API version 2026-10-28.endive.'],
    [400, 'The filter is only available in testmode.'],
    [400, 'This endpoint is not set up to use the parameter expand.'],
    [400, 'Your account is not authorized to expand this.'],
  ])("a missing product is not concluded from %i: '%s'", (status, message) => {
    expect(kindOf({ status, message })).toBe('request');
  });
});
