import { financialConnections, issuing, treasury } from './areas/banking.js';
import { billing } from './areas/billing.js';
import { connect } from './areas/connect.js';
import { customerData } from './areas/customers.js';
import { climate, reporting, tax, terminal } from './areas/operations.js';
import { payments } from './areas/payments.js';
import { productCatalog } from './areas/products.js';
import { risk } from './areas/risk.js';
import { apiV2 } from './areas/v2.js';
import type { StreamDefinition } from './definition.js';

/** Streams of one product of Stripe, as the documentation groups them. */
export interface Area {
  readonly name: string;
  readonly streams: readonly StreamDefinition[];
}

export const areas: readonly Area[] = [
  { name: 'Payments', streams: payments },
  { name: 'Customers', streams: customerData },
  { name: 'Products', streams: productCatalog },
  { name: 'Billing', streams: billing },
  { name: 'Connect', streams: connect },
  { name: 'Radar and Identity', streams: risk },
  { name: 'Financial Connections', streams: financialConnections },
  { name: 'Issuing', streams: issuing },
  { name: 'Treasury', streams: treasury },
  { name: 'Tax', streams: tax },
  { name: 'Terminal', streams: terminal },
  { name: 'Climate', streams: climate },
  { name: 'Events and reporting', streams: reporting },
  { name: 'API v2', streams: apiV2 },
];

/** Every stream, in the order in which `discover` prints them. */
export const catalog: readonly StreamDefinition[] = areas
  .flatMap(({ streams }) => streams)
  .sort((one, other) => (one.name < other.name ? -1 : 1));
