import { balance } from './areas/balance.js';
import { checkout } from './areas/checkout.js';
import { climate } from './areas/climate.js';
import { connect } from './areas/connect.js';
import { customers } from './areas/customers.js';
import { files } from './areas/files.js';
import { financialConnections } from './areas/financial-connections.js';
import { invoices } from './areas/invoices.js';
import { issuing } from './areas/issuing.js';
import { paymentMethods } from './areas/payment-methods.js';
import { payments } from './areas/payments.js';
import { products } from './areas/products.js';
import { reporting } from './areas/reporting.js';
import { risk } from './areas/risk.js';
import { subscriptions } from './areas/subscriptions.js';
import { tax } from './areas/tax.js';
import { terminal } from './areas/terminal.js';
import { treasury } from './areas/treasury.js';
import { usage } from './areas/usage.js';
import { v2 } from './areas/v2.js';
import { type Area, kindsOf, type StreamDefinition } from './definition.js';

export const areas: readonly Area[] = [
  payments,
  paymentMethods,
  checkout,
  balance,
  customers,
  products,
  subscriptions,
  invoices,
  usage,
  connect,
  risk,
  financialConnections,
  issuing,
  treasury,
  tax,
  terminal,
  climate,
  files,
  reporting,
  v2,
];

/** Every stream, in the order in which `discover` prints them. */
export const catalog: readonly StreamDefinition[] = areas
  .flatMap(({ streams }) => streams)
  .sort((one, other) => (one.name < other.name ? -1 : 1));

/** The stream that lists all objects of a kind; undefined for a kind that is listed only under each parent. */
export function streamOfKind(kind: string): StreamDefinition | undefined {
  const streams = catalog.filter((stream) => stream.parent === undefined && kindsOf(stream).includes(kind));
  return streams.sort((one, other) => filters(one) - filters(other))[0];
}

function filters({ params }: StreamDefinition): number {
  return Object.keys(params ?? {}).length;
}
