import { accounts } from './accounts.js';
import { balanceTransactions, payoutBalanceTransactions } from './balance.js';
import { coupons, products, promotionCodes, shippingRates, taxRates } from './catalog.js';
import { charges } from './charges.js';
import { customers } from './customers.js';
import { disputes } from './disputes.js';
import { createEvents } from './events.js';
import { invoiceLines, invoices } from './invoices.js';
import { creditNoteLines, creditNotes, invoiceItems, invoicePayments } from './invoicing.js';
import type { Kind, Sublist } from './kind.js';
import { files, webhookEndpoints } from './others.js';
import { chargeRefunds, customerPaymentMethods, customerSubscriptions, paymentsOfInvoice } from './owned.js';
import { paymentIntents, paymentMethods, refunds, setupIntents } from './payments.js';
import { payouts } from './payouts.js';
import { planKind, priceKind } from './prices.js';
import { subscriptionItems, subscriptionSchedules, subscriptions } from './subscriptions.js';
import { topUps, transferReversals, transfers } from './transfers.js';

const objects: readonly Kind[] = [
  accounts,
  balanceTransactions,
  charges,
  coupons,
  creditNotes,
  customers,
  disputes,
  files,
  invoiceItems,
  invoicePayments,
  invoices,
  paymentIntents,
  paymentMethods,
  payouts,
  planKind,
  priceKind,
  products,
  promotionCodes,
  refunds,
  setupIntents,
  shippingRates,
  subscriptionSchedules,
  subscriptions,
  taxRates,
  topUps,
  transfers,
  webhookEndpoints,
];

/** Every kind of object that has a list of its own. */
export const KINDS: readonly Kind[] = [...objects, createEvents(objects)];

/** Every list that belongs to an object. */
export const SUBLISTS: readonly Sublist[] = [
  chargeRefunds,
  creditNoteLines,
  customerPaymentMethods,
  customerSubscriptions,
  invoiceLines,
  paymentsOfInvoice,
  payoutBalanceTransactions,
  subscriptionItems,
  transferReversals,
];
