import { describe, expect, it } from 'vitest';
import { loadPackage } from '../../scripts/stripe/known.js';
import { disagreements } from '../../scripts/stripe/review.js';
import { areas, catalog, streamOfKind } from '../../src/streams/catalog.js';
import {
  hasCreatedFilter,
  isExpected,
  isIncremental,
  kindsOf,
  needsDateFilter,
  productOf,
  retrievePathOf,
  type StreamDefinition,
  unmet,
} from '../../src/streams/definition.js';
import { eventTypesOf } from '../../src/streams/events.js';
import { formerStreams, notStreams } from '../../src/streams/not-streams.js';

const stripe = loadPackage();
const read = new Set(catalog.map(({ path }) => path));

function streamOf(name: string): StreamDefinition {
  const stream = catalog.find((each) => each.name === name);
  if (!stream) throw new Error(`There is no stream ${name}`);
  return stream;
}

describe('the catalog', () => {
  it('has each stream once, in one area', () => {
    const names = areas.flatMap(({ streams }) => streams.map(({ name }) => name));
    expect(new Set(names).size).toBe(names.length);
    expect(catalog.map(({ name }) => name)).toEqual([...names].sort());
  });

  it('reads at least 112 lists of API v1', () => {
    expect([...read].filter((path) => path.startsWith('/v1/')).length).toBeGreaterThanOrEqual(112);
  });

  it('every list of the stripe package is a stream, or the reason why not is written down', () => {
    const forgotten = [...stripe.lists.keys()].filter((path) => !read.has(path) && !(path in notStreams));
    expect(forgotten).toEqual([]);
  });

  it('reasons are given only for lists that exist and are not streams', () => {
    const paths = Object.keys(notStreams);
    expect(paths.filter((path) => read.has(path) || !stripe.lists.has(path))).toEqual([]);
    expect(Object.keys(formerStreams).filter((path) => read.has(path) || stripe.lists.has(path))).toEqual([]);
  });

  it("every stream of Airbyte's source-stripe that Stripe still has is in the catalog", () => {
    expect(AIRBYTE.filter((name) => !catalog.some((stream) => stream.name === name))).toEqual([]);
  });

  it('every parent is a stream of the catalog, and none is itself a child', () => {
    const parents = catalog.flatMap(({ parent }) => parent?.stream ?? []);
    expect(parents.filter((parent) => !catalog.includes(parent) || parent.parent)).toEqual([]);
  });
});

describe.each(catalog)('$name', (stream) => {
  it('the literal is as the stripe package has it', () => {
    expect(disagreements(stream, stripe)).toEqual([]);
  });
});

describe('disagreements', () => {
  const charges = streamOf('charges');
  const lineItems = streamOf('invoice_line_items');
  const items = streamOf('subscription_items');
  const edge = { stream: streamOf('invoices') };

  it.each<[string, StreamDefinition, RegExp]>([
    ['a path that no list has', { ...charges, path: '/v1/charge' }, /not a list/],
    ['a kind that the list does not have', { ...charges, object: 'refund' }, /kind refund/],
    ['a filter that exists', { ...charges, createdFilter: false }, /read whole/],
    ['a filter that does not exist', { ...streamOf('quotes'), createdFilter: undefined as never }, /cannot be cut/],
    ['a cursor that the rows do not have', { ...charges, cursorField: 'date' }, /cannot be cut by date/],
    ['an order that is documented', { ...charges, newestFirst: undefined as never }, /newest first, as documented/],
    ['an order by another field', { ...streamOf('invoice_items'), newestFirst: true }, /undocumented/],
    ['an order that is not documented', { ...streamOf('disputes'), newestFirst: true }, /undocumented/],
    ['a parameter that the list does not take', { ...charges, params: { status: 'all' } }, /sends status/],
    ['a parameter that is required', { ...streamOf('tax_locations'), params: {} }, /does not send type/],
    ['pages', { ...streamOf('account_capabilities'), paginates: undefined as never }, /asks for pages/],
    ['an event that does not exist', { ...charges, events: ['charge.forgotten'] }, /charge\.forgotten/],
    ['an event that carries something else', { ...charges, events: ['charge.dispute.*'] }, /charge\.dispute/],
    ['a key that the rows do not have', { ...lineItems, primaryKey: ['invoice_name'] }, /primary key/],
    ['a list that the parent does not embed', { ...lineItems, parent: { ...edge, embeddedIn: 'items' } }, /embeds in/],
    ['a list of other objects', { ...lineItems, parent: { ...edge, embeddedIn: 'payments' } }, /embeds in payments/],
    ['a field that the parent does not have', { ...lineItems, parent: { ...edge, copy: { a: 'b' } } }, /needs b/],
    ['a path that gives no object', { ...charges, retrieve: '/v1/charges/one/{id}' }, /reads a row again/],
    ['a path that gives another object', { ...charges, retrieve: '/v1/refunds/{id}' }, /does not give objects/],
    ['a path that is not said', { ...streamOf('persons'), retrieve: undefined as never }, /does not say how/],
    ['a path that is denied', { ...charges, retrieve: false }, /does not say how/],
    ['a path with a field too many', { ...charges, retrieve: '/v1/charges/{ids}' }, /needs ids/],
    ['nothing about the parent', { ...items, parent: { stream: streamOf('subscriptions') } }, /whose list/],
  ])('the comparison with the stripe package notices %s', (_, stream, complaint) => {
    expect(disagreements(stream, stripe).join('\n')).toMatch(complaint);
  });
});

describe('the events of a stream', () => {
  it.each([
    ['refunds', ['charge.refund.updated', 'refund.created', 'refund.failed', 'refund.updated']],
    ['customer_tax_ids', ['customer.tax_id.created', 'customer.tax_id.deleted', 'customer.tax_id.updated']],
    ['tax_ids', []],
    ['balance_transactions', []],
    [
      'external_account_cards',
      ['account.external_account.created', 'account.external_account.deleted', 'account.external_account.updated'],
    ],
  ])('a change of a row of %s is announced by the events %j', (name, types) => {
    expect(eventTypesOf(streamOf(name))).toEqual(types);
  });

  it('the events of an invoice that is only a preview announce no change', () => {
    expect(eventTypesOf(streamOf('invoices'))).toContain('invoice.updated');
    expect(eventTypesOf(streamOf('invoices'))).not.toContain('invoice.upcoming');
  });
});

describe('the path that gives a row again', () => {
  it.each([
    ['charges', '/v1/charges/{id}'],
    ['persons', '/v1/accounts/{account}/persons/{id}'],
    ['subscription_items', '/v1/subscription_items/{id}'],
    ['customer_sources', '/v1/customers/{customer}/sources/{id}'],
    ['invoice_line_items', undefined],
    ['setup_attempts', undefined],
    ['apps_secrets', undefined],
  ])('a row of %s is read again at %s', (name, path) => {
    expect(retrievePathOf(streamOf(name))).toBe(path);
  });

  it('only the kinds that Stripe does not return by id have no path to read a row again', () => {
    const without = catalog.filter((stream) => retrievePathOf(stream) === undefined);
    expect([...new Set(without.flatMap(kindsOf))].sort()).toEqual([
      'apps.secret',
      'credit_note_line_item',
      'financial_connections.account_owner',
      'item',
      'line_item',
      'payment_intent_amount_details_line_item',
      'setup_attempt',
    ]);
  });
});

describe('the stream of a kind', () => {
  it.each([
    ['invoice', 'invoices'],
    ['payment_method', 'payment_methods'],
    ['v2.core.account', 'v2_core_accounts'],
    ['issuing.card', 'cards'],
    ['line_item', undefined],
    ['bank_account', undefined],
    ['balance_transaction', 'balance_transactions'],
  ])('objects of kind %s are all listed by the stream %s', (kind, name) => {
    expect(streamOfKind(kind)?.name).toBe(name);
  });
});

describe('the product of Stripe that a list needs', () => {
  it('a list needs the product of its literal, or that of its parent', () => {
    const products = ['cards', 'issuing_tokens', 'treasury_transactions', 'v2_core_account_persons'];
    expect(products.map((name) => productOf(streamOf(name)))).toEqual([
      'Issuing',
      'Issuing',
      'Treasury',
      'Accounts v2',
    ]);
  });

  it('lists below the same path need the same product', () => {
    const below = (path: string) => new Set(catalog.filter((each) => each.path.startsWith(path)).map(productOf));
    for (const path of [
      '/v1/issuing/',
      '/v1/treasury/',
      '/v1/identity/',
      '/v2/money_management/',
      '/v2/core/accounts',
    ]) {
      expect([...below(path)], path).toEqual([expect.any(String)]);
    }
  });

  it('a list that every account has needs no product', () => {
    const inAll = catalog.filter((stream) => productOf(stream) === undefined).map(({ name }) => name);
    expect(inAll).toEqual(expect.arrayContaining(['charges', 'customers', 'invoices', 'transfers', 'payouts']));
    const needy = catalog.filter((stream) => productOf(stream) !== undefined).map(({ path }) => path.split('/')[2]);
    expect([...new Set(needy)].sort()).toEqual([
      'accounts',
      'application_fees',
      'core',
      'forwarding',
      'identity',
      'issuing',
      'money_management',
      'sigma',
      'test_helpers',
      'treasury',
    ]);
  });
});

describe('what a payout contains', () => {
  const only = streamOf('payout_balance_transactions').parent?.only;
  if (!only) throw new Error('no condition');

  it.each([
    [{ reconciliation_status: 'completed', automatic: true }, undefined],
    [{ reconciliation_status: 'in_progress', automatic: true }, /not yet recorded/],
    [{ reconciliation_status: 'not_applicable', automatic: true }, /manual payout/],
    [{ reconciliation_status: 'unheard_of', automatic: true }, /reconciliation_status is unheard_of/],
    [{ automatic: true }, undefined],
    [{ automatic: false }, /manual payout/],
  ])('what a payout contains is listed for %j unless there is a reason: %s', (payout: Record<
    string,
    unknown
  >, reason) => {
    const why = unmet(only, (path) => payout[path]);
    if (reason) expect(why).toMatch(reason);
    else expect(why).toBeUndefined();
  });

  it('a reason is expected unless Stripe says something new', () => {
    const whys = ['in_progress', 'not_applicable', 'unheard_of'].map((value) => unmet(only, () => value) ?? '');
    expect(whys.map((why) => isExpected(only, why))).toEqual([true, true, false]);
  });
});

describe('the created filter', () => {
  const filtered = ['charges', 'invoice_items', 'reviews'].map(streamOf);
  const whole = ['quotes', 'product_catalog_trial_offers'].map(streamOf);
  const children = ['setup_attempts', 'invoice_line_items'].map(streamOf);

  it('the created filter is missing on children and on lists that Stripe cannot filter', () => {
    expect(filtered.every(hasCreatedFilter)).toBe(true);
    expect([...whole, ...children].some(hasCreatedFilter)).toBe(false);
  });

  it('a stream is incremental where its list has the created filter', () => {
    expect(filtered.every(isIncremental)).toBe(true);
    expect([...whole, ...children].some(isIncremental)).toBe(false);
  });

  it('rows need our date filter where their list has no created filter', () => {
    expect(filtered.some(needsDateFilter)).toBe(false);
    expect(whole.every(needsDateFilter)).toBe(true);
  });
});

/** The streams of Airbyte's source-stripe, except usage_records, which Stripe no longer has. */
const AIRBYTE = [
  'accounts',
  'application_fees',
  'application_fees_refunds',
  'authorizations',
  'balance_transactions',
  'bank_accounts',
  'cardholders',
  'cards',
  'charges',
  'checkout_sessions',
  'checkout_sessions_line_items',
  'coupons',
  'credit_notes',
  'customer_balance_transactions',
  'customers',
  'disputes',
  'early_fraud_warnings',
  'events',
  'external_account_bank_accounts',
  'external_account_cards',
  'file_links',
  'files',
  'invoice_items',
  'invoice_line_items',
  'invoice_payments',
  'invoices',
  'payment_intents',
  'payment_methods',
  'payout_balance_transactions',
  'payouts',
  'persons',
  'plans',
  'prices',
  'products',
  'promotion_codes',
  'refunds',
  'reviews',
  'setup_attempts',
  'setup_intents',
  'shipping_rates',
  'subscription_items',
  'subscription_schedule',
  'subscriptions',
  'top_ups',
  'transactions',
  'transfer_reversals',
  'transfers',
];
