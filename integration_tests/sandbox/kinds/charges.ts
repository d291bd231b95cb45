import type Stripe from 'stripe';
import type { Row } from '../data/model.js';
import { type Fields, type Shape, template } from '../data/template.js';
import type { Wire } from '../data/wire.js';
import type { Kind } from './kind.js';
import { intentOfCharge, type Payment, paymentOf } from './payment.js';
import { balanceTransactionOf, chargeFails, chargeOfRank, chargeRank, dealtToCharges, idAt } from './relations.js';
import { SALT } from './salts.js';
import { metadataOf, NO_ADDRESS } from './words.js';

/** The facts of a charge that other objects share. */
export interface Charge {
  readonly row: Row;
  readonly payment: Payment;
  readonly intent: string | null;
  readonly succeeded: boolean;
  readonly refunded: number;
  readonly disputed: boolean;
}

/** The amount of a refund: its share of the charge, rounded down. */
export function refundShare(amount: number, refunds: number, full: boolean): number {
  return Math.floor(full ? amount / refunds : amount / (refunds + 1));
}

/** Whether the refunds of a charge add up to all of it, or nearly. */
export function isFullyRefunded(charge: Row): boolean {
  return charge.chance(SALT.charge.isFullyRefunded, 0.6);
}

export function chargeOf(row: Row): Charge {
  const { world, index } = row;
  const intent = intentOfCharge(row);
  const payment = paymentOf(world, intent);
  const succeeded = !chargeFails(index);
  const isOld = index < world.collection('charges').base;
  const rank = chargeRank(index);
  const { first, end } = dealtToCharges(world, 'refunds').childrenOf(rank);
  const refunds = succeeded && isOld ? end - first : 0;
  return {
    row,
    payment,
    intent: world.collection('payment_intents').base === 0 ? null : idAt(world, 'payment_intents', intent),
    succeeded,
    refunded: refunds === 0 ? 0 : refunds * refundShare(payment.amount, refunds, isFullyRefunded(row)),
    disputed: succeeded && isOld && dealtToCharges(world, 'disputes').firstOf(rank) !== undefined,
  };
}

/** The charge that a refund or a dispute belongs to: if added later, any charge that succeeded. */
export function chargeIndexOf(child: Row, children: 'refunds' | 'disputes'): number | undefined {
  const { world, index } = child;
  const charges = chargeRank(world.collection('charges').base);
  if (charges === 0) return undefined;
  const isOld = index < world.collection(children).base;
  const rank = isOld ? dealtToCharges(world, children).parentOf(index) : child.hash(SALT.late.charge) % charges;
  return chargeOfRank(rank);
}

const billingDetails: Shape<Wire<Stripe.Charge.BillingDetails>, Charge> = {
  address: NO_ADDRESS,
  email: (c) => c.payment.email,
  name: (c) => c.payment.name,
  phone: null,
  tax_id: null,
};

const card: Shape<Wire<Stripe.Charge.PaymentMethodDetails.Card>, Charge> = {
  amount_authorized: (c) => c.payment.amount,
  authorization_code: null,
  brand: (c) => c.row.pick(SALT.card.brand, ['visa', 'mastercard', 'amex']),
  checks: { address_line1_check: null, address_postal_code_check: 'pass', cvc_check: 'pass' },
  country: 'US',
  electronic_commerce_indicator: null,
  exp_month: (c) => c.row.between(SALT.card.expMonth, 1, 12),
  exp_year: (c) => c.row.between(SALT.card.expYear, 2027, 2033),
  extended_authorization: { status: 'disabled' },
  fingerprint: 'AOB934RVNwzk6xtn',
  funding: 'credit',
  incremental_authorization: { status: 'unavailable' },
  installments: null,
  last4: (c) => String(c.row.between(SALT.card.last4, 1000, 9999)),
  mandate: null,
  multicapture: { status: 'unavailable' },
  network: (c) => c.row.pick(SALT.card.brand, ['visa', 'mastercard', 'amex']),
  network_token: { used: false },
  network_transaction_id: (c) => String(100_000_000_000 + c.row.hash(SALT.charge.networkTransaction)),
  overcapture: { maximum_amount_capturable: (c) => c.payment.amount, status: 'unavailable' },
  regulated_status: 'unregulated',
  three_d_secure: null,
  transaction_link_id: null,
  wallet: null,
};
const bankAccount: Shape<Wire<Stripe.Charge.PaymentMethodDetails.SepaDebit>, Charge> = {
  bank_code: '37040044',
  branch_code: '',
  country: 'DE',
  expected_debit_date: '2026-11-30',
  fingerprint: 'vifs0Ho7vwRn1Miu',
  last4: (c) => String(c.row.between(SALT.card.last4, 1000, 9999)),
  mandate: null,
};

const accepted: Shape<Wire<Stripe.Charge.Outcome>, Charge> = {
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: 'approved_by_network',
  reason: null,
  risk_level: 'normal',
  risk_score: (c) => c.row.between(SALT.charge.riskScore, 0, 64),
  seller_message: 'Payment complete.',
  type: 'authorized',
};

const declined: Shape<Wire<Stripe.Charge.Outcome>, Charge> = {
  advice_code: 'try_again_later',
  network_advice_code: '02',
  network_decline_code: '51',
  network_status: 'declined_by_network',
  reason: 'insufficient_funds',
  risk_level: 'elevated',
  risk_score: (c) => c.row.between(SALT.charge.riskScore, 65, 74),
  seller_message: 'The bank returned the decline code `insufficient_funds`.',
  type: 'issuer_declined',
};

const legacySource: Shape<Wire<Stripe.Card>, Charge> = {
  id: (c) => `card_1${c.row.id.slice(4)}`,
  object: 'card',
  address_city: null,
  address_country: null,
  address_line1: null,
  address_line1_check: null,
  address_line2: null,
  address_state: null,
  address_zip: '94103',
  address_zip_check: 'pass',
  brand: 'Visa',
  country: 'US',
  customer: (c) => c.payment.customer,
  cvc_check: 'pass',
  dynamic_last4: null,
  exp_month: 8,
  exp_year: 2030,
  fingerprint: 'AOB934RVNwzk6xtn',
  funding: 'credit',
  last4: '4242',
  metadata: {},
  name: (c) => c.payment.name,
  regulated_status: null,
  tokenization_method: null,
};

const succeeded: Fields<Stripe.Charge, Charge> = {
  id: (c) => c.row.id,
  object: 'charge',
  amount: (c) => c.payment.amount,
  amount_captured: (c) => c.payment.amount,
  amount_refunded: (c) => c.refunded,
  application: null,
  application_fee: null,
  application_fee_amount: null,
  balance_transaction: (c) => balanceTransactionOf(c.row.world, 'charges', chargeRank(c.row.index)),
  billing_details: billingDetails,
  calculated_statement_descriptor: 'SANDBOX SHOP',
  captured: true,
  created: (c) => c.row.created,
  currency: (c) => c.payment.currency.code,
  customer: (c) => c.payment.customer,
  description: (c) => descriptionOf(c.row),
  disputed: (c) => c.disputed,
  failure_balance_transaction: null,
  failure_code: null,
  failure_message: null,
  fraud_details: {},
  livemode: false,
  metadata: (c) => metadataOf(c.row, SALT.shared.metadata),
  on_behalf_of: null,
  outcome: accepted,
  paid: true,
  payment_intent: (c) => c.intent,
  payment_method: (c) => c.payment.paymentMethod,
  payment_method_details: { card, type: 'card' },
  radar_options: {},
  receipt_email: (c) => c.payment.email,
  receipt_number: null,
  receipt_url: (c) =>
    `https://pay.stripe.com/receipts/payment/CAcaFwoVYWNjdF8xUGdhZlRCN1daMDF6Z2tXKI_${c.row.hash(SALT.charge.receipt)}${c.row.id}`,
  refunded: (c) => c.refunded > 0 && c.refunded === c.payment.amount,
  review: null,
  shipping: null,
  source: null,
  source_transfer: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: 'succeeded',
  transfer_data: null,
  transfer_group: (c) =>
    c.row.chance(SALT.charge.hasTransferGroup, 0.05) ? `group_${c.row.hash(SALT.charge.transferGroup) % 100}` : null,
};

function descriptionOf(row: Row): string | null {
  if (row.chance(SALT.shared.description, 0.3)) return null;
  return row.index % 10 === 0 ? `Order #${row.index} – “Gömböc”, 2 pcs` : `Order #${row.index}, 2 pcs`;
}

const variants = {
  card: template<Stripe.Charge, Charge>(succeeded),
  sepaDebit: template<Stripe.Charge, Charge>({
    ...succeeded,
    payment_method_details: { sepa_debit: bankAccount, type: 'sepa_debit' },
  }),
  legacy: template<Stripe.Charge, Charge>({ ...succeeded, source: legacySource }),
  failed: template<Stripe.Charge, Charge>({
    ...succeeded,
    amount_captured: 0,
    balance_transaction: null,
    captured: false,
    failure_code: 'card_declined',
    failure_message: 'Your card has insufficient funds.',
    outcome: declined,
    paid: false,
    receipt_url: null,
    status: 'failed',
  }),
};

function variantOf({ row, succeeded: isGood }: Charge): keyof typeof variants {
  if (!isGood) return 'failed';
  const share = row.hash(SALT.charge.variant) % 20;
  if (share === 0) return 'sepaDebit';
  return share === 1 ? 'legacy' : 'card';
}

export const charges: Kind = {
  name: 'charges',
  path: '/v1/charges',
  object: 'charge',
  prefix: 'ch_3',
  permission: ['charge_read', 'Charges Read'],
  filters: { customer: 'customer', payment_intent: 'payment_intent', transfer_group: 'transfer_group' },
  events: {
    created: (row) => (chargeFails(row.index) ? 'charge.failed' : 'charge.succeeded'),
    updated: 'charge.updated',
  },
  includable: { refunds: 'charge_refunds' },
  write: (row, indent) => {
    const charge = chargeOf(row);
    return variants[variantOf(charge)](charge, indent);
  },
};
