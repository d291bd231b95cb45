import type Stripe from 'stripe';
import { itemsOf } from '../data/items.js';
import type { Sublist } from '../data/model.js';
import { embeddedList } from '../data/objects.js';
import { type Fields, Json, type Shape, template } from '../data/template.js';
import type { Wire } from '../data/wire.js';
import { embeddedLines, type Invoice, invoiceOf, type Line, lineAt, lineId } from './billing.js';
import type { Kind } from './kind.js';
import { any, idAt } from './relations.js';
import { SALT } from './salts.js';
import { addressOf, metadataOf, nameOf } from './words.js';

const DAY = 86_400;
const MONTH = 30 * DAY;

const line: Fields<Stripe.InvoiceLineItem, Line> = {
  id: (l) => l.id,
  object: 'line_item',
  amount: (l) => l.amount,
  currency: (l) => l.price.currency.code,
  description: (l) => `${l.quantity} × Gold Plan (at ${l.price.unitAmount} / ${l.price.interval})`,
  discount_amounts: [],
  discountable: true,
  discounts: [],
  invoice: (l) => l.invoice.id,
  livemode: false,
  metadata: (l) => metadataOf(l.invoice, SALT.invoiceLine.metadata + l.n),
  parent: {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration: false,
      proration_details: { credited_items: null },
      subscription: (l) => l.subscription,
      subscription_item: (l) => l.subscriptionItem ?? '',
    },
    type: 'subscription_item_details',
  },
  period: { end: (l) => l.invoice.created + MONTH, start: (l) => l.invoice.created },
  pretax_credit_amounts: [],
  pricing: {
    price_details: { price: (l) => l.price.id, product: (l) => l.price.product },
    type: 'price_details',
    unit_amount_decimal: (l) => String(l.price.unitAmount),
  },
  quantity: (l) => l.quantity,
  quantity_decimal: (l) => String(l.quantity),
  subscription: (l) => l.subscription,
  subtotal: (l) => l.amount,
  taxes: (l) => (l.tax === 0 ? [] : taxesOf({ tax: l.tax, base: l.amount, rate: taxRateOf(l) })),
};

function taxRateOf({ invoice }: Line): string {
  return idAt(invoice.world, 'tax_rates', any(invoice, 'tax_rates', SALT.shared.taxRate)) ?? 'txr_none';
}

function taxesOf({ tax, base, rate }: { readonly tax: number; readonly base: number; readonly rate: string }) {
  const details = { tax_rate: rate };
  return [
    {
      amount: tax,
      tax_behavior: 'exclusive' as const,
      tax_rate_details: details,
      taxability_reason: 'not_available' as const,
      taxable_amount: base,
      type: 'tax_rate_details' as const,
    },
  ];
}

const subscriptionLine = template<Stripe.InvoiceLineItem, Line>(line);

const manualLine = template<Stripe.InvoiceLineItem, Line>({
  ...line,
  parent: {
    invoice_item_details: {
      invoice_item: (l) => l.invoiceItem ?? '',
      proration: false,
      proration_details: { credited_items: null },
      subscription: null,
    },
    subscription_item_details: null,
    type: 'invoice_item_details',
  },
});

function lineText(it: Line, indent: number): string {
  return (it.subscription === null ? manualLine : subscriptionLine)(it, indent);
}

export const invoiceLines: Sublist = {
  name: 'invoice_lines',
  parent: 'invoices',
  object: 'line_item',
  path: '/v1/invoices/{id}/lines',
  count: (world, invoice) => world.children.invoiceLines(invoice),
  idOf: lineId,
  write: (world, invoice, n, indent) => lineText(lineAt(world, invoice, n), indent),
};

/** An invoice knows its lines already, which makes the usual case cheap. */
function linesText(invoice: Invoice, indent: number): string {
  const { world, index } = invoice.row;
  const isUsual =
    world.embeddingOf(invoiceLines) === undefined &&
    itemsOf(invoiceLines, world, index).length === invoice.lines.length;
  return isUsual ? embeddedLines(invoice, indent, lineText) : embeddedList(invoiceLines, world, index, indent);
}

const total = (i: Invoice) => i.subtotal + i.tax;
const isFinal = (i: Invoice) => i.status !== 'draft';
const paid = (i: Invoice) => (i.status === 'paid' ? total(i) : 0);
const finalizedAt = (i: Invoice) => (isFinal(i) ? i.row.created + 3600 : null);

const transitions: Shape<Wire<Stripe.Invoice.StatusTransitions>, Invoice> = {
  finalized_at: finalizedAt,
  marked_uncollectible_at: (i) => (i.status === 'uncollectible' ? i.row.created + 7 * DAY : null),
  paid_at: (i) => (i.status === 'paid' ? i.row.created + 7200 : null),
  voided_at: (i) => (i.status === 'void' ? i.row.created + 3 * DAY : null),
};

const subscriptionInvoice: Fields<Stripe.Invoice, Invoice> = {
  id: (i) => i.row.id,
  object: 'invoice',
  account_country: 'US',
  account_name: 'Sandbox Shop',
  account_tax_ids: null,
  amount_due: total,
  amount_overpaid: 0,
  amount_paid: paid,
  amount_remaining: (i) => total(i) - paid(i),
  amount_shipping: 0,
  application: null,
  attempt_count: (i) => (isFinal(i) ? 1 : 0),
  attempted: isFinal,
  auto_advance: (i) => !isFinal(i),
  automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
  automatically_finalizes_at: (i) => (isFinal(i) ? null : i.row.created + 3600),
  billing_reason: 'subscription_cycle',
  collection_method: 'charge_automatically',
  created: (i) => i.row.created,
  currency: (i) => i.currency,
  custom_fields: null,
  customer: (i) => i.customer,
  customer_account: null,
  customer_address: (i) => addressOf(i.row, SALT.shared.address),
  customer_email: (i) =>
    i.row.chance(SALT.invoice.hasEmail, 0.9)
      ? `jenny.rosen+${i.row.hash(SALT.invoice.email) % 1000}@example.com`
      : null,
  customer_name: (i) => nameOf(i.row, SALT.shared.name),
  customer_phone: null,
  customer_shipping: null,
  customer_tax_exempt: 'none',
  customer_tax_ids: [],
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  due_date: null,
  effective_at: finalizedAt,
  ending_balance: (i) => (isFinal(i) ? 0 : null),
  footer: (i) =>
    i.row.chance(SALT.invoice.footer, 0.1) ? 'Vielen Dank für Ihren Einkauf!\nÜberweisung binnen 14 Tagen.' : null,
  from_invoice: null,
  hosted_invoice_url: (i) => (isFinal(i) ? `https://invoice.stripe.com/i/acct_1Sandbox/test_${i.row.id}?s=ap` : null),
  invoice_pdf: (i) => (isFinal(i) ? `https://pay.stripe.com/invoice/acct_1Sandbox/test_${i.row.id}/pdf?s=ap` : null),
  issuer: { type: 'self' },
  last_finalization_error: null,
  latest_revision: null,
  lines: (i) => new Json((indent) => linesText(i, indent)),
  livemode: false,
  metadata: (i) => metadataOf(i.row, SALT.shared.metadata),
  next_payment_attempt: null,
  number: (i) => (isFinal(i) ? `7FE1103-${String(i.row.index + 1).padStart(4, '0')}` : null),
  on_behalf_of: null,
  parent: {
    quote_details: null,
    subscription_details: {
      metadata: {},
      subscription: (i) => idAt(i.row.world, 'subscriptions', i.subscription) ?? '',
    },
    type: 'subscription_details',
  },
  payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
  period_end: (i) => i.row.created,
  period_start: (i) => i.row.created - MONTH,
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  receipt_number: null,
  rendering: { amount_tax_display: null, pdf: { page_size: 'letter' }, template: null, template_version: null },
  shipping_cost: null,
  shipping_details: null,
  starting_balance: 0,
  statement_descriptor: null,
  status: (i) => i.status,
  status_transitions: transitions,
  subtotal: (i) => i.subtotal,
  subtotal_excluding_tax: (i) => i.subtotal,
  test_clock: null,
  total,
  total_discount_amounts: [],
  total_excluding_tax: (i) => i.subtotal,
  total_pretax_credit_amounts: [],
  total_taxes: (i) => (i.taxRate === null ? [] : taxesOf({ tax: i.tax, base: i.subtotal, rate: i.taxRate })),
  webhooks_delivered_at: (i) => i.row.created + 10,
};

const texts = {
  subscription: template<Stripe.Invoice, Invoice>(subscriptionInvoice),
  manual: template<Stripe.Invoice, Invoice>({
    ...subscriptionInvoice,
    billing_reason: 'manual',
    collection_method: 'send_invoice',
    due_date: (i) => i.row.created + 30 * DAY,
    parent: null,
    shipping_cost: (i) => ({
      amount_subtotal: 0,
      amount_tax: 0,
      amount_total: 0,
      shipping_rate: idAt(i.row.world, 'shipping_rates', any(i.row, 'shipping_rates', SALT.invoice.shippingRate)),
    }),
  }),
};

export const invoices: Kind = {
  name: 'invoices',
  path: '/v1/invoices',
  object: 'invoice',
  prefix: 'in_1',
  permission: ['invoice_read', 'Invoices Read'],
  filters: {
    customer: 'customer',
    status: 'status',
    collection_method: 'collection_method',
    subscription: 'parent.subscription_details.subscription',
  },
  events: { created: () => 'invoice.created', updated: 'invoice.updated', deleted: 'invoice.deleted' },
  includable: { payments: 'invoice_payments_of_invoice' },
  write: (row, indent) => {
    const it = invoiceOf(row.world, row.index);
    return texts[it.subscription === undefined ? 'manual' : 'subscription'](it, indent);
  },
};
