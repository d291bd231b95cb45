import type { StreamDefinition } from './definition.js';

/** Canceled subscriptions are left out of the list unless `status=all` is sent (Stripe's reference, 2026-10-28). */
const subscriptions: StreamDefinition = {
  name: 'subscriptions',
  path: '/v1/subscriptions',
  object: 'subscription',
  params: { status: 'all' },
};

const invoices: StreamDefinition = { name: 'invoices', path: '/v1/invoices', object: 'invoice' };

const payouts: StreamDefinition = { name: 'payouts', path: '/v1/payouts', object: 'payout' };

/** Balance transactions become visible minutes after their `created`: tap-stripe re-reads 600 s (its issue 45). */
const BALANCE_TRANSACTION_LAG_SECONDS = 600;

/** Every stream, in the order in which `discover` prints them. */
export const catalog: readonly StreamDefinition[] = [
  { name: 'accounts', path: '/v1/accounts', object: 'account' },
  {
    name: 'balance_transactions',
    path: '/v1/balance_transactions',
    object: 'balance_transaction',
    lagSeconds: BALANCE_TRANSACTION_LAG_SECONDS,
  },
  { name: 'charges', path: '/v1/charges', object: 'charge' },
  { name: 'coupons', path: '/v1/coupons', object: 'coupon' },
  { name: 'credit_notes', path: '/v1/credit_notes', object: 'credit_note' },
  { name: 'customers', path: '/v1/customers', object: 'customer' },
  { name: 'disputes', path: '/v1/disputes', object: 'dispute' },
  { name: 'events', path: '/v1/events', object: 'event' },
  { name: 'files', path: '/v1/files', object: 'file' },
  /** Their list is ordered and filtered by `date`; they have no `created` (Stripe's reference, 2026-10-28). */
  { name: 'invoice_items', path: '/v1/invoiceitems', object: 'invoiceitem', cursorField: 'date' },
  {
    name: 'invoice_line_items',
    path: '/v1/invoices/{id}/lines',
    object: 'line_item',
    parent: { stream: invoices, embeddedIn: 'lines', copy: { invoice_id: 'id', invoice_created: 'created' } },
  },
  { name: 'invoice_payments', path: '/v1/invoice_payments', object: 'invoice_payment' },
  invoices,
  { name: 'payment_intents', path: '/v1/payment_intents', object: 'payment_intent' },
  { name: 'payment_methods', path: '/v1/payment_methods', object: 'payment_method', createdFilter: false },
  {
    name: 'payout_balance_transactions',
    path: '/v1/balance_transactions',
    object: 'balance_transaction',
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
  { name: 'plans', path: '/v1/plans', object: 'plan' },
  { name: 'prices', path: '/v1/prices', object: 'price' },
  { name: 'products', path: '/v1/products', object: 'product' },
  { name: 'promotion_codes', path: '/v1/promotion_codes', object: 'promotion_code' },
  { name: 'refunds', path: '/v1/refunds', object: 'refund' },
  { name: 'setup_intents', path: '/v1/setup_intents', object: 'setup_intent' },
  { name: 'shipping_rates', path: '/v1/shipping_rates', object: 'shipping_rate' },
  {
    name: 'subscription_items',
    path: '/v1/subscription_items',
    object: 'subscription_item',
    parent: { stream: subscriptions, embeddedIn: 'items', query: { subscription: 'id' } },
  },
  { name: 'subscription_schedule', path: '/v1/subscription_schedules', object: 'subscription_schedule' },
  subscriptions,
  { name: 'tax_rates', path: '/v1/tax_rates', object: 'tax_rate' },
  { name: 'top_ups', path: '/v1/topups', object: 'topup' },
  { name: 'transfers', path: '/v1/transfers', object: 'transfer' },
  { name: 'webhook_endpoints', path: '/v1/webhook_endpoints', object: 'webhook_endpoint', createdFilter: false },
];
