import { catalog } from './catalog.js';
import { kindsOf, type StreamDefinition } from './definition.js';

/** Where the items of a list that Stripe embeds in an object are listed. */
export interface EmbeddedList {
  /** Path of the list endpoint; fields of the object that holds the list are in braces: `/v1/invoices/{id}/lines`. */
  readonly path: string;
  /** Query parameters: name to name of the field of the object that holds the list. */
  readonly query?: Readonly<Record<string, string>>;
  /** Query parameters that are the same for every object. */
  readonly params?: Readonly<Record<string, string>>;
}

/**
 * The lists that no child stream reads, by kind of the object that holds them and the field in it (Stripe's reference,
 * 2026-10-28). The `url` in an embedded list can be wrong: recorded answers of 2025 have `/v1/invoices/payments` and
 * `/v1/customers/:customer/sources`.
 */
const withoutStream: Readonly<Record<string, EmbeddedList>> = {
  'charge refunds': { path: '/v1/refunds', query: { charge: 'id' } },
  // As the embedded list, this one leaves out canceled subscriptions unless `status` is sent.
  'customer subscriptions': { path: '/v1/subscriptions', query: { customer: 'id' } },
  'entitlements.active_entitlement_summary entitlements': {
    path: '/v1/entitlements/active_entitlements',
    query: { customer: 'customer' },
  },
  'file links': { path: '/v1/file_links', query: { file: 'id' } },
  'financial_connections.session accounts': {
    path: '/v1/financial_connections/accounts',
    query: { session: 'id' },
  },
  'invoice payments': { path: '/v1/invoice_payments', query: { invoice: 'id' } },
  // Embedded by API versions before 2022-11-15 only.
  'payment_intent charges': { path: '/v1/charges', query: { payment_intent: 'id' } },
  'tax.calculation line_items': { path: '/v1/tax/calculations/{id}/line_items' },
  'tax.transaction line_items': { path: '/v1/tax/transactions/{id}/line_items' },
  'treasury.transaction entries': {
    path: '/v1/treasury/transaction_entries',
    query: { financial_account: 'financial_account', transaction: 'id' },
  },
};

/** Embedded lists whose items cannot be listed from the object that holds them, and why. */
const withoutEndpoint: Readonly<Record<string, string>> = {
  'financial_connections.account_ownership owners':
    'an ownership does not name the account whose owners it has; they are the stream financial_connections_account_owners',
};

/** Every list whose endpoint is known, by kind of the object that holds it and the field in it, with a space between. */
export const embeddedLists: ReadonlyMap<string, EmbeddedList> = new Map([
  ...catalog.flatMap(listsOfChild),
  ...Object.entries(withoutStream),
]);

/**
 * The endpoint that lists what an object of this kind embeds at this field (names with dots: `computed.upfront.line_items`).
 * Undefined for a list that Stripe does not document, or that has no endpoint of its own.
 */
export function embeddedListOf(kind: string, field: string): EmbeddedList | undefined {
  return embeddedLists.get(`${kind} ${field}`);
}

/** Why a list that Stripe documents has no endpoint of its own; undefined for any other. */
export function whyNoEndpoint(kind: string, field: string): string | undefined {
  return withoutEndpoint[`${kind} ${field}`];
}

/** What the literal of a child says about the list that its parent embeds. Several children may read one list. */
function listsOfChild({ path, params, parent }: StreamDefinition): readonly (readonly [string, EmbeddedList])[] {
  if (parent?.embeddedIn === undefined) return [];
  const list = { path, ...(parent.query && { query: parent.query }), ...(params && { params }) };
  return kindsOf(parent.stream).map((kind) => [`${kind} ${parent.embeddedIn}`, list]);
}
