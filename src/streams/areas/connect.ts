import type { Area, StreamDefinition } from '../definition.js';

/** "You cannot access the connected accounts of …": a merchant's own key, which is no platform's (seen 2026-04). */
const CONNECT = 'Connect';

const accounts: StreamDefinition = {
  name: 'accounts',
  path: '/v1/accounts',
  object: 'account',
  product: CONNECT,
  note: "The connected accounts of a platform, without the platform's own.",
};

/** Documented of the field `external_accounts` (2026-10-28); without control their list is refused, too. */
const ONLY_CONTROLLED = {
  field: 'controller.is_controller',
  is: true,
  otherwise: 'Stripe shows external accounts only to the platform that controls the account',
} as const;

const applicationFees: StreamDefinition = {
  name: 'application_fees',
  path: '/v1/application_fees',
  object: 'application_fee',
  product: CONNECT,
  newestFirst: true,
};

const transfers: StreamDefinition = {
  name: 'transfers',
  path: '/v1/transfers',
  object: 'transfer',
  newestFirst: true,
};

export const connect: Area = {
  name: 'Connect',
  streams: [
    /** Their ids are names such as `card_payments`. */
    {
      name: 'account_capabilities',
      path: '/v1/accounts/{id}/capabilities',
      object: 'capability',
      retrieve: '/v1/accounts/{account}/capabilities/{id}',
      paginates: false,
      newestFirst: true,
      primaryKey: ['account', 'id'],
      parent: { stream: accounts },
    },
    accounts,
    applicationFees,
    {
      name: 'application_fees_refunds',
      path: '/v1/application_fees/{id}/refunds',
      object: 'fee_refund',
      retrieve: '/v1/application_fees/{fee}/refunds/{id}',
      parent: { stream: applicationFees, embeddedIn: 'refunds' },
    },
    {
      name: 'apps_installs',
      path: '/v1/apps/installs',
      object: 'apps.install',
      note: 'For developers of Stripe apps and platforms that embed them.',
    },
    {
      name: 'apps_secrets',
      path: '/v1/apps/secrets',
      object: 'apps.secret',
      retrieve: false,
      params: { 'scope[type]': 'account' },
      createdFilter: false,
      note: 'Those of the account, without what they hold. Those of a user can be listed only by a caller that knows the user.',
    },
    { name: 'country_specs', path: '/v1/country_specs', object: 'country_spec', createdFilter: false },
    /** Their `limit` may not exceed the number of currencies; without one, all are in the answer (2024-04-10 spec). */
    {
      name: 'exchange_rates',
      path: '/v1/exchange_rates',
      object: 'exchange_rate',
      paginates: false,
      createdFilter: false,
    },
    {
      name: 'external_account_bank_accounts',
      path: '/v1/accounts/{id}/external_accounts',
      object: 'bank_account',
      retrieve: '/v1/accounts/{account}/external_accounts/{id}',
      events: ['account.external_account.*'],
      parent: { stream: accounts, embeddedIn: 'external_accounts', only: ONLY_CONTROLLED },
    },
    {
      name: 'external_account_cards',
      path: '/v1/accounts/{id}/external_accounts',
      object: 'card',
      retrieve: '/v1/accounts/{account}/external_accounts/{id}',
      events: ['account.external_account.*'],
      parent: { stream: accounts, embeddedIn: 'external_accounts', only: ONLY_CONTROLLED },
    },
    {
      name: 'persons',
      path: '/v1/accounts/{id}/persons',
      object: 'person',
      retrieve: '/v1/accounts/{account}/persons/{id}',
      newestFirst: true,
      parent: { stream: accounts },
    },
    {
      name: 'transfer_reversals',
      path: '/v1/transfers/{id}/reversals',
      object: 'transfer_reversal',
      retrieve: '/v1/transfers/{transfer}/reversals/{id}',
      parent: { stream: transfers, embeddedIn: 'reversals' },
    },
    transfers,
  ],
};
