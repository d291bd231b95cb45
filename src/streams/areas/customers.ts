import type { Area, StreamDefinition } from '../definition.js';

const allCustomers: StreamDefinition = {
  name: 'customers',
  path: '/v1/customers',
  object: 'customer',
  newestFirst: true,
  note: 'Without deleted customers and those on a test clock: Stripe does not list them.',
};

export const customers: Area = {
  name: 'Customers',
  streams: [
    {
      name: 'bank_accounts',
      path: '/v1/customers/{id}/sources',
      object: 'bank_account',
      retrieve: '/v1/customers/{customer}/sources/{id}',
      events: ['customer.source.*'],
      parent: { stream: allCustomers, embeddedIn: 'sources', expand: true },
    },
    {
      name: 'customer_balance_transactions',
      path: '/v1/customers/{id}/balance_transactions',
      object: 'customer_balance_transaction',
      retrieve: '/v1/customers/{customer}/balance_transactions/{id}',
      parent: { stream: allCustomers },
    },
    {
      name: 'customer_cash_balance_transactions',
      path: '/v1/customers/{id}/cash_balance_transactions',
      object: 'customer_cash_balance_transaction',
      retrieve: '/v1/customers/{customer}/cash_balance_transactions/{id}',
      parent: { stream: allCustomers },
    },
    {
      name: 'customer_payment_methods',
      path: '/v1/customers/{id}/payment_methods',
      object: 'payment_method',
      retrieve: '/v1/customers/{customer}/payment_methods/{id}',
      parent: { stream: allCustomers },
      note: 'Those that are attached now. The list of all is payment_methods.',
    },
    /** A connected account can be the source of several customers. */
    {
      name: 'customer_sources',
      path: '/v1/customers/{id}/sources',
      object: ['account', 'bank_account', 'card', 'source'],
      retrieve: '/v1/customers/{customer}/sources/{id}',
      primaryKey: ['customer', 'id'],
      events: ['customer.source.*', 'source.*'],
      parent: { stream: allCustomers, embeddedIn: 'sources', expand: true, copy: { customer: 'id' } },
    },
    {
      name: 'customer_tax_ids',
      path: '/v1/customers/{id}/tax_ids',
      object: 'tax_id',
      retrieve: '/v1/customers/{customer}/tax_ids/{id}',
      parent: { stream: allCustomers, embeddedIn: 'tax_ids', expand: true },
    },
    allCustomers,
    {
      name: 'entitlements_active_entitlements',
      path: '/v1/entitlements/active_entitlements',
      object: 'entitlements.active_entitlement',
      parent: { stream: allCustomers, query: { customer: 'id' }, copy: { customer: 'id' } },
    },
  ],
};
