import type { Area, StreamDefinition } from '../definition.js';

/** 400 "Unrecognized request URL … Have you onboarded to Treasury?" (stripe/stripe-python#1338, 2024-05). */
const financialAccounts: StreamDefinition = {
  name: 'treasury_financial_accounts',
  path: '/v1/treasury/financial_accounts',
  object: 'treasury.financial_account',
  product: 'Treasury',
};

/** Each list of Treasury is that of one financial account. */
const ofFinancialAccount = { stream: financialAccounts, query: { financial_account: 'id' } } as const;

export const treasury: Area = {
  name: 'Treasury',
  streams: [
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
  ],
};
