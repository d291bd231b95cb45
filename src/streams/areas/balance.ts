import type { Area, Condition, StreamDefinition } from '../definition.js';

/** Balance transactions become visible minutes after their `created`: tap-stripe re-reads 600 s (its issue 45). */
const BALANCE_TRANSACTION_LAG_SECONDS = 600;

const MANUAL = 'Stripe does not record which balance transactions a manual payout contains';

/**
 * Stripe lists what a payout contains when it is reconciled; `not_applicable` is every payout that is manual (reference,
 * 2026-10-28).
 */
const RECONCILED: Condition = {
  field: 'reconciliation_status',
  is: 'completed',
  otherwise: {
    in_progress: 'Stripe has not yet recorded which balance transactions they contain: a later sync has them',
    not_applicable: MANUAL,
  },
  unknown: { field: 'automatic', is: true, otherwise: MANUAL },
};

const payouts: StreamDefinition = { name: 'payouts', path: '/v1/payouts', object: 'payout', newestFirst: true };

export const balance: Area = {
  name: 'Balance and payouts',
  streams: [
    {
      name: 'balance_transactions',
      path: '/v1/balance_transactions',
      object: 'balance_transaction',
      newestFirst: true,
      lagSeconds: BALANCE_TRANSACTION_LAG_SECONDS,
    },
    {
      name: 'payout_balance_transactions',
      path: '/v1/balance_transactions',
      object: 'balance_transaction',
      newestFirst: true,
      parent: {
        stream: payouts,
        query: { payout: 'id' },
        copy: { payout: 'id' },
        only: RECONCILED,
      },
    },
    payouts,
    {
      name: 'top_ups',
      path: '/v1/topups',
      object: 'topup',
      note: 'Those of a connected account are listed when it is read with account_id.',
    },
  ],
};
