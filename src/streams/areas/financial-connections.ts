import type { Area, StreamDefinition } from '../definition.js';

const linkedAccounts: StreamDefinition = {
  name: 'financial_connections_accounts',
  path: '/v1/financial_connections/accounts',
  object: 'financial_connections.account',
  createdFilter: false,
};

export const financialConnections: Area = {
  name: 'Financial Connections',
  streams: [
    {
      name: 'financial_connections_account_owners',
      path: '/v1/financial_connections/accounts/{id}/owners',
      object: 'financial_connections.account_owner',
      parent: { stream: linkedAccounts, query: { ownership: 'ownership' }, copy: { account: 'id' } },
    },
    linkedAccounts,
    {
      name: 'financial_connections_transactions',
      path: '/v1/financial_connections/transactions',
      object: 'financial_connections.transaction',
      parent: { stream: linkedAccounts, query: { account: 'id' } },
    },
  ],
};
