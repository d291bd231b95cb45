import type { Row } from '../data/model.js';
import { chargeIndexOf, chargeOf } from './charges.js';
import { SALT } from './salts.js';

/** What a dispute is about: the whole charge. */
export function disputeAmount(dispute: Row): number {
  const charge = chargeIndexOf(dispute, 'disputes');
  if (charge === undefined) return dispute.between(SALT.amount.dispute, 100, 20_000);
  return chargeOf(dispute.world.row('charges', charge)).payment.amount;
}

export function transferAmount(transfer: Row): number {
  return transfer.between(SALT.amount.transfer, 1200, 90_000);
}

export function topUpAmount(topUp: Row): number {
  return topUp.between(SALT.amount.topUp, 10_000, 500_000);
}
