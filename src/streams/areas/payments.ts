import type { Area, StreamDefinition } from '../definition.js';

const paymentIntents: StreamDefinition = {
  name: 'payment_intents',
  path: '/v1/payment_intents',
  object: 'payment_intent',
};

/** Their list has `created_after` and `created_before`; Stripe does not say whether they are inclusive. */
const paymentRecords: StreamDefinition = {
  name: 'payment_records',
  path: '/v1/payment_records',
  object: 'payment_record',
  createdFilter: false,
};

export const payments: Area = {
  name: 'Payments',
  streams: [
    /** Until 2022-11-15 Stripe embedded the refunds unasked, and readers rely on them. */
    { name: 'charges', path: '/v1/charges', object: 'charge', expand: ['refunds'], newestFirst: true },
    { name: 'disputes', path: '/v1/disputes', object: 'dispute' },
    /** 400 "Your account is not authorized to send Forwarding requests in livemode" (stripe/sync-engine, 2026-11). */
    {
      name: 'forwarding_requests',
      path: '/v1/forwarding/requests',
      object: 'forwarding.request',
      product: 'Vault and Forward',
    },
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
    paymentRecords,
    { name: 'refunds', path: '/v1/refunds', object: 'refund', newestFirst: true },
    {
      name: 'three_d_secure_authentications',
      path: '/v1/three_d_secure/authentications',
      object: 'three_d_secure.authentication',
    },
  ],
};
