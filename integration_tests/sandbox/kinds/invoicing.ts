import type Stripe from 'stripe';
import type { Row, Sublist, World } from '../data/model.js';
import { embeddedList } from '../data/objects.js';
import { Json, template } from '../data/template.js';
import { type Invoice, invoiceOf, lineId } from './billing.js';
import type { Kind } from './kind.js';
import { cost, type Price, priceOf } from './prices.js';
import { any, earlier, idAt, parentOf } from './relations.js';
import { SALT } from './salts.js';
import { childIds } from './transfers.js';
import { metadataOf } from './words.js';

interface Item {
  readonly row: Row;
  readonly price: Price;
  readonly quantity: number;
  readonly customer: string;
  readonly invoice: string | null;
}

/** Every sixth invoice item waits for the next invoice. */
function itemOf(row: Row): Item {
  const { world, index } = row;
  const invoice = index % 6 === 5 ? undefined : parentOf(row, 'invoices', 'invoice_items');
  const anyone =
    idAt(
      world,
      'customers',
      earlier(row, 'customers', SALT.shared.customer) ?? any(row, 'customers', SALT.shared.customer),
    ) ?? 'cus_none';
  return {
    row,
    price: priceOf(world, any(row, 'prices', SALT.invoiceItem.price) ?? 0),
    quantity: row.between(SALT.invoiceItem.quantity, 1, 9),
    customer: invoice === undefined ? anyone : invoiceOf(world, invoice).customer,
    invoice: idAt(world, 'invoices', invoice),
  };
}

const item = template<Stripe.InvoiceItem, Item>({
  id: (i) => i.row.id,
  object: 'invoiceitem',
  amount: (i) => cost(i.price, i.quantity),
  currency: (i) => i.price.currency.code,
  customer: (i) => i.customer,
  customer_account: null,
  date: (i) => i.row.created,
  description: (i) => (i.row.chance(SALT.invoiceItem.description, 0.2) ? null : 'One-time setup fee “Zürich”'),
  discountable: true,
  discounts: [],
  invoice: (i) => i.invoice,
  livemode: false,
  metadata: (i) => metadataOf(i.row, SALT.shared.metadata),
  net_amount: (i) => cost(i.price, i.quantity),
  parent: null,
  period: { end: (i) => i.row.created, start: (i) => i.row.created },
  pricing: {
    price_details: { price: (i) => i.price.id, product: (i) => i.price.product },
    type: 'price_details',
    unit_amount_decimal: (i) => String(i.price.unitAmount),
  },
  proration: false,
  quantity: (i) => i.quantity,
  quantity_decimal: (i) => String(i.quantity),
  tax_rates: [],
  test_clock: null,
});

export const invoiceItems: Kind = {
  name: 'invoice_items',
  path: '/v1/invoiceitems',
  object: 'invoiceitem',
  prefix: 'ii_1',
  timeField: 'date',
  permission: ['invoice_read', 'Invoices Read'],
  filters: { customer: 'customer', invoice: 'invoice' },
  events: { created: () => 'invoiceitem.created', deleted: 'invoiceitem.deleted' },
  write: (row, indent) => item(itemOf(row), indent),
};

interface Payment {
  readonly row: Row;
  readonly index: number | undefined;
  readonly invoice: Invoice | undefined;
}

const invoicePayment = template<Stripe.InvoicePayment, Payment>({
  id: (p) => p.row.id,
  object: 'invoice_payment',
  amount_paid: (p) => (isPaid(p) ? amountOf(p) : null),
  amount_requested: amountOf,
  created: (p) => p.row.created,
  currency: (p) => p.invoice?.currency ?? 'usd',
  invoice: (p) => idAt(p.row.world, 'invoices', p.index) ?? 'in_none',
  is_default: true,
  livemode: false,
  payment: {
    payment_intent: (p) =>
      idAt(p.row.world, 'payment_intents', parentOf(p.row, 'payment_intents', 'invoice_payments')) ?? 'pi_none',
    type: 'payment_intent',
  },
  status: (p) => (isPaid(p) ? 'paid' : 'open'),
  status_transitions: { canceled_at: null, paid_at: (p) => (isPaid(p) ? p.row.created : null) },
});

function isPaid({ invoice }: Payment): boolean {
  return invoice?.status === 'paid';
}

function amountOf({ row, invoice }: Payment): number {
  return invoice ? invoice.subtotal + invoice.tax : row.between(SALT.invoicePayment.amount, 100, 9999);
}

export const invoicePayments: Kind = {
  name: 'invoice_payments',
  path: '/v1/invoice_payments',
  object: 'invoice_payment',
  prefix: 'inpay_1',
  permission: ['invoice_read', 'Invoices Read'],
  filters: { invoice: 'invoice', status: 'status' },
  events: { created: () => 'invoice_payment.paid' },
  write: (row, indent) => {
    const index = parentOf(row, 'invoices', 'invoice_payments');
    return invoicePayment(
      { row, index, invoice: index === undefined ? undefined : invoiceOf(row.world, index) },
      indent,
    );
  },
};

/** The amount of a line of a credit note. */
const LINE_AMOUNT = 500;

interface CreditLine {
  readonly note: Row;
  readonly n: number;
}

function creditLineId(world: World, note: number, n: number): string {
  return childIds(world, 'cnli_1').encode(note, n);
}

const creditLine = template<Stripe.CreditNoteLineItem, CreditLine>({
  id: (l) => creditLineId(l.note.world, l.note.index, l.n),
  object: 'credit_note_line_item',
  amount: LINE_AMOUNT,
  description: (l) => (l.n % 2 === 0 ? 'Service credit' : null),
  discount_amount: 0,
  discount_amounts: [],
  invoice_line_item: (l) => lineId(l.note.world, invoiceIndexOf(l.note) ?? 0, 0),
  livemode: false,
  metadata: {},
  pretax_credit_amounts: [],
  quantity: 1,
  tax_rates: [],
  taxes: [],
  type: 'invoice_line_item',
  unit_amount: LINE_AMOUNT,
  unit_amount_decimal: String(LINE_AMOUNT),
});

function invoiceIndexOf(note: Row): number | undefined {
  return parentOf(note, 'invoices', 'credit_notes');
}

export const creditNoteLines: Sublist = {
  name: 'credit_note_lines',
  parent: 'credit_notes',
  object: 'credit_note_line_item',
  path: '/v1/credit_notes/{id}/lines',
  count: (world, note) => world.children.creditNoteLines(note),
  idOf: creditLineId,
  write: (world, note, n, indent) => creditLine({ note: world.row('credit_notes', note), n }, indent),
};

const amount = (r: Row) => LINE_AMOUNT * r.world.children.creditNoteLines(r.index);

const creditNote = template<Stripe.CreditNote, Row>({
  id: (r) => r.id,
  object: 'credit_note',
  amount,
  amount_shipping: 0,
  created: (r) => r.created,
  currency: (r) => invoiceFactsOf(r)?.currency ?? 'usd',
  customer: (r) => invoiceFactsOf(r)?.customer ?? 'cus_none',
  customer_account: null,
  customer_balance_transaction: null,
  discount_amount: 0,
  discount_amounts: [],
  effective_at: (r) => r.created,
  invoice: (r) => idAt(r.world, 'invoices', invoiceIndexOf(r)) ?? 'in_none',
  lines: (r) => new Json((indent) => embeddedList(creditNoteLines, r.world, r.index, indent)),
  livemode: false,
  memo: (r) => (r.chance(SALT.creditNote.memo, 0.3) ? 'Entschuldigung für die Verspätung' : null),
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  number: (r) => `ABCD-${String(r.index).padStart(4, '0')}-CN-01`,
  out_of_band_amount: null,
  pdf: (r) => `https://pay.stripe.com/credit_notes/acct_1Sandbox/${r.id}/pdf?s=ap`,
  post_payment_amount: 0,
  pre_payment_amount: amount,
  pretax_credit_amounts: [],
  reason: (r) => r.pick(SALT.creditNote.reason, [null, 'duplicate', 'product_unsatisfactory']),
  refunds: [],
  shipping_cost: null,
  status: (r) => (r.index % 9 === 8 ? 'void' : 'issued'),
  subtotal: amount,
  subtotal_excluding_tax: amount,
  total: amount,
  total_excluding_tax: amount,
  total_taxes: [],
  type: 'pre_payment',
  voided_at: (r) => (r.index % 9 === 8 ? r.created + 60 : null),
});

function invoiceFactsOf(note: Row): Invoice | undefined {
  const index = invoiceIndexOf(note);
  return index === undefined ? undefined : invoiceOf(note.world, index);
}

export const creditNotes: Kind = {
  name: 'credit_notes',
  path: '/v1/credit_notes',
  object: 'credit_note',
  prefix: 'cn_1',
  permission: ['credit_note_read', 'Credit notes Read'],
  filters: { customer: 'customer', invoice: 'invoice' },
  events: { created: () => 'credit_note.created', updated: 'credit_note.updated' },
  write: creditNote,
};
