import type { Area } from '../definition.js';

export const tax: Area = {
  name: 'Tax',
  streams: [
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
  ],
};
