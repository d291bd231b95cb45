import type { StreamDefinition } from '../definition.js';

export const tax: readonly StreamDefinition[] = [
  { name: 'tax_codes', path: '/v1/tax_codes', object: 'tax_code', createdFilter: false },
  /** Events tell of customers' tax ids only. */
  {
    name: 'tax_ids',
    path: '/v1/tax_ids',
    object: 'tax_id',
    createdFilter: false,
    events: [],
    note: "Those of the account itself; customers' are customer_tax_ids.",
  },
  {
    name: 'tax_locations',
    path: '/v1/tax/locations',
    object: 'tax.location',
    params: { type: 'performance' },
    createdFilter: false,
    note: 'Of type performance, the only one that Stripe has.',
  },
  { name: 'tax_rates', path: '/v1/tax_rates', object: 'tax_rate', newestFirst: true },
  /** Whether a list without a status has the expired ones, too, is not documented (2026-10-28). */
  {
    name: 'tax_registrations',
    path: '/v1/tax/registrations',
    object: 'tax.registration',
    params: { status: 'all' },
    createdFilter: false,
  },
];

export const terminal: readonly StreamDefinition[] = [
  {
    name: 'terminal_configurations',
    path: '/v1/terminal/configurations',
    object: 'terminal.configuration',
    createdFilter: false,
  },
  { name: 'terminal_locations', path: '/v1/terminal/locations', object: 'terminal.location', createdFilter: false },
  { name: 'terminal_readers', path: '/v1/terminal/readers', object: 'terminal.reader', createdFilter: false },
];

export const climate: readonly StreamDefinition[] = [
  {
    name: 'climate_orders',
    path: '/v1/climate/orders',
    object: 'climate.order',
    createdFilter: false,
    newestFirst: true,
  },
  { name: 'climate_products', path: '/v1/climate/products', object: 'climate.product', createdFilter: false },
  { name: 'climate_suppliers', path: '/v1/climate/suppliers', object: 'climate.supplier', createdFilter: false },
];

export const reporting: readonly StreamDefinition[] = [
  { name: 'events', path: '/v1/events', object: 'event', note: 'Stripe keeps events for 30 days.' },
  {
    name: 'reporting_report_runs',
    path: '/v1/reporting/report_runs',
    object: 'reporting.report_run',
    newestFirst: true,
  },
  {
    name: 'reporting_report_types',
    path: '/v1/reporting/report_types',
    object: 'reporting.report_type',
    limit: false,
    createdFilter: false,
  },
  {
    name: 'sigma_scheduled_query_runs',
    path: '/v1/sigma/scheduled_query_runs',
    object: 'scheduled_query_run',
    createdFilter: false,
  },
  { name: 'webhook_endpoints', path: '/v1/webhook_endpoints', object: 'webhook_endpoint', createdFilter: false },
];
