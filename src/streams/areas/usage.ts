import type { Area, StreamDefinition } from '../definition.js';

const creditGrants: StreamDefinition = {
  name: 'billing_credit_grants',
  path: '/v1/billing/credit_grants',
  object: 'billing.credit_grant',
  createdFilter: false,
};

export const usage: Area = {
  name: 'Usage and credits',
  streams: [
    { name: 'billing_alerts', path: '/v1/billing/alerts', object: 'billing.alert', createdFilter: false },
    /**
     * Stripe refuses this list without a customer, although its reference calls it optional (stripe/sync-engine,
     * 2026-05). Every transaction belongs to a grant, and few customers have any: one request per grant.
     */
    {
      name: 'billing_credit_balance_transactions',
      path: '/v1/billing/credit_balance_transactions',
      object: 'billing.credit_balance_transaction',
      parent: {
        stream: creditGrants,
        query: { customer: 'customer', credit_grant: 'id' },
        copy: { customer: 'customer' },
      },
    },
    creditGrants,
    { name: 'billing_meters', path: '/v1/billing/meters', object: 'billing.meter', createdFilter: false },
  ],
};
