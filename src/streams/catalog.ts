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
import type { Area, StreamDefinition } from './definition.js';

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
