import type { Row, World } from '../data/model.js';
import { spread } from '../data/spread.js';
import { disputeAmount, topUpAmount, transferAmount } from './amounts.js';
import { chargeOf } from './charges.js';
import { refundOf } from './payments.js';
import { BALANCE_SOURCES, balanceSources, chargeOfRank, idAt } from './relations.js';
import { SALT } from './salts.js';
import type { Currency } from './words.js';

/** A movement of the balance, in the account's own currency. */
export interface Movement {
  readonly row: Row;
  readonly type: 'charge' | 'refund' | 'payout' | 'transfer' | 'topup' | 'adjustment' | 'stripe_fee';
  readonly category: string;
  readonly source: string | null;
  readonly amount: number;
  readonly fee: number;
  readonly rate: number | null;
}

/** A charge's movement: what Stripe keeps of it is 2.9 % and 30 cents. */
function chargeFee(amount: number): number {
  return Math.round(amount * 0.029) + 30;
}

function settled(amount: number, currency: Currency): number {
  return currency.rate === null ? amount : Math.round(amount * currency.rate);
}

/** What a balance transaction records. */
export function movementOf(row: Row): Movement {
  const { world, index } = row;
  const isOld = index < world.collection('balance_transactions').base;
  const { part, n } = isOld ? balanceSources(world).at(index) : { part: BALANCE_SOURCES.length, n: index };
  const source = BALANCE_SOURCES[part];
  const none = { row, fee: 0, rate: null };
  switch (source) {
    case 'charges': {
      const charge = chargeOf(world.row('charges', chargeOfRank(n)));
      const { amount, currency } = charge.payment;
      const settledAmount = settled(amount, currency);
      const fee = chargeFee(settledAmount);
      const category = 'charge';
      return { row, type: 'charge', category, source: charge.row.id, amount: settledAmount, fee, rate: currency.rate };
    }
    case 'refunds': {
      const { amount, payment, row: refund } = refundOf(world.row('refunds', n));
      const settledAmount = -settled(amount, payment.currency);
      const { rate } = payment.currency;
      return { ...none, type: 'refund', category: 'refund', source: refund.id, amount: settledAmount, rate };
    }
    case 'payouts':
      return { ...none, ...moved('payout', -payoutAmount(world, n)), source: idAt(world, source, n) };
    case 'transfers':
      return { ...none, ...moved('transfer', -transferAmount(world.row(source, n))), source: idAt(world, source, n) };
    case 'top_ups':
      return { ...none, ...moved('topup', topUpAmount(world.row(source, n))), source: idAt(world, source, n) };
    case 'disputes': {
      const amount = -disputeAmount(world.row(source, n));
      const fee = 1500;
      return { ...none, type: 'adjustment', category: 'dispute', source: idAt(world, source, n), amount, fee };
    }
    default:
      return {
        ...none,
        type: 'stripe_fee',
        category: 'fee',
        source: null,
        amount: -row.between(SALT.amount.fee, 1, 900),
      };
  }
}

function moved<Type extends 'payout' | 'transfer' | 'topup'>(type: Type, amount: number) {
  return { type, category: type, amount };
}

/** Payouts are the sum of the others, so they do not count themselves. */
function netBeforePayout(world: World, index: number): number {
  const { part } = balanceSources(world).at(index);
  if (BALANCE_SOURCES[part] === 'payouts') return 0;
  const { amount, fee } = movementOf(world.row('balance_transactions', index));
  return amount - fee;
}

/** Every ninth payout was made by hand: Stripe does not record what it contains. */
export function isAutomatic(payout: number): boolean {
  return payout % 9 !== 4;
}

/** The balance transactions that a payout pays out, as indices. Those of payouts among them do not count. */
export function transactionsOf(world: World, payout: number): { readonly first: number; readonly end: number } {
  const payouts = world.collection('payouts').base;
  if (payout >= payouts) return { first: 0, end: 0 };
  return world
    .once('payouts>balance transactions', () => spread(payouts, world.collection('balance_transactions').base))
    .childrenOf(payout);
}

/** The sum of the transactions of a payout; any amount for a manual payout, or one that was added later. */
export function payoutAmount(world: World, payout: number): number {
  const { first, end } = transactionsOf(world, payout);
  if (!isAutomatic(payout) || first === end)
    return world.row('payouts', payout).between(SALT.amount.payout, 1000, 500_000);
  const amounts = world.once('payout amounts', () => new Map<number, number>());
  const known = amounts.get(payout);
  if (known !== undefined) return known;
  let amount = 0;
  for (let index = first; index < end; index += 1) amount += netBeforePayout(world, index);
  amounts.set(payout, amount);
  return amount;
}
