import type Stripe from 'stripe';
import type { Row } from '../data/model.js';
import { Json, type Shape, template, write } from '../data/template.js';
import type { Wire } from '../data/wire.js';
import { disputeAmount } from './amounts.js';
import { balanceTransactionText } from './balance.js';
import { chargeIndexOf, chargeOf } from './charges.js';
import type { Kind } from './kind.js';
import { BALANCE_SOURCES, balanceSources, idAt } from './relations.js';
import { SALT } from './salts.js';
import { metadataOf } from './words.js';

const evidence: Shape<Wire<Stripe.Dispute.Evidence>, Row> = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: (r) => (r.chance(SALT.dispute.email, 0.5) ? 'jenny.rosen@example.com' : null),
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: (r) => (r.chance(SALT.dispute.productDescription, 0.5) ? 'One T-shirt,\nsize M' : null),
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

/** The movements of money that the dispute caused, as whole objects. */
function movementsOf({ world, index }: Row): Json {
  const place = balanceSources(world).placeOf(BALANCE_SOURCES.indexOf('disputes'), index);
  if (place === undefined) return new Json((indent) => write([], indent));
  const row = world.row('balance_transactions', place);
  return new Json(
    (indent) => `[\n${' '.repeat(indent + 2)}${balanceTransactionText(row, indent + 2)}\n${' '.repeat(indent)}]`,
  );
}

const dispute = template<Stripe.Dispute, Row>({
  id: (r) => r.id,
  object: 'dispute',
  amount: disputeAmount,
  balance_transactions: movementsOf,
  charge: (r) => idAt(r.world, 'charges', chargeIndexOf(r, 'disputes')) ?? 'ch_none',
  created: (r) => r.created,
  currency: (r) => chargeFactsOf(r)?.payment.currency.code ?? 'usd',
  enhanced_eligibility_types: ['visa_compelling_evidence_3'],
  evidence,
  evidence_details: {
    due_by: (r) => r.created + 20 * 86_400,
    enhanced_eligibility: {},
    has_evidence: false,
    past_due: false,
    submission_count: 0,
    submission_method: 'not_submitted',
  },
  intended_submission_method: null,
  is_charge_refundable: false,
  livemode: false,
  metadata: (r) => metadataOf(r, SALT.shared.metadata),
  network_reason_code: '10.4',
  payment_intent: (r) => chargeFactsOf(r)?.intent ?? null,
  payment_method_details: {
    card: { brand: 'visa', case_type: 'chargeback', network: 'visa', network_reason_code: '10.4' },
    type: 'card',
  },
  reason: (r) => r.pick(SALT.dispute.reason, ['fraudulent', 'product_not_received', 'general']),
  status: (r) => r.pick(SALT.dispute.status, ['needs_response', 'under_review', 'won', 'lost']),
});

function chargeFactsOf(row: Row) {
  const charge = chargeIndexOf(row, 'disputes');
  return charge === undefined ? undefined : chargeOf(row.world.row('charges', charge));
}

export const disputes: Kind = {
  name: 'disputes',
  path: '/v1/disputes',
  object: 'dispute',
  prefix: 'dp_1',
  permission: ['dispute_read', 'Disputes Read'],
  filters: { charge: 'charge', payment_intent: 'payment_intent' },
  events: { created: () => 'charge.dispute.created', updated: 'charge.dispute.updated' },
  write: dispute,
};
