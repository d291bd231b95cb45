import type { ChildCounts } from './data/model.js';
import { hashOf } from './data/random.js';

/**
 * A small shop: about 30,000 rows over all streams, in proportions that fit. Parents whose children need requests of
 * their own are few, so that all of it is read within seconds.
 */
const SHOP: Readonly<Record<string, number>> = {
  accounts: 3,
  balance_transactions: 2500,
  charges: 2200,
  coupons: 24,
  credit_notes: 60,
  customers: 80,
  disputes: 25,
  files: 40,
  invoice_items: 300,
  invoice_payments: 1500,
  invoices: 1700,
  payment_intents: 2300,
  payment_methods: 1300,
  payouts: 52,
  plans: 24,
  prices: 60,
  products: 30,
  promotion_codes: 40,
  refunds: 160,
  setup_intents: 40,
  shipping_rates: 8,
  subscription_schedule: 40,
  subscriptions: 600,
  tax_rates: 9,
  top_ups: 12,
  transfers: 70,
  treasury_financial_accounts: 9,
  webhook_endpoints: 4,
};

/** Rows by collection. A collection that is not named has as many as in the shop, divided by `fraction`. */
export function rowsOf(
  rows: number | Readonly<Record<string, number>> | undefined,
  fraction: number,
): (name: string) => number {
  if (typeof rows === 'number') return () => rows;
  return (name) => rows?.[name] ?? Math.ceil((SHOP[name] ?? few(name)) / fraction);
}

const FEWEST = 8;

/** Some dozens, for collections that the shop does not name. */
function few(name: string): number {
  return FEWEST + (hashOf(name) % 25);
}

/** A few items for most parents, and for some more than the ten that are embedded. */
export const DEFAULT_CHILDREN: ChildCounts = {
  invoiceLines: (invoice) => (invoice % 31 === 5 ? 23 : (invoice % 3) + 1),
  subscriptionItems: (subscription) => (subscription % 53 === 7 ? 14 : subscription % 4 === 0 ? 2 : 1),
  transferReversals: (transfer) => (transfer % 29 === 3 ? 12 : transfer % 5 === 0 ? 1 : 0),
  creditNoteLines: (creditNote) => (creditNote % 17 === 4 ? 11 : (creditNote % 2) + 1),
  schedulePhases: (schedule) => (schedule % 3) + 1,
  payment_intent_amount_details_line_items: (intent) => (intent % 201 === 7 ? 103 : intent % 25 === 3 ? 2 : 0),
};
