import type Stripe from 'stripe';
import type { Row } from '../data/row.js';
import { type Fields, template } from '../data/template.js';
import type { Kind } from './kind.js';
import { any, idAt } from './relations.js';
import { addressOf, metadataOf, NO_ADDRESS, nameOf } from './words.js';

const customer: Fields<Stripe.Customer, Row> = {
  id: (r) => r.id,
  object: 'customer',
  address: (r) => addressOf(r, 60),
  balance: (r) => (r.chance(140, 0.1) ? -r.between(141, 1, 5000) : 0),
  created: (r) => r.created,
  currency: (r) => r.pick(142, [null, 'usd', 'eur', 'jpy']),
  customer_account: null,
  default_source: null,
  delinquent: (r) => r.chance(143, 0.05),
  description: (r) => (r.chance(144, 0.5) ? null : 'VIP — pays late ¯\\_(ツ)_/¯'),
  discount: null,
  email: (r) => (r.chance(145, 0.9) ? `jenny.rosen+${r.index}@example.com` : null),
  invoice_prefix: (r) => r.hash(146).toString(36).toUpperCase().padStart(7, '0'),
  invoice_settings: {
    custom_fields: null,
    default_payment_method: (r) =>
      r.chance(147, 0.5) ? idAt(r.world, 'payment_methods', any(r, 'payment_methods', 148)) : null,
    footer: null,
    rendering_options: null,
  },
  livemode: false,
  metadata: (r) => metadataOf(r, 37),
  name: (r) => (r.chance(149, 0.1) ? null : nameOf(r, 2)),
  next_invoice_sequence: (r) => r.between(150, 1, 40),
  phone: (r) => (r.chance(151, 0.3) ? '+15555555555' : null),
  preferred_locales: (r) => r.pick(152, [[], ['de-DE'], ['ja', 'en']]),
  shipping: null,
  tax_exempt: 'none',
  test_clock: null,
};

const plain = template<Stripe.Customer, Row>(customer);

const discounted = template<Stripe.Customer, Row>({
  ...customer,
  discount: {
    id: (r) => `di_1${r.id.slice(4)}`,
    object: 'discount',
    checkout_session: null,
    customer: (r) => r.id,
    customer_account: null,
    end: null,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon: (r) => idAt(r.world, 'coupons', any(r, 'coupons', 153)), type: 'coupon' },
    start: (r) => r.created + 60,
    subscription: null,
    subscription_item: null,
  },
  shipping: { address: NO_ADDRESS, name: (r) => nameOf(r, 154), phone: null },
});

export const customers: Kind = {
  name: 'customers',
  path: '/v1/customers',
  object: 'customer',
  prefix: 'cus_',
  idHead: (_, letters) => `cus_${letters.slice(0, 8)}`,
  permission: ['customer_read', 'Customers Read'],
  filters: { email: 'email', test_clock: 'test_clock' },
  events: { created: () => 'customer.created', updated: 'customer.updated', deleted: 'customer.deleted' },
  leavesTombstone: true,
  includable: {
    subscriptions: 'customer_subscriptions',
    cash_balance: (row) => ({
      object: 'cash_balance',
      available: { eur: 10_000 },
      customer: row.id,
      customer_account: null,
      livemode: false,
      settings: { reconciliation_mode: 'automatic', using_merchant_default: true },
    }),
    invoice_credit_balance: () => ({ usd: -500 }),
  },
  write: (row, indent) => (row.index % 23 === 9 ? discounted : plain)(row, indent),
};
