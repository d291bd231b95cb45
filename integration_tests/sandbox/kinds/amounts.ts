import type { Row } from '../data/row.js';
import { chargeIndexOf, chargeOf } from './charges.js';

/** What a dispute is about: the whole charge. */
export function disputeAmount(dispute: Row): number {
  const charge = chargeIndexOf(dispute, 'disputes');
  if (charge === undefined) return dispute.between(180, 100, 20_000);
  return chargeOf(dispute.world.row('charges', charge)).payment.amount;
}

export function transferAmount(transfer: Row): number {
  return transfer.between(181, 1200, 90_000);
}

export function topUpAmount(topUp: Row): number {
  return topUp.between(182, 10_000, 500_000);
}
