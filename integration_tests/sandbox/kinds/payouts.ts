import type Stripe from 'stripe';
import type { Row } from '../data/model.js';
import { template } from '../data/template.js';
import type { Kind } from './kind.js';
import { isAutomatic, payoutAmount } from './movements.js';
import { balanceTransactionOf } from './relations.js';
import { SALT } from './salts.js';
import { metadataOf } from './words.js';

const DAY = 86_400;

const payout = template<Stripe.Payout, Row>({
  id: (r) => r.id,
  object: 'payout',
  amount: (r) => payoutAmount(r.world, r.index),
  application_fee: null,
  application_fee_amount: null,
  arrival_date: (r) => r.created + 2 * DAY,
  automatic: (r) => isAutomatic(r.index),
  balance_transaction: (r) => balanceTransactionOf(r.world, 'payouts', r.index),
  created: (r) => r.created,
  currency: 'usd',
  description: (r) => (isAutomatic(r.index) ? 'STRIPE PAYOUT' : null),
  destination: 'ba_1SandboxBankAccount',
  failure_balance_transaction: null,
  failure_code: null,
  failure_message: null,
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  method: (r) => (isAutomatic(r.index) ? 'standard' : 'instant'),
  original_payout: null,
  payout_method: null,
  reconciliation_status: (r) => (isAutomatic(r.index) ? 'completed' : 'not_applicable'),
  reversed_by: null,
  source_type: 'card',
  statement_descriptor: null,
  status: (r) => (r.created + 2 * DAY <= r.world.now() ? 'paid' : 'in_transit'),
  trace_id: { status: 'supported', value: (r) => String(r.hash(SALT.payout.trace)) },
  type: 'bank_account',
});

export const payouts: Kind = {
  name: 'payouts',
  path: '/v1/payouts',
  object: 'payout',
  prefix: 'po_1',
  permission: ['payout_read', 'Payouts Read'],
  filters: { status: 'status', destination: 'destination' },
  events: { created: () => 'payout.created', updated: 'payout.updated' },
  write: payout,
};
