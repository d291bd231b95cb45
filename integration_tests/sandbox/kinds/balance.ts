import type Stripe from 'stripe';
import type { Row, Sublist } from '../data/model.js';
import { template } from '../data/template.js';
import type { Kind } from './kind.js';
import { isAutomatic, type Movement, movementOf, transactionsOf } from './movements.js';
import { idAt } from './relations.js';

const DAY = 86_400;

const transaction = template<Stripe.BalanceTransaction, Movement>({
  id: (m) => m.row.id,
  object: 'balance_transaction',
  amount: (m) => m.amount,
  available_on: (m) => m.row.created + 2 * DAY,
  balance_type: 'payments',
  created: (m) => m.row.created,
  currency: 'usd',
  description: (m) => (m.type === 'stripe_fee' ? 'Billing – Usage Fee (2026-10)' : null),
  exchange_rate: (m) => m.rate,
  fee: (m) => m.fee,
  fee_details: (m) => feeDetailsOf(m.fee),
  net: (m) => m.amount - m.fee,
  reporting_category: (m) => m.category,
  source: (m) => m.source,
  status: (m) => (m.row.created + 2 * DAY <= m.row.world.now() ? 'available' : 'pending'),
  type: (m) => m.type,
});

function feeDetailsOf(fee: number) {
  if (fee === 0) return [];
  return [
    { amount: fee, application: null, currency: 'usd', description: 'Stripe processing fees', type: 'stripe_fee' },
  ];
}

export function balanceTransactionText(row: Row, indent: number): string {
  return transaction(movementOf(row), indent);
}

export const balanceTransactions: Kind = {
  name: 'balance_transactions',
  path: '/v1/balance_transactions',
  object: 'balance_transaction',
  prefix: 'txn_3',
  permission: ['balance_transaction_source_read', 'Balance transaction sources Read'],
  filters: { currency: 'currency', source: 'source', type: 'type' },
  write: balanceTransactionText,
};

/** What a payout is made of, newest first. */
export const payoutBalanceTransactions: Sublist = {
  name: 'payout_balance_transactions',
  parent: 'payouts',
  object: 'balance_transaction',
  path: '/v1/balance_transactions',
  query: 'payout',
  refusal: (_, payout) =>
    isAutomatic(payout)
      ? undefined
      : 'Balance transaction history can only be filtered on automatic transfers, not manual.',
  count: (world, payout) => {
    const { first, end } = transactionsOf(world, payout);
    return isAutomatic(payout) ? end - first : 0;
  },
  idOf: (world, payout, n) => idAt(world, 'balance_transactions', transactionsOf(world, payout).end - 1 - n) ?? '',
  write: (world, payout, n, indent) => {
    const index = transactionsOf(world, payout).end - 1 - n;
    return balanceTransactionText(world.row('balance_transactions', index), indent);
  },
};
