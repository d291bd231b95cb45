import type Stripe from 'stripe';
import { type ChildIds, createChildIds } from '../data/ids.js';
import type { Row, Sublist, World } from '../data/model.js';
import { embeddedList } from '../data/objects.js';
import { hashOf, letters, mix } from '../data/random.js';
import { Json, template } from '../data/template.js';
import { topUpAmount, transferAmount } from './amounts.js';
import type { Kind } from './kind.js';
import { any, balanceTransactionOf, idAt } from './relations.js';
import { SALT } from './salts.js';
import { metadataOf, NO_ADDRESS, nameOf } from './words.js';

/** Ids of items of a list, one sort for each prefix. */
export function childIds(world: World, prefix: string): ChildIds {
  return world.once(`ids ${prefix}`, () => createChildIds(prefix + letters(mix(world.seed, hashOf(prefix)), 8)));
}

interface Reversal {
  readonly transfer: Row;
  readonly n: number;
  readonly id: string;
}

const reversal = template<Stripe.TransferReversal, Reversal>({
  id: (r) => r.id,
  object: 'transfer_reversal',
  amount: 100,
  balance_transaction: null,
  created: (r) => r.transfer.created + 60 * (r.n + 1),
  currency: 'usd',
  destination_payment_refund: null,
  metadata: {},
  source_refund: null,
  transfer: (r) => r.transfer.id,
});

/** Reversals of a transfer, newest first. */
export const transferReversals: Sublist = {
  name: 'transfer_reversals',
  parent: 'transfers',
  object: 'transfer_reversal',
  path: '/v1/transfers/{id}/reversals',
  count: (world, transfer) => world.children.transferReversals(transfer),
  idOf: (world, transfer, n) => childIds(world, 'trr_1').encode(transfer, numberOf(world, transfer, n)),
  write: (world, transfer, n, indent) => {
    const number = numberOf(world, transfer, n);
    const id = childIds(world, 'trr_1').encode(transfer, number);
    return reversal({ transfer: world.row('transfers', transfer), n: number, id }, indent);
  },
};

function numberOf(world: World, transfer: number, n: number): number {
  return world.children.transferReversals(transfer) - 1 - n;
}

const reversed = ({ world, index }: Row) => 100 * world.children.transferReversals(index);

const transfer = template<Stripe.Transfer, Row>({
  id: (r) => r.id,
  object: 'transfer',
  amount: transferAmount,
  amount_reversed: reversed,
  balance_transaction: (r) => balanceTransactionOf(r.world, 'transfers', r.index),
  created: (r) => r.created,
  currency: 'usd',
  description: (r) => (r.chance(SALT.transfer.description, 0.4) ? 'Share of the week' : null),
  destination: (r) => idAt(r.world, 'accounts', any(r, 'accounts', SALT.transfer.destination)) ?? 'acct_1None',
  destination_payment: (r) => `py_1${r.id.slice(4)}`,
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  reversals: (r) => new Json((indent) => embeddedList(transferReversals, r.world, r.index, indent)),
  reversed: (r) => reversed(r) === transferAmount(r),
  source_transaction: null,
  source_type: 'card',
  transfer_group: (r) => (r.chance(SALT.transfer.hasGroup, 0.3) ? `group_${r.hash(SALT.transfer.group) % 10}` : null),
});

export const transfers: Kind = {
  name: 'transfers',
  path: '/v1/transfers',
  object: 'transfer',
  prefix: 'tr_1',
  permission: ['transfer_read', 'Transfers Read'],
  filters: { destination: 'destination', transfer_group: 'transfer_group' },
  events: { created: () => 'transfer.created', updated: 'transfer.updated' },
  write: transfer,
};

const topUp = template<Stripe.Topup, Row>({
  id: (r) => r.id,
  object: 'topup',
  amount: topUpAmount,
  balance_transaction: (r) => balanceTransactionOf(r.world, 'top_ups', r.index),
  created: (r) => r.created,
  currency: 'usd',
  description: 'Top-up for the week',
  expected_availability_date: (r) => r.created + 5 * 86_400,
  failure_code: null,
  failure_message: null,
  initiated_by: 'user',
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  payment_method: null,
  payment_method_options: null,
  source: {
    id: (r) => `src_1${r.id.slice(4)}`,
    object: 'source',
    ach_debit: {
      bank_name: 'STRIPE TEST BANK',
      country: 'US',
      fingerprint: '5Wh4KBcfDrz5IOnx',
      last4: '6789',
      routing_number: '110000000',
      type: 'individual',
    },
    allow_redisplay: null,
    amount: null,
    client_secret: 'src_client_secret_sandbox',
    created: (r) => r.created,
    currency: 'usd',
    flow: 'code_verification',
    livemode: false,
    metadata: {},
    owner: {
      address: NO_ADDRESS,
      email: 'jenny.rosen@example.com',
      name: (r) => nameOf(r, SALT.shared.name),
      phone: null,
      verified_address: null,
      verified_email: null,
      verified_name: null,
      verified_phone: null,
    },
    statement_descriptor: null,
    status: 'chargeable',
    type: 'ach_debit',
    usage: 'reusable',
  },
  statement_descriptor: null,
  status: (r) => r.pick(SALT.topUp.status, ['succeeded', 'pending']),
  transfer_group: null,
});

export const topUps: Kind = {
  name: 'top_ups',
  path: '/v1/topups',
  object: 'topup',
  prefix: 'tu_1',
  permission: ['topup_read', 'Top-ups Read'],
  filters: { status: 'status' },
  events: { created: () => 'topup.created', updated: 'topup.succeeded' },
  write: topUp,
};
