import type Stripe from 'stripe';
import type { Row, World } from '../data/model.js';
import { embeddedList } from '../data/objects.js';
import { hashOf } from '../data/random.js';
import { SeededRow } from '../data/row.js';
import { type Fields, Json, type Shape, template } from '../data/template.js';
import type { Wire } from '../data/wire.js';
import type { Kind } from './kind.js';
import { SALT } from './salts.js';
import { addressOf, metadataOf, nameOf } from './words.js';

const NOTHING_DUE = {
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
} as const;

const profile: Shape<Wire<Stripe.Account.BusinessProfile>, Row> = {
  annual_revenue: null,
  estimated_worker_count: null,
  mcc: (r) => r.pick(SALT.account.mcc, ['5734', '5812', '7372']),
  minority_owned_business_designation: null,
  name: (r) => nameOf(r, SALT.shared.name),
  product_description: (r) => (r.chance(SALT.account.productDescription, 0.5) ? 'Bücher & mehr' : null),
  specified_commercial_transactions_act_url: null,
  support_address: (r) => addressOf(r, SALT.shared.address),
  support_email: null,
  support_phone: null,
  support_url: null,
  url: (r) => `https://shop-${r.hash(SALT.account.url) % 1000}.example.com`,
};

const settings: Shape<Wire<Stripe.Account.Settings>, Row> = {
  bacs_debit_payments: { display_name: null, service_user_number: null },
  branding: { icon: null, logo: null, primary_color: '#635bff', secondary_color: null },
  card_issuing: { tos_acceptance: { date: null, ip: null } },
  card_payments: {
    decline_on: { avs_failure: true, cvc_failure: false },
    statement_descriptor_prefix: null,
    statement_descriptor_prefix_kana: null,
    statement_descriptor_prefix_kanji: null,
  },
  dashboard: { display_name: (r) => nameOf(r, SALT.shared.name), timezone: 'Etc/UTC' },
  invoices: { default_account_tax_ids: null, hosted_payment_method_save: 'offer' },
  payments: {
    statement_descriptor: 'SANDBOX SHOP',
    statement_descriptor_kana: null,
    statement_descriptor_kanji: null,
    statement_descriptor_prefix_kana: null,
    statement_descriptor_prefix_kanji: null,
  },
  payouts: {
    debit_negative_balances: true,
    schedule: { delay_days: 2, interval: 'daily' },
    statement_descriptor: null,
  },
  sepa_debit_payments: {},
};

const account: Fields<Stripe.Account, Row> = {
  id: (r) => r.id,
  object: 'account',
  business_profile: profile,
  business_type: (r) => r.pick(SALT.account.businessType, ['company', 'individual']),
  capabilities: { card_payments: 'active', transfers: 'active' },
  charges_enabled: true,
  controller: { type: 'account' },
  country: (r) => r.pick(SALT.account.country, ['US', 'DE', 'JP']),
  created: (r) => r.created,
  default_currency: 'usd',
  details_submitted: true,
  email: (r) =>
    r.chance(SALT.account.hasEmail, 0.8) ? `owner+${r.hash(SALT.account.email) % 1000}@example.com` : null,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  payouts_enabled: true,
  settings,
  type: 'standard',
};

const standard = template<Stripe.Account, Row>(account);

const express = template<Stripe.Account, Row>({
  ...account,
  controller: {
    fees: { payer: 'application_express' },
    is_controller: true,
    losses: { payments: 'application' },
    requirement_collection: 'stripe',
    stripe_dashboard: { type: 'express' },
    type: 'application',
  },
  external_accounts: (r) =>
    new Json((indent) => embeddedList(r.world.list('external_account_bank_accounts'), r.world, r.index, indent)),
  future_requirements: NOTHING_DUE,
  requirements: NOTHING_DUE,
  tos_acceptance: { date: (r) => r.created },
  type: 'express',
});

/** An account's own object, as `GET /v1/account` gives it. */
export function accountText(world: World, indent: number): string {
  const { account: id, start: created } = world;
  return standard(new SeededRow({ world, index: 0, id, created, seed: hashOf(id) }), indent);
}

/** The accounts that are connected to this one. */
export const accounts: Kind = {
  name: 'accounts',
  path: '/v1/accounts',
  object: 'account',
  prefix: 'acct_1',
  permission: ['connected_account_read', 'Connected Accounts Read'],
  events: { updated: 'account.updated' },
  write: (row, indent) => (row.index % 2 === 0 ? express : standard)(row, indent),
};
