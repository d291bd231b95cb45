import { catalog } from '../../../src/streams/catalog.js';
import type { StreamDefinition } from '../../../src/streams/definition.js';
import type { Sublist } from '../data/model.js';
import { accounts } from './accounts.js';
import { balanceTransactions, payoutBalanceTransactions } from './balance.js';
import { coupons, products, promotionCodes, shippingRates, taxRates } from './catalog.js';
import { charges } from './charges.js';
import { customers } from './customers.js';
import { disputes } from './disputes.js';
import { createEvents, EVENTS_PATH } from './events.js';
import { genericKind } from './generic.js';
import { invoiceLines, invoices } from './invoices.js';
import { creditNoteLines, creditNotes, invoiceItems, invoicePayments } from './invoicing.js';
import { genericSublist } from './items.js';
import type { Kind } from './kind.js';
import { files, webhookEndpoints } from './others.js';
import { chargeRefunds, customerPaymentMethods, customerSubscriptions, paymentsOfInvoice } from './owned.js';
import { paymentIntents, paymentMethods, refunds, setupIntents } from './payments.js';
import { payouts } from './payouts.js';
import { planKind, priceKind } from './prices.js';
import { subscriptionItems, subscriptionSchedules, subscriptions } from './subscriptions.js';
import { topUps, transferReversals, transfers } from './transfers.js';

const shop: readonly Kind[] = [
  accounts,
  balanceTransactions,
  charges,
  coupons,
  creditNotes,
  customers,
  disputes,
  files,
  invoiceItems,
  invoicePayments,
  invoices,
  paymentIntents,
  paymentMethods,
  payouts,
  planKind,
  priceKind,
  products,
  promotionCodes,
  refunds,
  setupIntents,
  shippingRates,
  subscriptionSchedules,
  subscriptions,
  taxRates,
  topUps,
  transfers,
  webhookEndpoints,
];

/** Lists that belong to objects of the shop, and whose items agree with the rest of it. */
const shopLists: readonly Sublist[] = [
  chargeRefunds,
  creditNoteLines,
  customerPaymentMethods,
  customerSubscriptions,
  invoiceLines,
  paymentsOfInvoice,
  payoutBalanceTransactions,
  subscriptionItems,
  transferReversals,
];

/** Whether a stream reads this list. */
export function isListOf(list: Sublist, { path, parent }: StreamDefinition): boolean {
  if (parent === undefined || list.path !== path) return false;
  return list.query === undefined || list.query in (parent.query ?? {});
}

/** Every other list of the catalog is made from its literal and its schema. */
const around = {
  catalog,
  kindOfObject: (object: string) => byObject().get(object),
  kindOfPath: (path: string) => KINDS.find((kind) => kind.path === path),
};

const isWritten = ({ path }: StreamDefinition) => path === EVENTS_PATH || shop.some((kind) => kind.path === path);

const generic: readonly Kind[] = catalog
  .filter((stream) => stream.parent === undefined && !isWritten(stream))
  .map((stream) => genericKind(stream, around));

/** Every kind of object that has a list of its own. */
export const KINDS: readonly Kind[] = [...shop, ...generic, createEvents([...shop, ...generic])].map((kind) => ({
  ...kind,
  includable: { ...includableIn(kind), ...kind.includable },
}));

const known = new Map<string, Kind>();

/** The first kind with this `object`; only used when all kinds exist. */
function byObject(): ReadonlyMap<string, Kind> {
  if (known.size === 0) for (const kind of KINDS.toReversed()) known.set(kind.object, kind);
  return known;
}

/** The lists that an object has only when they are expanded. */
function includableIn({ path }: Kind): Readonly<Record<string, string>> {
  const lists = catalog.flatMap(({ name, parent }) =>
    parent?.stream.path === path && parent.embeddedIn !== undefined && parent.expand
      ? [[parent.embeddedIn, name] as const]
      : [],
  );
  return Object.fromEntries(lists);
}

/** Every list that belongs to an object. */
export const SUBLISTS: readonly Sublist[] = [...shopLists.map(withAliases), ...genericLists()];

function withAliases(list: Sublist): Sublist {
  const aliases = catalog.filter((stream) => isListOf(list, stream)).map(({ name }) => name);
  return { ...list, aliases };
}

/** Streams that read one list belong together. */
function genericLists(): readonly Sublist[] {
  const groups = new Map<string, StreamDefinition[]>();
  for (const stream of catalog) {
    if (stream.parent === undefined || shopLists.some((list) => isListOf(list, stream))) continue;
    const key = `${stream.path}?${Object.keys(stream.parent.query ?? {}).join('&')}`;
    groups.set(key, [...(groups.get(key) ?? []), stream]);
  }
  return [...groups.values()].map((streams) => genericSublist(streams, around));
}
