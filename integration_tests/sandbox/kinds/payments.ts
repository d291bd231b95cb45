import type Stripe from 'stripe';
import type { Row } from '../data/model.js';
import { type Fields, type Shape, template } from '../data/template.js';
import type { Wire } from '../data/wire.js';
import { chargeIndexOf, chargeOf, isFullyRefunded, refundShare } from './charges.js';
import type { Kind } from './kind.js';
import { latestChargeOf, type Payment, paymentOf } from './payment.js';
import { balanceTransactionOf, chargeFails, chargeRank, dealtToCharges, earlier, idAt } from './relations.js';
import { SALT } from './salts.js';
import { addressOf, metadataOf, nameOf } from './words.js';

interface Intent {
  readonly row: Row;
  readonly payment: Payment;
  readonly latestCharge: number | undefined;
  readonly status: 'succeeded' | 'requires_payment_method' | 'canceled' | 'requires_action';
}

function intentOf(row: Row): Intent {
  const latestCharge = latestChargeOf(row);
  const open = row.pick(SALT.intent.openStatus, ['requires_payment_method', 'canceled', 'requires_action'] as const);
  const failed = latestCharge !== undefined && chargeFails(latestCharge);
  const status = latestCharge === undefined ? open : failed ? 'requires_payment_method' : 'succeeded';
  return { row, payment: paymentOf(row.world, row.index), latestCharge, status };
}

const intent: Fields<Stripe.PaymentIntent, Intent> = {
  id: (i) => i.row.id,
  object: 'payment_intent',
  allowed_payment_method_types: null,
  amount: (i) => i.payment.amount,
  amount_capturable: 0,
  amount_details: { tip: {} },
  amount_received: (i) => (i.status === 'succeeded' ? i.payment.amount : 0),
  application: null,
  application_fee_amount: null,
  automatic_payment_methods: (i) =>
    i.row.chance(SALT.intent.automaticMethods, 0.5) ? { allow_redirects: 'always', enabled: true } : null,
  canceled_at: (i) => (i.status === 'canceled' ? i.row.created + 600 : null),
  cancellation_reason: (i) => (i.status === 'canceled' ? 'abandoned' : null),
  capture_method: 'automatic',
  client_secret: (i) => `${i.row.id}_secret_${i.row.hash(SALT.shared.clientSecret).toString(36)}`,
  confirmation_method: 'automatic',
  created: (i) => i.row.created,
  currency: (i) => i.payment.currency.code,
  customer: (i) => i.payment.customer,
  customer_account: null,
  description: (i) => (i.row.chance(SALT.shared.description, 0.3) ? null : `Payment for order #${i.row.index}`),
  excluded_payment_method_types: null,
  last_payment_error: null,
  latest_charge: (i) => idAt(i.row.world, 'charges', i.latestCharge),
  livemode: false,
  managed_payments: null,
  metadata: (i) => metadataOf(i.row, SALT.shared.metadata),
  next_action: null,
  on_behalf_of: null,
  payment_method: (i) => i.payment.paymentMethod,
  payment_method_configuration_details: null,
  payment_method_options: {
    card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
  },
  payment_method_types: ['card'],
  payment_record: null,
  processing: null,
  receipt_email: (i) => i.payment.email,
  review: null,
  setup_future_usage: (i) => (i.row.chance(SALT.intent.futureUsage, 0.4) ? 'off_session' : null),
  shipping: null,
  source: null,
  statement_descriptor: null,
  statement_descriptor_suffix: null,
  status: (i) => i.status,
  transfer_data: null,
  transfer_group: null,
};

const { amount_details: _, ...withoutDetails } = intent;

const intents = {
  usual: template<Stripe.PaymentIntent, Intent>(intent),
  failed: template<Stripe.PaymentIntent, Intent>({
    ...intent,
    last_payment_error: {
      charge: (i) => idAt(i.row.world, 'charges', i.latestCharge) ?? '',
      code: 'card_declined',
      decline_code: 'insufficient_funds',
      doc_url: 'https://stripe.com/docs/error-codes/card-declined',
      message: 'Your card has insufficient funds.',
      type: 'card_error',
    },
  }),
  acting: template<Stripe.PaymentIntent, Intent>({
    ...withoutDetails,
    next_action: {
      redirect_to_url: { return_url: 'https://shop.example.com/return?a=1&b=2', url: 'https://hooks.stripe.com/3ds' },
      type: 'redirect_to_url',
    },
  }),
};

export const paymentIntents: Kind = {
  name: 'payment_intents',
  path: '/v1/payment_intents',
  object: 'payment_intent',
  prefix: 'pi_3',
  permission: ['payment_intent_read', 'PaymentIntents Read'],
  filters: { customer: 'customer' },
  events: { created: () => 'payment_intent.created', updated: 'payment_intent.succeeded' },
  write: (row, indent) => {
    const it = intentOf(row);
    const failed = it.status === 'requires_payment_method' && it.latestCharge !== undefined;
    return intents[failed ? 'failed' : it.status === 'requires_action' ? 'acting' : 'usual'](it, indent);
  },
};

const setupIntent = template<Stripe.SetupIntent, Row>({
  id: (r) => r.id,
  object: 'setup_intent',
  allowed_payment_method_types: null,
  application: null,
  automatic_payment_methods: null,
  cancellation_reason: null,
  client_secret: (r) => `${r.id}_secret_${r.hash(SALT.shared.clientSecret).toString(36)}`,
  created: (r) => r.created,
  customer: (r) => idAt(r.world, 'customers', earlier(r, 'customers', SALT.shared.customer)),
  customer_account: null,
  description: (r) => (r.chance(SALT.shared.description, 0.5) ? null : 'Card for later'),
  excluded_payment_method_types: null,
  flow_directions: null,
  last_setup_error: null,
  latest_attempt: null,
  livemode: false,
  mandate: null,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  next_action: null,
  on_behalf_of: null,
  payment_method: (r) => idAt(r.world, 'payment_methods', earlier(r, 'payment_methods', SALT.shared.paymentMethod)),
  payment_method_configuration_details: null,
  payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
  payment_method_types: ['card', 'link'],
  single_use_mandate: null,
  status: (r) => r.pick(SALT.intent.setupStatus, ['succeeded', 'succeeded', 'requires_payment_method', 'canceled']),
  usage: 'off_session',
});

export const setupIntents: Kind = {
  name: 'setup_intents',
  path: '/v1/setup_intents',
  object: 'setup_intent',
  prefix: 'seti_1',
  permission: ['setup_intent_read', 'SetupIntents Read'],
  filters: { customer: 'customer', payment_method: 'payment_method' },
  events: { created: () => 'setup_intent.created', updated: 'setup_intent.succeeded' },
  write: setupIntent,
};

const methodBilling: Shape<Wire<Stripe.PaymentMethod.BillingDetails>, Row> = {
  address: (r) => addressOf(r, SALT.shared.address),
  email: (r) => (r.chance(SALT.method.email, 0.5) ? 'jenny@example.com' : null),
  name: (r) => nameOf(r, SALT.shared.name),
  phone: null,
  tax_id: null,
};

const method: Fields<Stripe.PaymentMethod, Row> = {
  id: (r) => r.id,
  object: 'payment_method',
  allow_redisplay: 'unspecified',
  billing_details: methodBilling,
  created: (r) => r.created,
  customer: (r) =>
    r.chance(SALT.method.isDetached, 0.1)
      ? null
      : idAt(r.world, 'customers', earlier(r, 'customers', SALT.shared.customer)),
  customer_account: null,
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  type: 'card',
};

const methods = {
  card: template<Stripe.PaymentMethod, Row>({
    ...method,
    card: {
      brand: (r) => r.pick(SALT.card.brand, ['visa', 'mastercard', 'amex']),
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: 'visa',
      exp_month: (r) => r.between(SALT.card.expMonth, 1, 12),
      exp_year: (r) => r.between(SALT.card.expYear, 2024, 2033),
      fingerprint: 'AOB934RVNwzk6xtn',
      funding: 'credit',
      generated_from: null,
      last4: (r) => String(r.between(SALT.card.last4, 1000, 9999)),
      networks: { available: ['visa'], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  }),
  sepaDebit: template<Stripe.PaymentMethod, Row>({
    ...method,
    sepa_debit: {
      bank_code: '37040044',
      branch_code: '',
      country: 'DE',
      fingerprint: 'vifs0Ho7vwRn1Miu',
      generated_from: { charge: null, setup_attempt: null },
      last4: (r) => String(r.between(SALT.card.last4, 1000, 9999)),
    },
    type: 'sepa_debit',
  }),
  custom: template<Stripe.PaymentMethod, Row>({
    ...method,
    custom: { display_name: 'Shop voucher', logo: null, type: 'cpmt_1SandboxVoucher' },
    type: 'custom',
  }),
};

function methodOf(row: Row): keyof typeof methods {
  const share = row.index % 50;
  if (share === 49) return 'custom';
  return share % 10 === 3 ? 'sepaDebit' : 'card';
}

export const paymentMethods: Kind = {
  name: 'payment_methods',
  path: '/v1/payment_methods',
  object: 'payment_method',
  prefix: 'pm_1',
  createdFilter: false,
  permission: ['payment_method_read', 'PaymentMethods Read'],
  filters: { customer: 'customer', type: 'type', allow_redisplay: 'allow_redisplay' },
  leavesOut: { field: 'type', value: 'custom', param: 'type' },
  events: { created: () => 'payment_method.attached', updated: 'payment_method.updated' },
  write: (row, indent) => methods[methodOf(row)](row, indent),
};

interface Refund {
  readonly row: Row;
  readonly charge: number | undefined;
  readonly intent: string | null;
  readonly payment: Payment;
  readonly amount: number;
}

/** A refund; in a world without charges, of a payment that cannot be looked up. */
export function refundOf(row: Row): Refund {
  const { world } = row;
  const charge = chargeIndexOf(row, 'refunds');
  if (charge === undefined) {
    const payment = paymentOf(world, row.index);
    return { row, charge, intent: null, payment, amount: payment.amount };
  }
  const { payment, intent: intentId, row: chargeRow } = chargeOf(world.row('charges', charge));
  const { first, end } = dealtToCharges(world, 'refunds').childrenOf(chargeRank(charge));
  const amount = refundShare(payment.amount, Math.max(1, end - first), isFullyRefunded(chargeRow));
  return { row, charge, intent: intentId, payment, amount };
}

const refund = template<Stripe.Refund, Refund>({
  id: (r) => r.row.id,
  object: 'refund',
  amount: (r) => r.amount,
  balance_transaction: (r) => balanceTransactionOf(r.row.world, 'refunds', r.row.index),
  charge: (r) => idAt(r.row.world, 'charges', r.charge),
  created: (r) => r.row.created,
  currency: (r) => r.payment.currency.code,
  customer: (r) => r.payment.customer,
  customer_account: null,
  destination_details: {
    card: { type: 'refund', reference_status: 'pending', reference_type: 'acquirer_reference_number' },
    type: 'card',
  },
  metadata: (r) => metadataOf(r.row, SALT.shared.metadata),
  payment_intent: (r) => r.intent,
  payment_method: (r) => r.payment.paymentMethod,
  reason: (r) => r.row.pick(SALT.refund.reason, [null, 'requested_by_customer', 'duplicate', 'fraudulent']),
  receipt_number: null,
  source_transfer_reversal: null,
  status: (r) => r.row.pick(SALT.refund.status, ['succeeded', 'succeeded', 'succeeded', 'pending']),
  transfer_reversal: null,
});

export const refunds: Kind = {
  name: 'refunds',
  path: '/v1/refunds',
  object: 'refund',
  prefix: 're_3',
  permission: ['charge_read', 'Charges Read'],
  filters: { charge: 'charge', payment_intent: 'payment_intent' },
  events: { created: () => 'refund.created', updated: 'refund.updated' },
  write: (row, indent) => refund(refundOf(row), indent),
};
