import type Stripe from 'stripe';
import type { Row, Sublist, World } from '../data/model.js';
import { embeddedList } from '../data/objects.js';
import { type Fields, Json, template } from '../data/template.js';
import type { Kind } from './kind.js';
import { CURRENCY_STEP, type Price, planText, priceOf, priceText } from './prices.js';
import { any, childrenOf, earlier, idAt } from './relations.js';
import { SALT } from './salts.js';
import { childIds } from './transfers.js';
import { metadataOf } from './words.js';

const DAY = 86_400;
const MONTH = 30 * DAY;

/** The facts of a subscription that its items and invoices share. */
export interface Subscription {
  readonly row: Row;
  readonly customer: string | null;
  readonly customerIndex: number | undefined;
  readonly status: 'active' | 'canceled' | 'past_due' | 'trialing';
  readonly currency: string;
}

export function subscriptionOf(world: World, index: number): Subscription {
  const row = world.row('subscriptions', index);
  const customerIndex = earlier(row, 'customers', SALT.shared.customer) ?? any(row, 'customers', SALT.shared.customer);
  return {
    row,
    customer: idAt(world, 'customers', customerIndex),
    customerIndex,
    status: statusOf(index),
    currency: priceOfItem(world, index, 0).currency.code,
  };
}

function statusOf(index: number): Subscription['status'] {
  if (index % 7 === 3) return 'canceled';
  if (index % 19 === 5) return 'past_due';
  return index % 17 === 2 ? 'trialing' : 'active';
}

/** The recurring price of an item: all items of a subscription are in one currency. */
export function priceOfItem(world: World, subscription: number, n: number): Price {
  const row = world.row('subscriptions', subscription);
  const recurring = Math.min(world.collection('plans').base, world.collection('prices').base);
  const first = recurring === 0 ? 0 : row.hash(SALT.subscription.firstPrice) % recurring;
  const next = first + CURRENCY_STEP * n;
  return priceOf(world, next < recurring ? next : first);
}

export function quantityOfItem(world: World, subscription: number, n: number): number {
  return world.row('subscriptions', subscription).between(SALT.subscription.quantity + n, 1, 12);
}

export function subscriptionItemId(world: World, subscription: number, n: number): string {
  return childIds(world, 'si_').encode(subscription, n);
}

interface Item {
  readonly subscription: Row;
  readonly n: number;
  readonly price: Price;
}

const item = template<Stripe.SubscriptionItem, Item>({
  id: (i) => subscriptionItemId(i.subscription.world, i.subscription.index, i.n),
  object: 'subscription_item',
  billing_thresholds: null,
  created: (i) => i.subscription.created + i.n,
  current_period_end: (i) => i.subscription.created + MONTH,
  current_period_start: (i) => i.subscription.created,
  current_trial: null,
  discounts: [],
  metadata: (i) => metadataOf(i.subscription, SALT.subscription.itemMetadata + i.n),
  plan: (i) => new Json((indent) => planText(i.price, indent)),
  price: (i) => new Json((indent) => priceText(i.price, indent)),
  quantity: (i) => quantityOfItem(i.subscription.world, i.subscription.index, i.n),
  subscription: (i) => i.subscription.id,
  tax_rates: [],
});

export const subscriptionItems: Sublist = {
  name: 'subscription_items',
  parent: 'subscriptions',
  object: 'subscription_item',
  path: '/v1/subscription_items',
  query: 'subscription',
  find: (world, id) => childIds(world, 'si_').decode(id),
  count: (world, subscription) => world.children.subscriptionItems(subscription),
  idOf: subscriptionItemId,
  write: (world, subscription, n, indent) =>
    item(
      { subscription: world.row('subscriptions', subscription), n, price: priceOfItem(world, subscription, n) },
      indent,
    ),
};

const isCanceled = (s: Subscription) => s.status === 'canceled';

const subscription: Fields<Stripe.Subscription, Subscription> = {
  id: (s) => s.row.id,
  object: 'subscription',
  application: null,
  application_fee_percent: null,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null },
  billing_cycle_anchor: (s) => s.row.created,
  billing_cycle_anchor_config: null,
  billing_mode: { flexible: null, type: 'classic' },
  billing_schedules: [],
  billing_thresholds: null,
  cancel_at: null,
  cancel_at_period_end: (s) => s.row.chance(SALT.subscription.cancelsAtEnd, 0.05),
  canceled_at: (s) => (isCanceled(s) ? s.row.created + MONTH : null),
  cancellation_details: {
    comment: (s) => (isCanceled(s) && s.row.chance(SALT.subscription.comment, 0.5) ? 'Too expensive 😢' : null),
    feedback: (s) => (isCanceled(s) ? 'too_expensive' : null),
    feedback_option: null,
    reason: (s) => (isCanceled(s) ? 'cancellation_requested' : null),
  },
  collection_method: 'charge_automatically',
  created: (s) => s.row.created,
  currency: (s) => s.currency,
  customer: (s) => s.customer ?? 'cus_none',
  customer_account: null,
  days_until_due: null,
  default_payment_method: (s) =>
    idAt(s.row.world, 'payment_methods', any(s.row, 'payment_methods', SALT.subscription.defaultMethod)),
  default_source: null,
  default_tax_rates: [],
  description: (s) => (s.row.chance(SALT.subscription.description, 0.8) ? null : 'Abo “Größe L”'),
  discounts: [],
  ended_at: (s) => (isCanceled(s) ? s.row.created + MONTH : null),
  invoice_settings: {
    account_tax_ids: null,
    custom_fields: null,
    description: null,
    footer: null,
    issuer: { type: 'self' },
  },
  items: (s) => new Json((indent) => embeddedList(subscriptionItems, s.row.world, s.row.index, indent)),
  latest_invoice: (s) => latestInvoiceOf(s.row),
  livemode: false,
  managed_payments: null,
  metadata: (s) => metadataOf(s.row, SALT.shared.metadata),
  next_pending_invoice_item_invoice: null,
  on_behalf_of: null,
  pause_collection: null,
  payment_settings: {
    payment_method_options: null,
    payment_method_types: null,
    save_default_payment_method: 'off',
  },
  pending_invoice_item_interval: null,
  pending_setup_intent: null,
  pending_update: null,
  schedule: null,
  start_date: (s) => s.row.created,
  status: (s) => s.status,
  test_clock: null,
  transfer_data: null,
  trial_end: (s) => (s.status === 'trialing' ? s.row.created + 14 * DAY : null),
  trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
  trial_start: (s) => (s.status === 'trialing' ? s.row.created : null),
};

const subscriptionText = template<Stripe.Subscription, Subscription>(subscription);

function latestInvoiceOf(row: Row): string | null {
  const { first, end } = childrenOf(row, 'subscriptions', 'invoices');
  return end > first ? idAt(row.world, 'invoices', end - 1) : null;
}

export const subscriptions: Kind = {
  name: 'subscriptions',
  path: '/v1/subscriptions',
  object: 'subscription',
  prefix: 'sub_1',
  permission: ['subscription_read', 'Subscriptions Read'],
  filters: { customer: 'customer', collection_method: 'collection_method', test_clock: 'test_clock' },
  leavesOut: { field: 'status', value: 'canceled', param: 'status', all: 'all' },
  /** `customer.subscription.deleted` tells of a cancellation; subscriptions are never removed. */
  events: { created: () => 'customer.subscription.created', updated: 'customer.subscription.updated' },
  write: (row, indent) => subscriptionText(subscriptionOf(row.world, row.index), indent),
};

const phase: Fields<Stripe.SubscriptionSchedule.Phase, Phase> = {
  add_invoice_items: [],
  application_fee_percent: null,
  billing_cycle_anchor: null,
  billing_thresholds: null,
  collection_method: null,
  currency: (p) => p.price.currency.code,
  default_payment_method: null,
  default_tax_rates: [],
  description: null,
  discounts: [],
  end_date: (p) => p.schedule.created + MONTH * (p.n + 1),
  invoice_settings: null,
  items: [
    {
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: (p) => p.price.id,
      price: (p) => p.price.id,
      quantity: (p) => p.n + 1,
      tax_rates: [],
    },
  ],
  metadata: {},
  on_behalf_of: null,
  proration_behavior: 'create_prorations',
  start_date: (p) => p.schedule.created + MONTH * p.n,
  transfer_data: null,
  trial_end: null,
};

interface Phase {
  readonly schedule: Row;
  readonly n: number;
  readonly price: Price;
}

const phaseText = template<Stripe.SubscriptionSchedule.Phase, Phase>(phase);

function phasesOf(schedule: Row): Json {
  const { world, index } = schedule;
  return new Json((indent) => {
    const pad = `\n${' '.repeat(indent + 2)}`;
    const texts = Array.from({ length: world.children.schedulePhases(index) }, (_, n) =>
      phaseText({ schedule, n, price: priceOfItem(world, index, 0) }, indent + 2),
    );
    return `[${pad}${texts.join(`,${pad}`)}\n${' '.repeat(indent)}]`;
  });
}

const schedule = template<Stripe.SubscriptionSchedule, Row>({
  id: (r) => r.id,
  object: 'subscription_schedule',
  application: null,
  billing_mode: { flexible: null, type: 'classic' },
  canceled_at: null,
  completed_at: null,
  created: (r) => r.created,
  current_phase: null,
  customer: (r) =>
    idAt(
      r.world,
      'customers',
      earlier(r, 'customers', SALT.shared.customer) ?? any(r, 'customers', SALT.shared.customer),
    ) ?? 'cus_none',
  customer_account: null,
  default_settings: {
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: 'automatic',
    billing_thresholds: null,
    collection_method: 'charge_automatically',
    default_payment_method: null,
    description: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      days_until_due: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    on_behalf_of: null,
    transfer_data: null,
  },
  end_behavior: 'release',
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  pause_schedules: [],
  phases: phasesOf,
  released_at: null,
  released_subscription: null,
  status: 'not_started',
  subscription: null,
  test_clock: null,
});

export const subscriptionSchedules: Kind = {
  name: 'subscription_schedule',
  path: '/v1/subscription_schedules',
  object: 'subscription_schedule',
  prefix: 'sub_sched_1',
  permission: ['subscription_schedule_read', 'Subscription schedules Read'],
  filters: { customer: 'customer' },
  events: { created: () => 'subscription_schedule.created', updated: 'subscription_schedule.updated' },
  write: schedule,
};
