import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadPackage } from '../../scripts/stripe/known.js';
import { embeddedDisagreements } from '../../scripts/stripe/review.js';
import { embeddedListOf, embeddedLists, whyNoEndpoint } from '../../src/streams/embedded-lists.js';

const stripe = loadPackage();

describe('the endpoint of a list that Stripe embeds in an object', () => {
  it('every embedded list of the stripe package has a known endpoint, which is as the package has it', () => {
    expect(stripe.embedded.length).toBeGreaterThan(20);
    expect(embeddedDisagreements(embeddedLists, stripe)).toEqual([]);
  });

  it.each([
    ['invoice', 'lines', { path: '/v1/invoices/{id}/lines' }],
    ['invoice', 'payments', { path: '/v1/invoice_payments', query: { invoice: 'id' } }],
    ['customer', 'sources', { path: '/v1/customers/{id}/sources' }],
    ['subscription', 'items', { path: '/v1/subscription_items', query: { subscription: 'id' } }],
    ['quote', 'computed.upfront.line_items', { path: '/v1/quotes/{id}/computed_upfront_line_items' }],
    ['payment_intent', 'charges', { path: '/v1/charges', query: { payment_intent: 'id' } }],
  ])('the list in an object of kind %s at %s has the endpoint %j', (kind, field, list) => {
    expect(embeddedListOf(kind, field)).toEqual(list);
  });

  it('the same field in an object of another kind has another endpoint, or none', () => {
    expect(embeddedListOf('customer', 'items')).toBeUndefined();
    expect(embeddedListOf('invoice', 'line_items')).toBeUndefined();
  });

  it('a list has no endpoint where the object does not say enough, and the reason is written down', () => {
    const [kind, field] = ['financial_connections.account_ownership', 'owners'];
    expect(embeddedListOf(kind, field)).toBeUndefined();
    expect(whyNoEndpoint(kind, field)).toMatch(/does not name the account/);
    expect(whyNoEndpoint('invoice', 'lines')).toBeUndefined();
  });
});

describe('the review of embedded lists', () => {
  it.each([
    ['a list that is forgotten', undefined, /no endpoint is known/],
    ['a path that no list has', { path: '/v1/refund' }, /does not have both/],
    ['a list of other objects', { path: '/v1/charges' }, /does not list any refund/],
    ['a parameter that the list does not take', { path: '/v1/refunds', query: { card: 'id' } }, /does not take card/],
    ['a parameter that the list requires', { path: '/v1/subscription_items' }, /requires subscription/],
    ['a field that the object does not have', { path: '/v1/refunds', query: { charge: 'ids' } }, /has no ids/],
  ])('the review of embedded lists notices %s', (_, list, complaint) => {
    const table = new Map([...embeddedLists].filter(([name]) => name !== 'charge refunds'));
    if (list) table.set('charge refunds', list);
    expect(embeddedDisagreements(table, stripe).join('\n')).toMatch(complaint);
  });
});

/** Every embedded list as the reference has it, with its endpoint; not part of the repository. */
const reference = new URL('../../../shared/stripe/nested-lists.json', import.meta.url);

describe.runIf(existsSync(reference))("Stripe's reference", () => {
  const { objects } = existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : { objects: {} };
  const lists = Object.entries<{ embedded_lists: readonly { path: string; complete_with: string }[] }>(objects).flatMap(
    ([kind, { embedded_lists }]) =>
      embedded_lists.map(({ path, complete_with }) => [kind, path, complete_with] as const),
  );

  it.each(lists)('the reference has the same endpoint for kind %s and field %s: %s', (kind, field, where) => {
    const [path = '', query = ''] = (where.split(' ')[0] ?? '').split('?');
    if (whyNoEndpoint(kind, field) !== undefined) return;
    const list = embeddedListOf(kind, field);
    expect(list?.path).toBe(path.replace(/\{\w+\}/, '{id}'));
    const sent = new Set([...new URLSearchParams(query).keys()].filter((name) => name !== 'status'));
    expect(new Set(Object.keys(list?.query ?? {}))).toEqual(sent);
  });
});
