import { EMBEDDED_ITEMS } from '../data/items.js';
import type { Row, World } from '../data/model.js';
import { listText } from '../data/objects.js';
import { cost, type Price, priceOf } from './prices.js';
import { any, childrenOf, dealt, earlier, idAt } from './relations.js';
import { SALT } from './salts.js';
import { priceOfItem, quantityOfItem, subscriptionItemId, subscriptionOf } from './subscriptions.js';
import { childIds } from './transfers.js';

/** The facts of an invoice that its lines, payments and credit notes share. */
export interface Invoice {
  readonly row: Row;
  readonly subscription: number | undefined;
  readonly customer: string;
  readonly currency: string;
  readonly lines: readonly Line[];
  readonly subtotal: number;
  readonly tax: number;
  readonly taxRate: string | null;
  readonly status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
}

export interface Line {
  readonly invoice: Row;
  readonly n: number;
  readonly id: string;
  readonly price: Price;
  readonly quantity: number;
  readonly amount: number;
  readonly tax: number;
  readonly subscription: string | null;
  readonly subscriptionItem: string | null;
  readonly invoiceItem: string | null;
}

/** Of five invoices, one was made by hand; the others are those of subscriptions. */
const isManual = (index: number) => index % 5 === 3;
const isTaxed = (index: number) => index % 4 === 1;

export function invoiceOf(world: World, index: number): Invoice {
  const row = world.row('invoices', index);
  const subscription = subscriptionOfInvoice(row);
  const customer =
    subscription === undefined
      ? idAt(
          world,
          'customers',
          earlier(row, 'customers', SALT.shared.customer) ?? any(row, 'customers', SALT.shared.customer),
        )
      : subscriptionOf(world, subscription).customer;
  const lines = Array.from({ length: world.children.invoiceLines(index) }, (_, n) => lineOf(row, n, subscription));
  return {
    row,
    subscription,
    customer: customer ?? 'cus_none',
    currency: lines[0]?.price.currency.code ?? 'usd',
    lines,
    subtotal: lines.reduce((sum, { amount }) => sum + amount, 0),
    tax: lines.reduce((sum, { tax }) => sum + tax, 0),
    taxRate: isTaxed(index)
      ? (idAt(world, 'tax_rates', any(row, 'tax_rates', SALT.shared.taxRate)) ?? 'txr_none')
      : null,
    status: statusOf(index),
  };
}

function subscriptionOfInvoice({ world, index }: Row): number | undefined {
  const { base } = world.collection('subscriptions');
  if (base === 0 || isManual(index)) return undefined;
  return index < world.collection('invoices').base
    ? dealt(world, 'subscriptions', 'invoices').parentOf(index)
    : index % base;
}

function statusOf(index: number): Invoice['status'] {
  if (index % 29 === 28) return 'draft';
  if (index % 23 === 11) return 'void';
  if (index % 41 === 20) return 'uncollectible';
  return index % 13 === 6 ? 'open' : 'paid';
}

/** One line, without the cost of all the others. */
export function lineAt(world: World, invoice: number, n: number): Line {
  const row = world.row('invoices', invoice);
  return lineOf(row, n, subscriptionOfInvoice(row));
}

function lineOf(invoice: Row, n: number, subscription: number | undefined): Line {
  const { world, index } = invoice;
  const items = subscription === undefined ? 0 : world.children.subscriptionItems(subscription);
  const itemNumber = items === 0 ? 0 : n % items;
  const price =
    subscription === undefined
      ? priceOf(world, any(invoice, 'prices', SALT.invoiceLine.price) ?? 0)
      : priceOfItem(world, subscription, itemNumber);
  const quantity =
    subscription === undefined
      ? invoice.between(SALT.invoiceLine.quantity + n, 1, 20)
      : quantityOfItem(world, subscription, itemNumber);
  const amount = cost(price, quantity);
  return {
    invoice,
    n,
    id: lineId(world, index, n),
    price,
    quantity,
    amount,
    tax: isTaxed(index) ? Math.round(amount * 0.19) : 0,
    subscription: idAt(world, 'subscriptions', subscription),
    subscriptionItem: subscription === undefined ? null : subscriptionItemId(world, subscription, itemNumber),
    invoiceItem: subscription === undefined ? invoiceItemOf(invoice, n) : null,
  };
}

/** The invoice item behind a line of an invoice made by hand. */
function invoiceItemOf(invoice: Row, n: number): string {
  const { first, end } = childrenOf(invoice, 'invoices', 'invoice_items');
  const own = first + n < end ? first + n : any(invoice, 'invoice_items', SALT.invoiceLine.item);
  return idAt(invoice.world, 'invoice_items', own) ?? 'ii_none';
}

export function lineId(world: World, invoice: number, n: number): string {
  return childIds(world, 'il_1').encode(invoice, n);
}

/** The first lines of an invoice, as they are embedded in it. */
export function embeddedLines(invoice: Invoice, indent: number, write: (line: Line, indent: number) => string): string {
  const shown = invoice.lines.slice(0, EMBEDDED_ITEMS);
  return listText(
    {
      items: shown.map((line) => write(line, indent + 4)),
      hasMore: shown.length < invoice.lines.length,
      url: `/v1/invoices/${invoice.row.id}/lines`,
    },
    indent,
  );
}
