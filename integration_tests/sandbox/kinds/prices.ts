import type Stripe from 'stripe';
import type { Row, World } from '../data/model.js';
import { type Fields, template } from '../data/template.js';
import type { Kind } from './kind.js';
import { any, idAt } from './relations.js';
import { SALT } from './salts.js';
import { type Currency, EUR, JPY, metadataOf, USD } from './words.js';

/** The facts that a price, its plan, and all that is billed by it share. */
export interface Price {
  readonly row: Row;
  readonly id: string;
  readonly product: string;
  readonly currency: Currency;
  /** In the currency's smallest unit; may have decimals. */
  readonly unitAmount: number;
  readonly tiered: boolean;
  readonly recurring: boolean;
  readonly interval: 'month' | 'year';
}

/** The distance between two prices of one currency. */
export const CURRENCY_STEP = 10;

function currencyOf(index: number): Currency {
  const place = index % CURRENCY_STEP;
  if (place === 8) return EUR;
  return place === 9 ? JPY : USD;
}

/** The first prices are recurring: as many as there are plans, with the same ids. */
export function priceOf(world: World, index: number): Price {
  const row = world.row('prices', index);
  const currency = currencyOf(index);
  const whole = Math.round((row.between(SALT.price.amount, 5, 200) * currency.unitsPerDollar) / 10);
  return {
    row,
    id: row.id,
    product: idAt(world, 'products', any(row, 'products', SALT.price.product)) ?? 'prod_none',
    currency,
    unitAmount: currency !== JPY && index % 7 === 3 ? whole + 0.25 : whole,
    tiered: index % 11 === 6,
    recurring: index < world.collection('plans').base,
    interval: row.pick(SALT.price.interval, ['month', 'month', 'year']),
  };
}

/** The cost of a number of units, in whole smallest units. */
export function cost(price: Price, quantity: number): number {
  return Math.round(price.unitAmount * quantity);
}

const price: Fields<Stripe.Price, Price> = {
  id: (p) => p.id,
  object: 'price',
  active: (p) => p.row.index % 9 !== 4,
  billing_scheme: 'per_unit',
  created: (p) => p.row.created,
  currency: (p) => p.currency.code,
  custom_unit_amount: null,
  livemode: false,
  lookup_key: (p) => (p.row.chance(SALT.price.lookupKey, 0.2) ? `standard_${p.row.index}` : null),
  metadata: (p) => metadataOf(p.row, SALT.shared.metadata),
  nickname: (p) => (p.row.chance(SALT.price.nickname, 0.5) ? `Tarif „${p.interval}“` : null),
  product: (p) => p.product,
  recurring: null,
  tax_behavior: 'unspecified',
  tiers_mode: null,
  transform_quantity: null,
  type: 'one_time',
  unit_amount: (p) => (Number.isInteger(p.unitAmount) ? p.unitAmount : null),
  unit_amount_decimal: (p) => String(p.unitAmount),
};

const recurring: Fields<Stripe.Price, Price> = {
  ...price,
  recurring: {
    interval: (p) => p.interval,
    interval_count: 1,
    meter: null,
    trial_period_days: null,
    usage_type: 'licensed',
  },
  type: 'recurring',
};

const TIERED = {
  billing_scheme: 'tiered',
  tiers_mode: 'graduated',
  unit_amount: null,
  unit_amount_decimal: null,
} as const;

const prices = {
  oneTime: template<Stripe.Price, Price>(price),
  recurring: template<Stripe.Price, Price>(recurring),
  tiered: template<Stripe.Price, Price>({ ...recurring, ...TIERED }),
};

/** A price as it is listed, and embedded in what is billed by it. */
export function priceText(it: Price, indent: number): string {
  return prices[!it.recurring ? 'oneTime' : it.tiered ? 'tiered' : 'recurring'](it, indent);
}

const plan: Fields<Stripe.Plan, Price> = {
  id: (p) => p.id,
  object: 'plan',
  active: (p) => p.row.index % 9 !== 4,
  amount: (p) => (Number.isInteger(p.unitAmount) ? p.unitAmount : null),
  amount_decimal: (p) => String(p.unitAmount),
  billing_scheme: 'per_unit',
  created: (p) => p.row.world.collection('plans').createdOf(p.row.index),
  currency: (p) => p.currency.code,
  interval: (p) => p.interval,
  interval_count: 1,
  livemode: false,
  metadata: (p) => metadataOf(p.row, SALT.shared.metadata),
  meter: null,
  nickname: (p) => (p.row.chance(SALT.price.nickname, 0.5) ? `Tarif „${p.interval}“` : null),
  product: (p) => p.product,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: 'licensed',
};

const usualPlan = template<Stripe.Plan, Price>(plan);

const tieredPlan = template<Stripe.Plan, Price>({
  ...plan,
  amount: null,
  amount_decimal: null,
  billing_scheme: 'tiered',
  tiers_mode: 'graduated',
});

export function planText(it: Price, indent: number): string {
  return (it.tiered ? tieredPlan : usualPlan)(it, indent);
}

/** The steps of a tiered price; nothing for others. */
function tiersOf({ world, index }: Row): unknown {
  const { tiered, unitAmount } = priceOf(world, index);
  if (!tiered) return undefined;
  const tier = (amount: number, upTo: number | null) => ({
    flat_amount: null,
    flat_amount_decimal: null,
    unit_amount: Math.floor(amount),
    unit_amount_decimal: String(Math.floor(amount)),
    up_to: upTo,
  });
  return [tier(unitAmount, 100), tier(unitAmount / 2, null)];
}

function currencyOptionsOf({ world, index }: Row): unknown {
  const { currency, unitAmount } = priceOf(world, index);
  const unit = Math.floor(unitAmount);
  const option = { custom_unit_amount: null, tax_behavior: 'unspecified', unit_amount: unit };
  return { [currency.code]: { ...option, unit_amount_decimal: String(unit) } };
}

export const priceKind: Kind = {
  name: 'prices',
  path: '/v1/prices',
  object: 'price',
  prefix: 'price_1',
  permission: ['plan_read', 'Prices Read'],
  filters: { active: 'active', product: 'product', type: 'type', currency: 'currency' },
  events: { created: () => 'price.created', updated: 'price.updated', deleted: 'price.deleted' },
  includable: { tiers: tiersOf, currency_options: currencyOptionsOf },
  write: (row, indent) => priceText(priceOf(row.world, row.index), indent),
};

export const planKind: Kind = {
  name: 'plans',
  path: '/v1/plans',
  object: 'plan',
  prefix: 'price_1',
  idsOf: 'prices',
  permission: ['plan_read', 'Plans Read'],
  filters: { active: 'active', product: 'product' },
  events: { created: () => 'plan.created', updated: 'plan.updated', deleted: 'plan.deleted' },
  includable: { tiers: tiersOf },
  write: (row, indent) => planText(priceOf(row.world, row.index), indent),
};
