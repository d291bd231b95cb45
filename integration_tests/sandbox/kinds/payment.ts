import type { Row, World } from '../data/model.js';
import { any, childrenOf, earlier, idAt, parentOf } from './relations.js';
import { SALT } from './salts.js';
import { type Currency, currencyOf, nameOf } from './words.js';

/** The facts that a payment intent, its charges, and all that follows from them share. */
export interface Payment {
  readonly customer: string | null;
  readonly paymentMethod: string | null;
  readonly amount: number;
  readonly currency: Currency;
  readonly email: string | null;
  readonly name: string;
}

/** Every payment belongs to a payment intent, even if the world does not have that one. */
export function paymentOf(world: World, intent: number): Payment {
  const row = world.row('payment_intents', intent);
  const currency = currencyOf(row, SALT.payment.currency);
  const name = nameOf(row, SALT.shared.name);
  return {
    customer: row.chance(SALT.payment.isAnonymous, 0.1)
      ? null
      : idAt(world, 'customers', earlier(row, 'customers', SALT.shared.customer)),
    paymentMethod: idAt(world, 'payment_methods', any(row, 'payment_methods', SALT.shared.paymentMethod)),
    amount: amountOf(row, currency),
    currency,
    email: row.chance(SALT.payment.email, 0.7) ? `customer+${intent}@example.com` : null,
    name,
  };
}

/** Mostly between one and 200 dollars, now and then millions: beyond 32 bits in the smallest unit. */
function amountOf(row: Row, currency: Currency): number {
  if (row.hash(SALT.payment.isHuge) % 500 === 0) return 8_999_999_900 + row.between(SALT.payment.amount, 0, 99_999);
  return Math.round((row.between(SALT.payment.amount, 100, 20_000) / 100) * currency.unitsPerDollar);
}

/** The payment that a charge belongs to. */
export function intentOfCharge(charge: Row): number {
  return parentOf(charge, 'payment_intents', 'charges') ?? charge.index;
}

/** The latest charge of a payment intent, if it has one. */
export function latestChargeOf(intent: Row): number | undefined {
  const { first, end } = childrenOf(intent, 'payment_intents', 'charges');
  return end > first ? end - 1 : undefined;
}
