import type { Area, StreamDefinition } from '../definition.js';

/** Stripe gives access to financial accounts and the movements of money of API v2 on request (2026-10-28). */
const MONEY_MANAGEMENT = 'Money Management';

/** 400 "Accounts v2 is not enabled for your platform" (stripe/sync-engine, 2026-11). */
const ACCOUNTS_V2 = 'Accounts v2';

const accounts: StreamDefinition = {
  name: 'v2_core_accounts',
  path: '/v2/core/accounts',
  object: 'v2.core.account',
  product: ACCOUNTS_V2,
  createdFilter: false,
  note: 'Open ones. Those that are closed are v2_core_closed_accounts. Without configuration, defaults, identity and requirements, which Stripe gives for one account at a time only.',
};

/** Lists of API v2: their times are texts, and their pages are named by a token. */
export const v2: Area = {
  name: 'API v2',
  streams: [
    /** The list can be cut by `created_gte` and `created_lte`; there are too few imports for it to matter. */
    {
      name: 'v2_commerce_product_catalog_imports',
      path: '/v2/commerce/product_catalog/imports',
      object: 'v2.commerce.product_catalog_import',
      createdFilter: false,
    },
    {
      name: 'v2_core_account_persons',
      path: '/v2/core/accounts/{id}/persons',
      object: 'v2.core.account_person',
      retrieve: '/v2/core/accounts/{account}/persons/{id}',
      parent: { stream: accounts },
      note: 'Those of open accounts.',
    },
    accounts,
    {
      name: 'v2_core_closed_accounts',
      path: '/v2/core/accounts',
      object: 'v2.core.account',
      product: ACCOUNTS_V2,
      params: { closed: 'true' },
      createdFilter: false,
    },
    {
      name: 'v2_core_event_destinations',
      path: '/v2/core/event_destinations',
      object: 'v2.core.event_destination',
      createdFilter: false,
      note: 'Without the URLs of webhooks, which Stripe gives on request only.',
    },
    {
      name: 'v2_core_events',
      path: '/v2/core/events',
      object: 'v2.core.event',
      keptDays: 30,
      note: 'Stripe keeps events for 30 days. They name the object that changed and do not carry it.',
    },
    {
      name: 'v2_core_vault_gb_bank_accounts',
      path: '/v2/core/vault/gb_bank_accounts',
      object: 'v2.core.vault.gb_bank_account',
      product: MONEY_MANAGEMENT,
      createdFilter: false,
    },
    {
      name: 'v2_core_vault_us_bank_accounts',
      path: '/v2/core/vault/us_bank_accounts',
      object: 'v2.core.vault.us_bank_account',
      product: MONEY_MANAGEMENT,
      createdFilter: false,
    },
    {
      name: 'v2_money_management_adjustments',
      path: '/v2/money_management/adjustments',
      object: 'v2.money_management.adjustment',
      product: MONEY_MANAGEMENT,
    },
    /** Closed accounts are left out of the list unless all statuses are asked for (Stripe's reference, 2026-10-28). */
    {
      name: 'v2_money_management_financial_accounts',
      path: '/v2/money_management/financial_accounts',
      object: 'v2.money_management.financial_account',
      product: MONEY_MANAGEMENT,
      params: { 'statuses[0]': 'closed', 'statuses[1]': 'open', 'statuses[2]': 'pending' },
      createdFilter: false,
    },
    {
      name: 'v2_money_management_financial_addresses',
      path: '/v2/money_management/financial_addresses',
      object: 'v2.money_management.financial_address',
      product: MONEY_MANAGEMENT,
      createdFilter: false,
    },
    {
      name: 'v2_money_management_inbound_transfers',
      path: '/v2/money_management/inbound_transfers',
      object: 'v2.money_management.inbound_transfer',
      product: MONEY_MANAGEMENT,
    },
    {
      name: 'v2_money_management_outbound_payments',
      path: '/v2/money_management/outbound_payments',
      object: 'v2.money_management.outbound_payment',
      product: MONEY_MANAGEMENT,
    },
    {
      name: 'v2_money_management_outbound_setup_intents',
      path: '/v2/money_management/outbound_setup_intents',
      object: 'v2.money_management.outbound_setup_intent',
      product: MONEY_MANAGEMENT,
      createdFilter: false,
    },
    {
      name: 'v2_money_management_payout_intents',
      path: '/v2/money_management/payout_intents',
      object: 'v2.money_management.payout_intent',
      product: MONEY_MANAGEMENT,
      createdFilter: false,
    },
    {
      name: 'v2_money_management_payout_methods',
      path: '/v2/money_management/payout_methods',
      object: 'v2.money_management.payout_method',
      product: MONEY_MANAGEMENT,
      createdFilter: false,
    },
    {
      name: 'v2_money_management_received_credits',
      path: '/v2/money_management/received_credits',
      object: 'v2.money_management.received_credit',
      product: MONEY_MANAGEMENT,
    },
    {
      name: 'v2_money_management_transaction_entries',
      path: '/v2/money_management/transaction_entries',
      object: 'v2.money_management.transaction_entry',
      product: MONEY_MANAGEMENT,
    },
    {
      name: 'v2_money_management_transactions',
      path: '/v2/money_management/transactions',
      object: 'v2.money_management.transaction',
      product: MONEY_MANAGEMENT,
    },
  ],
};
