import type { Sublist, World } from '../data/model.js';
import { objectText } from '../data/objects.js';
import { invoicePayments } from './invoicing.js';
import type { Kind } from './kind.js';
import { paymentMethods, refunds } from './payments.js';
import { chargeFails, chargeRank, childrenOf, dealtToCharges } from './relations.js';
import { subscriptions } from './subscriptions.js';

/** A list of an object's that holds objects of another collection, newest first. */
interface Owned {
  readonly name: string;
  readonly parent: string;
  readonly path: string;
  /** The parameter that carries the parent's id, where the path does not. */
  readonly query?: string;
  readonly kind: Kind;
  readonly indicesOf: (world: World, parent: number) => readonly number[];
}

function owned({ name, parent, path, query, kind, indicesOf }: Owned): Sublist {
  const known = (world: World, index: number) =>
    indicesOf(world, index).filter((it) => !world.collection(kind.name).isRemoved(it));
  return {
    name,
    parent,
    object: kind.object,
    path,
    ...(query === undefined ? {} : { query }),
    count: (world, index) => known(world, index).length,
    idOf: (world, index, n) => world.collection(kind.name).ids.encode(known(world, index)[n] ?? -1),
    write: (world, index, n, indent) => objectText(world, kind, known(world, index)[n] ?? -1, indent),
  };
}

function newestFirst({ first, end }: { readonly first: number; readonly end: number }): readonly number[] {
  return Array.from({ length: end - first }, (_, n) => end - 1 - n);
}

export const chargeRefunds = owned({
  name: 'charge_refunds',
  parent: 'charges',
  path: '/v1/charges/{id}/refunds',
  kind: refunds,
  indicesOf: (world, charge) => {
    if (chargeFails(charge) || charge >= world.collection('charges').base) return [];
    return newestFirst(dealtToCharges(world, 'refunds').childrenOf(chargeRank(charge)));
  },
});

export const paymentsOfInvoice = owned({
  name: 'invoice_payments_of_invoice',
  parent: 'invoices',
  path: '/v1/invoice_payments',
  query: 'invoice',
  kind: invoicePayments,
  indicesOf: (world, invoice) =>
    newestFirst(childrenOf(world.row('invoices', invoice), 'invoices', 'invoice_payments')),
});

/** The owners are random, so the objects of each customer are looked up once for all. */
function byCustomer(world: World, kind: Kind): ReadonlyMap<string, readonly number[]> {
  return world.once(`customers' ${kind.name}`, () => {
    const owners = new Map<string, number[]>();
    for (const index of world.collection(kind.name).newestFirst({})) {
      const { customer } = JSON.parse(objectText(world, kind, index, 0)) as { customer: string | null };
      if (customer === null) continue;
      const indices = owners.get(customer) ?? [];
      indices.push(index);
      owners.set(customer, indices);
    }
    return owners;
  });
}

function ofCustomer(kind: Kind): Owned['indicesOf'] {
  return (world, customer) => byCustomer(world, kind).get(world.collection('customers').ids.encode(customer)) ?? [];
}

export const customerPaymentMethods = owned({
  name: 'customer_payment_methods',
  parent: 'customers',
  path: '/v1/customers/{id}/payment_methods',
  kind: paymentMethods,
  indicesOf: ofCustomer(paymentMethods),
});

/** Canceled ones are left out, as in the list of all. */
export const customerSubscriptions = owned({
  name: 'customer_subscriptions',
  parent: 'customers',
  path: '/v1/customers/{id}/subscriptions',
  kind: subscriptions,
  indicesOf: (world, customer) => ofCustomer(subscriptions)(world, customer).filter((index) => index % 7 !== 3),
});
