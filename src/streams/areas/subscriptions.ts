import type { Area, StreamDefinition } from '../definition.js';

const quotes: StreamDefinition = {
  name: 'quotes',
  path: '/v1/quotes',
  object: 'quote',
  createdFilter: false,
  note: 'Without quotes on a test clock: Stripe does not list them.',
};

/** Canceled subscriptions are left out of the list unless `status=all` is sent (Stripe's reference, 2026-10-28). */
const allSubscriptions: StreamDefinition = {
  name: 'subscriptions',
  path: '/v1/subscriptions',
  object: 'subscription',
  params: { status: 'all' },
  note: 'Canceled ones, too. Without subscriptions on a test clock: Stripe does not list them.',
};

export const subscriptions: Area = {
  name: 'Subscriptions and quotes',
  streams: [
    {
      name: 'billing_feedback_options',
      path: '/v1/billing/feedback_options',
      object: 'billing.feedback_option',
      createdFilter: false,
    },
    {
      name: 'billing_portal_configurations',
      path: '/v1/billing_portal/configurations',
      object: 'billing_portal.configuration',
      createdFilter: false,
    },
    {
      name: 'quote_computed_upfront_line_items',
      path: '/v1/quotes/{id}/computed_upfront_line_items',
      object: 'item',
      parent: { stream: quotes, embeddedIn: 'computed.upfront.line_items', expand: true, copy: { quote: 'id' } },
    },
    {
      name: 'quote_line_items',
      path: '/v1/quotes/{id}/line_items',
      object: 'item',
      parent: { stream: quotes, embeddedIn: 'line_items', expand: true, copy: { quote: 'id' } },
    },
    quotes,
    {
      name: 'subscription_items',
      path: '/v1/subscription_items',
      object: 'subscription_item',
      parent: { stream: allSubscriptions, embeddedIn: 'items', query: { subscription: 'id' } },
    },
    {
      name: 'subscription_schedule',
      path: '/v1/subscription_schedules',
      object: 'subscription_schedule',
      note: 'Without schedules on a test clock: Stripe does not list them.',
    },
    allSubscriptions,
    /** With a live key: 400 "This endpoint is only available in testmode" (stripe/sync-engine, 2026-11). */
    {
      name: 'test_helpers_test_clocks',
      path: '/v1/test_helpers/test_clocks',
      object: 'test_helpers.test_clock',
      product: 'test clocks',
      createdFilter: false,
      note: 'Test mode only.',
    },
  ],
};
