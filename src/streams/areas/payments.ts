import type { StreamDefinition } from '../definition.js';

/** Balance transactions become visible minutes after their `created`: tap-stripe re-reads 600 s (its issue 45). */
const BALANCE_TRANSACTION_LAG_SECONDS = 600;

const checkoutSessions: StreamDefinition = {
  name: 'checkout_sessions',
  path: '/v1/checkout/sessions',
  object: 'checkout.session',
};

const paymentIntents: StreamDefinition = {
  name: 'payment_intents',
  path: '/v1/payment_intents',
  object: 'payment_intent',
};

const paymentLinks: StreamDefinition = {
  name: 'payment_links',
  path: '/v1/payment_links',
  object: 'payment_link',
  createdFilter: false,
};

/** Their list has `created_after` and `created_before`, of which Stripe does not say whether they are inclusive. */
const paymentRecords: StreamDefinition = {
  name: 'payment_records',
  path: '/v1/payment_records',
  object: 'payment_record',
  createdFilter: false,
};

const payouts: StreamDefinition = { name: 'payouts', path: '/v1/payouts', object: 'payout', newestFirst: true };

const setupIntents: StreamDefinition = { name: 'setup_intents', path: '/v1/setup_intents', object: 'setup_intent' };

export const payments: readonly StreamDefinition[] = [
  {
    name: 'apple_pay_domains',
    path: '/v1/apple_pay/domains',
    object: 'apple_pay_domain',
    createdFilter: false,
  },
  {
    name: 'balance_transactions',
    path: '/v1/balance_transactions',
    object: 'balance_transaction',
    newestFirst: true,
    lagSeconds: BALANCE_TRANSACTION_LAG_SECONDS,
  },
  /** Until 2022-11-15 Stripe embedded the refunds unasked, and readers rely on them. */
  { name: 'charges', path: '/v1/charges', object: 'charge', expand: ['refunds'], newestFirst: true },
  checkoutSessions,
  {
    name: 'checkout_sessions_line_items',
    path: '/v1/checkout/sessions/{id}/line_items',
    object: 'item',
    parent: {
      stream: checkoutSessions,
      embeddedIn: 'line_items',
      expand: true,
      copy: {
        checkout_session_id: 'id',
        checkout_session_created: 'created',
        checkout_session_expires_at: 'expires_at',
      },
    },
  },
  {
    name: 'custom_payment_methods',
    path: '/v1/payment_methods',
    object: 'payment_method',
    params: { type: 'custom' },
    createdFilter: false,
    events: [],
    note: 'The payment methods of type custom, which Stripe leaves out of the list of all.',
  },
  { name: 'disputes', path: '/v1/disputes', object: 'dispute' },
  {
    name: 'file_links',
    path: '/v1/file_links',
    object: 'file_link',
  },
  { name: 'files', path: '/v1/files', object: 'file', newestFirst: true },
  { name: 'forwarding_requests', path: '/v1/forwarding/requests', object: 'forwarding.request' },
  {
    name: 'payment_attempt_records',
    path: '/v1/payment_attempt_records',
    object: 'payment_attempt_record',
    parent: { stream: paymentRecords, query: { payment_record: 'id' } },
  },
  {
    name: 'payment_intent_amount_details_line_items',
    path: '/v1/payment_intents/{id}/amount_details_line_items',
    object: 'payment_intent_amount_details_line_item',
    parent: {
      stream: paymentIntents,
      embeddedIn: 'amount_details.line_items',
      expand: true,
      copy: { payment_intent: 'id' },
    },
  },
  paymentIntents,
  {
    name: 'payment_link_line_items',
    path: '/v1/payment_links/{id}/line_items',
    object: 'item',
    parent: { stream: paymentLinks, embeddedIn: 'line_items', expand: true, copy: { payment_link: 'id' } },
  },
  paymentLinks,
  {
    name: 'payment_method_configurations',
    path: '/v1/payment_method_configurations',
    object: 'payment_method_configuration',
    createdFilter: false,
  },
  {
    name: 'payment_method_domains',
    path: '/v1/payment_method_domains',
    object: 'payment_method_domain',
    createdFilter: false,
  },
  {
    name: 'payment_methods',
    path: '/v1/payment_methods',
    object: 'payment_method',
    createdFilter: false,
    note: 'Without those of type custom: they are the stream custom_payment_methods. Those that customers have now are also customer_payment_methods.',
  },
  paymentRecords,
  {
    name: 'payout_balance_transactions',
    path: '/v1/balance_transactions',
    object: 'balance_transaction',
    newestFirst: true,
    parent: {
      stream: payouts,
      query: { payout: 'id' },
      copy: { payout: 'id' },
      only: {
        field: 'automatic',
        is: true,
        otherwise: 'Stripe does not record which balance transactions a manual payout contains',
      },
    },
  },
  payouts,
  { name: 'refunds', path: '/v1/refunds', object: 'refund', newestFirst: true },
  {
    name: 'setup_attempts',
    path: '/v1/setup_attempts',
    object: 'setup_attempt',
    parent: { stream: setupIntents, query: { setup_intent: 'id' } },
  },
  setupIntents,
  {
    name: 'three_d_secure_authentications',
    path: '/v1/three_d_secure/authentications',
    object: 'three_d_secure.authentication',
  },
  {
    name: 'top_ups',
    path: '/v1/topups',
    object: 'topup',
    note: 'Those of a connected account are listed when it is read with account_id.',
  },
];
