import type { Area, StreamDefinition } from '../definition.js';

const creditGrants: StreamDefinition = {
  name: 'billing_credit_grants',
  path: '/v1/billing/credit_grants',
  object: 'billing.credit_grant',
  createdFilter: false,
};

const creditNotes: StreamDefinition = { name: 'credit_notes', path: '/v1/credit_notes', object: 'credit_note' };

const invoices: StreamDefinition = { name: 'invoices', path: '/v1/invoices', object: 'invoice', newestFirst: true };

const quotes: StreamDefinition = {
  name: 'quotes',
  path: '/v1/quotes',
  object: 'quote',
  createdFilter: false,
  note: 'Without quotes on a test clock: Stripe does not list them.',
};

/** Canceled subscriptions are left out of the list unless `status=all` is sent (Stripe's reference, 2026-10-28). */
const subscriptions: StreamDefinition = {
  name: 'subscriptions',
  path: '/v1/subscriptions',
  object: 'subscription',
  params: { status: 'all' },
  note: 'Canceled ones, too. Without subscriptions on a test clock: Stripe does not list them.',
};

export const billing: Area = {
  name: 'Billing',
  streams: [
    { name: 'billing_alerts', path: '/v1/billing/alerts', object: 'billing.alert', createdFilter: false },
    /**
     * Stripe refuses this list without a customer, although its reference calls it optional (stripe/sync-engine,
     * 2026-05). Every transaction belongs to a grant, and few customers have any: one request per grant.
     */
    {
      name: 'billing_credit_balance_transactions',
      path: '/v1/billing/credit_balance_transactions',
      object: 'billing.credit_balance_transaction',
      parent: {
        stream: creditGrants,
        query: { customer: 'customer', credit_grant: 'id' },
        copy: { customer: 'customer' },
      },
    },
    creditGrants,
    {
      name: 'billing_feedback_options',
      path: '/v1/billing/feedback_options',
      object: 'billing.feedback_option',
      createdFilter: false,
    },
    { name: 'billing_meters', path: '/v1/billing/meters', object: 'billing.meter', createdFilter: false },
    {
      name: 'billing_portal_configurations',
      path: '/v1/billing_portal/configurations',
      object: 'billing_portal.configuration',
      createdFilter: false,
    },
    {
      name: 'credit_note_line_items',
      path: '/v1/credit_notes/{id}/lines',
      object: 'credit_note_line_item',
      parent: { stream: creditNotes, embeddedIn: 'lines', copy: { credit_note: 'id' } },
    },
    creditNotes,
    /** Their list is ordered and filtered by `date`; they have no `created` (Stripe's reference, 2026-10-28). */
    {
      name: 'invoice_items',
      path: '/v1/invoiceitems',
      object: 'invoiceitem',
      cursorField: 'date',
      newestFirst: true,
    },
    {
      name: 'invoice_line_items',
      path: '/v1/invoices/{id}/lines',
      object: 'line_item',
      parent: { stream: invoices, embeddedIn: 'lines', copy: { invoice_id: 'id', invoice_created: 'created' } },
    },
    { name: 'invoice_payments', path: '/v1/invoice_payments', object: 'invoice_payment' },
    {
      name: 'invoice_rendering_templates',
      path: '/v1/invoice_rendering_templates',
      object: 'invoice_rendering_template',
      createdFilter: false,
      newestFirst: true,
    },
    invoices,
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
      parent: { stream: subscriptions, embeddedIn: 'items', query: { subscription: 'id' } },
    },
    {
      name: 'subscription_schedule',
      path: '/v1/subscription_schedules',
      object: 'subscription_schedule',
      note: 'Without schedules on a test clock: Stripe does not list them.',
    },
    subscriptions,
    {
      name: 'test_helpers_test_clocks',
      path: '/v1/test_helpers/test_clocks',
      object: 'test_helpers.test_clock',
      createdFilter: false,
      note: 'Test mode only.',
    },
  ],
};
