import { createTimeline } from '../data/timeline.js';
import { RETENTION } from './events.js';
import type { Kind } from './kind.js';

/** Facts about a list that neither its literal nor its schema states. All of them are optional. */
export interface Facts extends Partial<Pick<Kind, 'leavesOut' | 'nameOf' | 'required' | 'timeline'>> {
  /** Values of fields, by their path with dots, in turn. */
  readonly values?: Readonly<Record<string, readonly unknown[]>>;
}

const CAPABILITIES = ['card_payments', 'transfers', 'us_bank_account_ach_payments', 'sepa_debit_payments'];
const COUNTRIES = ['US', 'DE', 'JP', 'BR', 'GB', 'FR', 'AU', 'CA', 'MX', 'SG'];
const CURRENCIES = ['usd', 'eur', 'jpy', 'brl', 'gbp', 'aud', 'cad', 'mxn', 'sgd', 'chf'];
const REPORTS = ['balance.summary.1', 'balance_change_from_activity.itemized.3', 'payouts.summary.1'];

/** The name at an index; after the last one, made-up names of the same sort. */
function named(names: readonly string[], next: (index: number) => string): (index: number) => string {
  return (index) => names[index] ?? next(index);
}

/** Two letters for an index. */
function pair(index: number, first: string): string {
  const letter = (n: number) => String.fromCharCode(first.charCodeAt(0) + (n % 26));
  return letter(25 - Math.floor(index / 26)) + letter(index);
}

/** What ids start with, by the kind of object. */
export const PREFIXES: Readonly<Record<string, string>> = {
  application_fee: 'fee_1',
  bank_account: 'ba_1',
  card: 'card_1',
  'checkout.session': 'cs_test_a1',
  customer_balance_transaction: 'cbtxn_1',
  fee_refund: 'fr_1',
  file_link: 'link_1',
  'financial_connections.account': 'fca_1',
  'issuing.authorization': 'iauth_1',
  'issuing.card': 'ic_1',
  'issuing.cardholder': 'ich_1',
  'issuing.dispute': 'idp_1',
  'issuing.transaction': 'ipi_1',
  item: 'li_1',
  payment_link: 'plink_1',
  person: 'person_1',
  quote: 'qt_1',
  'radar.early_fraud_warning': 'issfr_1',
  'radar.value_list': 'rsl_1',
  'radar.value_list_item': 'rsli_1',
  'reporting.report_run': 'frr_1',
  review: 'prv_1',
  setup_attempt: 'setatt_1',
  source: 'src_1',
  tax_id: 'txi_1',
  'treasury.financial_account': 'fa_1',
  'v2.core.account': 'acct_2',
  'v2.core.event': 'evt_test_6',
};

/** By the name of the stream. */
export const FACTS: Readonly<Record<string, Facts>> = {
  account_capabilities: { nameOf: named(CAPABILITIES, (n) => `capability_${n}_payments`) },
  apps_secrets: { required: ['scope[type]'] },
  country_specs: { nameOf: named(COUNTRIES, (n) => `X${pair(n, 'A')}`) },
  exchange_rates: { nameOf: named(CURRENCIES, (n) => `x${pair(n, 'a')}`) },
  reporting_report_types: { nameOf: named(REPORTS, (n) => `report.type.${n}`) },
  /** Stripe lists the open ones only. */
  reviews: { values: { open: [true] } },
  tax_codes: { nameOf: (index) => `txcd_${10_000_000 + index}` },
  tax_locations: { required: ['type'] },
  /** It is not documented whether a list without a status has expired ones; the sandbox assumes the worse. */
  tax_registrations: {
    values: { status: ['active', 'expired', 'scheduled'] },
    leavesOut: { field: 'status', value: 'expired', param: 'status', all: 'all' },
  },
  v2_core_accounts: { values: { closed: [false] } },
  v2_core_closed_accounts: { values: { closed: [true] } },
  v2_core_events: {
    timeline: (world) =>
      createTimeline('uniform', {
        from: world.now() - RETENTION,
        to: world.now() - 3600,
        length: world.rows('v2_core_events'),
        seed: world.seed,
      }),
  },
  v2_money_management_financial_accounts: {
    values: { status: ['open', 'closed', 'pending'] },
    leavesOut: { field: 'status', value: 'closed', param: 'statuses' },
  },
};
