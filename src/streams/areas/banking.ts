import type { StreamDefinition } from '../definition.js';

const linkedAccounts: StreamDefinition = {
  name: 'financial_connections_accounts',
  path: '/v1/financial_connections/accounts',
  object: 'financial_connections.account',
  createdFilter: false,
};

const financialAccounts: StreamDefinition = {
  name: 'treasury_financial_accounts',
  path: '/v1/treasury/financial_accounts',
  object: 'treasury.financial_account',
};

/** Each list of Treasury is that of one financial account. */
const ofFinancialAccount = { stream: financialAccounts, query: { financial_account: 'id' } } as const;

const issuingCards: StreamDefinition = {
  name: 'cards',
  path: '/v1/issuing/cards',
  object: 'issuing.card',
  newestFirst: true,
};

export const financialConnections: readonly StreamDefinition[] = [
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
];

export const issuing: readonly StreamDefinition[] = [
  { name: 'authorizations', path: '/v1/issuing/authorizations', object: 'issuing.authorization', newestFirst: true },
  { name: 'cardholders', path: '/v1/issuing/cardholders', object: 'issuing.cardholder', newestFirst: true },
  issuingCards,
  { name: 'issuing_disputes', path: '/v1/issuing/disputes', object: 'issuing.dispute', newestFirst: true },
  {
    name: 'issuing_personalization_designs',
    path: '/v1/issuing/personalization_designs',
    object: 'issuing.personalization_design',
    createdFilter: false,
    newestFirst: true,
  },
  {
    name: 'issuing_physical_bundles',
    path: '/v1/issuing/physical_bundles',
    object: 'issuing.physical_bundle',
    createdFilter: false,
    newestFirst: true,
  },
  {
    name: 'issuing_tokens',
    path: '/v1/issuing/tokens',
    object: 'issuing.token',
    parent: { stream: issuingCards, query: { card: 'id' } },
  },
  { name: 'transactions', path: '/v1/issuing/transactions', object: 'issuing.transaction', newestFirst: true },
];

export const treasury: readonly StreamDefinition[] = [
  {
    name: 'treasury_credit_reversals',
    path: '/v1/treasury/credit_reversals',
    object: 'treasury.credit_reversal',
    parent: ofFinancialAccount,
  },
  {
    name: 'treasury_debit_reversals',
    path: '/v1/treasury/debit_reversals',
    object: 'treasury.debit_reversal',
    parent: ofFinancialAccount,
  },
  financialAccounts,
  {
    name: 'treasury_inbound_transfers',
    path: '/v1/treasury/inbound_transfers',
    object: 'treasury.inbound_transfer',
    parent: ofFinancialAccount,
  },
  {
    name: 'treasury_outbound_payments',
    path: '/v1/treasury/outbound_payments',
    object: 'treasury.outbound_payment',
    parent: ofFinancialAccount,
  },
  {
    name: 'treasury_outbound_transfers',
    path: '/v1/treasury/outbound_transfers',
    object: 'treasury.outbound_transfer',
    parent: ofFinancialAccount,
  },
  {
    name: 'treasury_received_credits',
    path: '/v1/treasury/received_credits',
    object: 'treasury.received_credit',
    parent: ofFinancialAccount,
  },
  {
    name: 'treasury_received_debits',
    path: '/v1/treasury/received_debits',
    object: 'treasury.received_debit',
    parent: ofFinancialAccount,
  },
  {
    name: 'treasury_transaction_entries',
    path: '/v1/treasury/transaction_entries',
    object: 'treasury.transaction_entry',
    newestFirst: true,
    parent: ofFinancialAccount,
  },
  {
    name: 'treasury_transactions',
    path: '/v1/treasury/transactions',
    object: 'treasury.transaction',
    newestFirst: true,
    parent: ofFinancialAccount,
  },
];
