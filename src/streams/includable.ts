import { catalog } from './catalog.js';
import { kindsOf, type StreamDefinition } from './definition.js';

/** A field that Stripe leaves out of an object unless `expand[]` asks for it. */
export interface Includable {
  /** Its path in the object, with dots, without the marks of arrays. */
  readonly field: string;
  /** `always`: every row has it. `children`: rows have it while a child is read whose items it holds. */
  readonly included: 'always' | 'children' | 'never';
  /** Why rows do not have it; for `children`, the streams that have the items. */
  readonly why?: string;
}

type Reasons = Readonly<Record<string, string>>;

const SENSITIVE = 'sensitive, and refused without a permission of its own';
const PARTS = 'the parts of amounts that the row has as sums';

/**
 * Fields that a row can do without, by kind: without them it still says what money it is about and whose it is (Stripe's
 * reference, 2026-10-28). Fields that a row needs to be of use are in `expand` of its literal.
 */
const notIncluded: Readonly<Record<string, Reasons>> = {
  'apps.secret': { payload: 'a secret' },
  'checkout.session': { 'shipping_cost.taxes': PARTS, 'total_details.breakdown': PARTS },
  credit_note: { 'shipping_cost.taxes': PARTS },
  customer: {
    cash_balance: 'the stream customer_cash_balance_transactions has the balance after each transaction',
    invoice_credit_balance: '`balance` has it in the currency of the customer',
    subscriptions: 'the stream subscriptions has them all, and a key may not read them without its permission',
    tax: 'Stripe works it out anew for each customer',
  },
  file: { links: 'the stream file_links has them all' },
  'identity.verification_report': {
    'document.dob': SENSITIVE,
    'document.expiration_date': SENSITIVE,
    'document.number': SENSITIVE,
    'id_number.dob': SENSITIVE,
    'id_number.id_number': SENSITIVE,
  },
  'identity.verification_session': { verified_outputs: SENSITIVE },
  invoice: {
    confirmation_secret: 'a secret',
    payments: 'the stream invoice_payments has them all',
    'shipping_cost.taxes': PARTS,
  },
  'issuing.card': {
    cvc: 'a secret, which Stripe gives for one card at a time only',
    number: 'a secret, which Stripe gives for one card at a time only',
  },
  'issuing.token': { network_data: 'names and addresses of cardholders' },
  'issuing.transaction': { purchase_details: 'what was bought, as the merchant says; the amounts are in the row' },
  item: { discounts: PARTS, taxes: PARTS },
  price: { 'currency_options.tiers': 'Stripe wants each currency named: `currency_options.eur.tiers`' },
  quote: {
    'computed.recurring.total_details.breakdown': PARTS,
    'computed.upfront.total_details.breakdown': PARTS,
    'total_details.breakdown': PARTS,
  },
  'treasury.financial_account': {
    features: '`active_features`, `pending_features` and `restricted_features` name them',
    'financial_addresses.aba.account_number': 'an account number',
  },
  'treasury.transaction': {
    entries: 'Stripe does not expand it in lists; the stream treasury_transaction_entries has them',
  },
};

/** The fields of a stream's rows that Stripe leaves out unless asked for them, and whether rows have each of them. */
export function includableOf(stream: StreamDefinition): readonly Includable[] {
  const children = catalog.filter(({ parent }) => parent?.stream === stream && parent.expand);
  const lists = [...new Set(children.flatMap(({ parent }) => parent?.embeddedIn ?? []))];
  const isIncluded = (field: string) => stream.expand?.includes(field) === true;
  const left = kindsOf(stream).flatMap((kind) => Object.entries(notIncluded[kind] ?? {}));
  return [
    ...(stream.expand ?? []).map((field): Includable => ({ field, included: 'always' })),
    ...lists
      .filter((field) => !isIncluded(field))
      .map((field): Includable => {
        const having = children.filter(({ parent }) => parent?.embeddedIn === field).map(({ name }) => name);
        return { field, included: 'children', why: having.join(', ') };
      }),
    ...left
      .filter(([field]) => !isIncluded(field))
      .map(([field, why]): Includable => ({ field, included: 'never', why })),
  ];
}
