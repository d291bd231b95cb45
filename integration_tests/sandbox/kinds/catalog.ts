import type Stripe from 'stripe';
import type { Row } from '../data/model.js';
import { template } from '../data/template.js';
import type { Kind } from './kind.js';
import { any, earlier, idAt, parentOf } from './relations.js';
import { SALT } from './salts.js';
import { metadataOf } from './words.js';

const DAY = 86_400;

const product = template<Stripe.Product, Row>({
  id: (r) => r.id,
  object: 'product',
  active: (r) => r.index % 8 !== 5,
  created: (r) => r.created,
  default_price: (r) => idAt(r.world, 'prices', any(r, 'prices', SALT.product.defaultPrice)),
  description: (r) =>
    r.chance(SALT.product.description, 0.5) ? 'Comfortable gray cotton t‑shirt – 100 % "organic"' : null,
  images: (r) =>
    r.chance(SALT.product.hasImage, 0.3) ? [`https://files.stripe.com/links/${r.hash(SALT.product.image)}`] : [],
  livemode: false,
  marketing_features: [{ name: '24/7 support' }],
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  name: (r) => r.pick(SALT.product.name, ['T-shirt', 'Käse-Abo', 'コーヒー豆', 'Gold plan ⭐', 'Basic']),
  package_dimensions: (r) =>
    r.chance(SALT.product.dimensions, 0.3) ? { height: 10.5, length: 20, weight: 0.75, width: 15.25 } : null,
  shippable: (r) => r.pick(SALT.product.shippable, [null, true, false]),
  statement_descriptor: null,
  tax_code: null,
  tax_details: null,
  type: (r) => r.pick(SALT.product.type, ['service', 'good']),
  unit_label: (r) => (r.chance(SALT.product.unitLabel, 0.2) ? 'seat' : null),
  updated: (r) => r.created + 3600,
  url: null,
});

export const products: Kind = {
  name: 'products',
  path: '/v1/products',
  object: 'product',
  prefix: 'prod_',
  permission: ['product_read', 'Products Read'],
  filters: { active: 'active', shippable: 'shippable', url: 'url' },
  events: { created: () => 'product.created', updated: 'product.updated', deleted: 'product.deleted' },
  write: product,
};

const coupon = template<Stripe.Coupon, Row>({
  id: (r) => r.id,
  object: 'coupon',
  amount_off: (r) => (r.index % 3 === 0 ? r.between(SALT.coupon.amountOff, 100, 5000) : null),
  created: (r) => r.created,
  currency: (r) => (r.index % 3 === 0 ? 'usd' : null),
  duration: (r) => r.pick(SALT.coupon.duration, ['once', 'forever', 'repeating']),
  duration_in_months: (r) =>
    r.pick(SALT.coupon.duration, ['once', 'forever', 'repeating']) === 'repeating' ? 3 : null,
  livemode: false,
  max_redemptions: (r) => (r.chance(SALT.coupon.maxRedemptions, 0.3) ? 100 : null),
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  name: (r) => (r.chance(SALT.coupon.name, 0.7) ? '25.5% off — “für Freunde”' : null),
  percent_off: (r) => (r.index % 3 === 0 ? null : r.between(SALT.coupon.percentOff, 10, 510) / 10),
  redeem_by: (r) => (r.chance(SALT.coupon.redeemBy, 0.2) ? r.created + 90 * DAY : null),
  times_redeemed: (r) => r.between(SALT.coupon.timesRedeemed, 0, 40),
  valid: (r) => r.index % 6 !== 2,
});

export const coupons: Kind = {
  name: 'coupons',
  path: '/v1/coupons',
  object: 'coupon',
  prefix: '',
  /** Half of them have ids that a user chose. */
  idHead: (index, letters) => (index % 2 === 0 ? letters.slice(0, 4) : 'Summer-Sale_25OFF-'),
  permission: ['coupon_read', 'Coupons Read'],
  events: { created: () => 'coupon.created', updated: 'coupon.updated', deleted: 'coupon.deleted' },
  includable: {
    applies_to: (row) => ({
      products: [idAt(row.world, 'products', any(row, 'products', SALT.coupon.product)) ?? 'prod_none'],
    }),
    currency_options: () => ({ eur: { amount_off: 500 } }),
  },
  write: coupon,
};

const promotionCode = template<Stripe.PromotionCode, Row>({
  id: (r) => r.id,
  object: 'promotion_code',
  active: (r) => r.index % 5 !== 3,
  code: (r) => `FALL${r.index}${r.hash(SALT.promotionCode.code).toString(36).toUpperCase()}`,
  created: (r) => r.created,
  customer: (r) =>
    r.chance(SALT.promotionCode.hasCustomer, 0.2)
      ? idAt(r.world, 'customers', earlier(r, 'customers', SALT.shared.customer))
      : null,
  customer_account: null,
  expires_at: (r) => (r.chance(SALT.promotionCode.expires, 0.3) ? r.created + 30 * DAY : null),
  livemode: false,
  max_redemptions: null,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  promotion: { coupon: (r) => idAt(r.world, 'coupons', parentOf(r, 'coupons', 'promotion_codes')), type: 'coupon' },
  restrictions: { first_time_transaction: false, minimum_amount: null, minimum_amount_currency: null },
  times_redeemed: (r) => r.between(SALT.promotionCode.timesRedeemed, 0, 9),
});

export const promotionCodes: Kind = {
  name: 'promotion_codes',
  path: '/v1/promotion_codes',
  object: 'promotion_code',
  prefix: 'promo_1',
  permission: ['coupon_read', 'Coupons Read'],
  filters: { active: 'active', code: 'code', coupon: 'promotion.coupon', customer: 'customer' },
  events: { created: () => 'promotion_code.created', updated: 'promotion_code.updated' },
  includable: { 'restrictions.currency_options': () => ({ eur: { minimum_amount: 1500 } }) },
  write: promotionCode,
};

const taxRate = template<Stripe.TaxRate, Row>({
  id: (r) => r.id,
  object: 'tax_rate',
  active: (r) => r.index % 4 !== 3,
  country: 'DE',
  created: (r) => r.created,
  description: 'Umsatzsteuer',
  display_name: 'VAT',
  effective_percentage: (r) => (r.index % 3 === 0 ? 19 : null),
  flat_amount: null,
  inclusive: (r) => r.index % 2 === 1,
  jurisdiction: 'DE',
  jurisdiction_level: null,
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  percentage: (r) => r.pick(SALT.rate.percentage, [19, 7, 8.875]),
  rate_type: 'percentage',
  state: null,
  tax_type: 'vat',
});

export const taxRates: Kind = {
  name: 'tax_rates',
  path: '/v1/tax_rates',
  object: 'tax_rate',
  prefix: 'txr_1',
  permission: ['tax_rate_read', 'Tax Rates Read'],
  filters: { active: 'active', inclusive: 'inclusive' },
  events: { created: () => 'tax_rate.created', updated: 'tax_rate.updated' },
  write: taxRate,
};

const shippingRate = template<Stripe.ShippingRate, Row>({
  id: (r) => r.id,
  object: 'shipping_rate',
  active: (r) => r.index % 3 !== 2,
  created: (r) => r.created,
  delivery_estimate: (r) =>
    r.index % 2 === 0
      ? { maximum: { unit: 'business_day', value: 7 }, minimum: { unit: 'business_day', value: 5 } }
      : null,
  display_name: 'Ground shipping',
  fixed_amount: { amount: (r) => r.between(SALT.rate.shipping, 100, 3000), currency: 'usd' },
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  tax_behavior: 'unspecified',
  tax_code: null,
  type: 'fixed_amount',
});

export const shippingRates: Kind = {
  name: 'shipping_rates',
  path: '/v1/shipping_rates',
  object: 'shipping_rate',
  prefix: 'shr_1',
  permission: ['shipping_rate_read', 'Shipping Rates Read'],
  filters: { active: 'active', currency: 'fixed_amount.currency' },
  includable: {
    'fixed_amount.currency_options': () => ({ eur: { amount: 450, tax_behavior: 'unspecified' } }),
  },
  write: shippingRate,
};
