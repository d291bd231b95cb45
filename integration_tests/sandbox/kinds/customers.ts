import type Stripe from 'stripe';
import type { Row } from '../data/model.js';
import { type Fields, template } from '../data/template.js';
import type { Kind } from './kind.js';
import { any, idAt } from './relations.js';
import { SALT } from './salts.js';
import { addressOf, metadataOf, NO_ADDRESS, nameOf } from './words.js';

const customer: Fields<Stripe.Customer, Row> = {
  id: (r) => r.id,
  object: 'customer',
  address: (r) => addressOf(r, SALT.shared.address),
  balance: (r) => (r.chance(SALT.customer.hasBalance, 0.1) ? -r.between(SALT.customer.balance, 1, 5000) : 0),
  created: (r) => r.created,
  currency: (r) => r.pick(SALT.customer.currency, [null, 'usd', 'eur', 'jpy']),
  customer_account: null,
  default_source: null,
  delinquent: (r) => r.chance(SALT.customer.delinquent, 0.05),
  description: (r) => (r.chance(SALT.customer.description, 0.5) ? null : 'VIP — pays late ¯\\_(ツ)_/¯'),
  discount: null,
  email: (r) => (r.chance(SALT.customer.email, 0.9) ? `jenny.rosen+${r.index}@example.com` : null),
  invoice_prefix: (r) => r.hash(SALT.customer.invoicePrefix).toString(36).toUpperCase().padStart(7, '0'),
  invoice_settings: {
    custom_fields: null,
    default_payment_method: (r) =>
      r.chance(SALT.customer.hasDefaultMethod, 0.5)
        ? idAt(r.world, 'payment_methods', any(r, 'payment_methods', SALT.customer.defaultMethod))
        : null,
    footer: null,
    rendering_options: null,
  },
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  name: (r) => (r.chance(SALT.customer.isNameless, 0.1) ? null : nameOf(r, SALT.shared.name)),
  next_invoice_sequence: (r) => r.between(SALT.customer.nextInvoice, 1, 40),
  phone: (r) => (r.chance(SALT.customer.phone, 0.3) ? '+15555555555' : null),
  preferred_locales: (r) => r.pick(SALT.customer.locales, [[], ['de-DE'], ['ja', 'en']]),
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
    source: { coupon: (r) => idAt(r.world, 'coupons', any(r, 'coupons', SALT.customer.coupon)), type: 'coupon' },
    start: (r) => r.created + 60,
    subscription: null,
    subscription_item: null,
  },
  shipping: { address: NO_ADDRESS, name: (r) => nameOf(r, SALT.customer.shippingName), phone: null },
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
