import type { Area, StreamDefinition } from '../definition.js';

const allProducts: StreamDefinition = { name: 'products', path: '/v1/products', object: 'product', newestFirst: true };

export const products: Area = {
  name: 'Products',
  streams: [
    { name: 'coupons', path: '/v1/coupons', object: 'coupon', expand: ['applies_to', 'currency_options'] },
    {
      name: 'entitlements_features',
      path: '/v1/entitlements/features',
      object: 'entitlements.feature',
      createdFilter: false,
    },
    /** Without its tiers, a tiered plan or price has no amount. */
    { name: 'plans', path: '/v1/plans', object: 'plan', expand: ['tiers'] },
    {
      name: 'prices',
      path: '/v1/prices',
      object: 'price',
      expand: ['currency_options', 'tiers'],
      note: 'Active and inactive. Without inline prices, which were made within another request: Stripe does not list them.',
    },
    /** The list has a `created` filter, but its objects do not have the field. */
    {
      name: 'product_catalog_trial_offers',
      path: '/v1/product_catalog/trial_offers',
      object: 'product_catalog.trial_offer',
      createdFilter: false,
    },
    {
      name: 'product_features',
      path: '/v1/products/{id}/features',
      object: 'product_feature',
      retrieve: '/v1/products/{product}/features/{id}',
      parent: { stream: allProducts, copy: { product: 'id' } },
    },
    allProducts,
    {
      name: 'promotion_codes',
      path: '/v1/promotion_codes',
      object: 'promotion_code',
      expand: ['restrictions.currency_options'],
    },
    {
      name: 'shipping_rates',
      path: '/v1/shipping_rates',
      object: 'shipping_rate',
      expand: ['fixed_amount.currency_options'],
    },
  ],
};
