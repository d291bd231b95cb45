import { catalog } from '../../src/streams/catalog.js';
import type { StreamDefinition } from '../../src/streams/definition.js';
import type { Lateness, Straggler } from '../sandbox/data/collection.js';
import { EMBEDDED_ITEMS } from '../sandbox/data/items.js';
import type { Embedding, Sublist } from '../sandbox/data/model.js';
import type { Seconds, Shape } from '../sandbox/data/timeline.js';
import type { DatedKey } from '../sandbox/inspection.js';
import { KINDS, SUBLISTS } from '../sandbox/kinds/registry.js';
import { type Sandbox, startSandbox } from '../sandbox/sandbox.js';
import type { ListPlan, Scenario } from './scenario.js';

/** When every life begins. It lies in the past, so that the connector goes by its own clock and not by the sandbox's. */
export const NOW: Seconds = 1_750_000_000;

/** Rows of collections that no scenario names. */
const USUAL_ROWS = 5;
const DAY = 86_400;
const YEAR = 365 * DAY;

/** The rows of each stream, in the order of Stripe's lists, children grouped by parent. */
export type History = ReadonlyMap<string, readonly DatedKey[]>;

export function definitionOf(name: string): StreamDefinition {
  const definition = catalog.find((each) => each.name === name);
  if (!definition) throw new Error(`the catalog has no stream ${name}`);
  return definition;
}

/** The top-level list of a stream, or of its parent. */
export function rootOf(definition: StreamDefinition): StreamDefinition {
  return definition.parent?.stream ?? definition;
}

/** The collection to change when a list is to change, because events come by themselves. */
export function collectionOf({ name }: ListPlan): string {
  return name === 'events' ? 'charges' : name;
}

export function build({ seed, jitterMs, lists }: Scenario): Promise<Sandbox> {
  let requests = 0;
  const latencyMs = () => {
    requests += 1;
    return (requests * 7919) % (jitterMs + 1);
  };
  return startSandbox({
    seed,
    now: NOW,
    ...(jitterMs > 0 ? { latencyMs } : {}),
    rows: { ...Object.fromEntries(KINDS.map(({ name }) => [name, USUAL_ROWS])), ...rowsOf(lists) },
    shapes: Object.fromEntries(lists.map((list) => [collectionOf(list), shapeOf(list)])),
    lateness: Object.fromEntries(lists.flatMap(({ name, late }) => (late ? [[name, latenessOf(late)]] : []))),
    children: Object.assign({}, ...lists.map(childrenOf)),
    embedded: Object.fromEntries(lists.flatMap(embeddingsOf)),
    stragglers: Object.fromEntries(lists.map((list) => [list.name, stragglersOf(list)])),
    chosenIds: Object.fromEntries(lists.flatMap(chosenIdsOf)),
  });
}

export function historyOf(sandbox: Sandbox, { streams }: Scenario): History {
  return new Map(streams.map(({ name }) => [name, sandbox.dated(name)]));
}

/** What a payout contains are balance transactions, which have a list of their own, too. */
function rowsOf(lists: readonly ListPlan[]): Readonly<Record<string, number>> {
  const payouts = lists.find(({ name }) => name === 'payouts');
  const invoices = lists.find(({ name, isExpanded }) => name === 'invoices' && isExpanded);
  return {
    ...(invoices ? { invoice_payments: Math.min(MOST_PAYMENTS, PAYMENTS * invoices.rows) } : {}),
    ...(payouts ? { balance_transactions: payouts.rows * payouts.items + payouts.many } : {}),
    ...Object.fromEntries(lists.map((list) => [collectionOf(list), list.rows])),
  };
}

function shapeOf({ name, shape, rows }: ListPlan): Shape {
  if (shape === 'edges') return Array.from({ length: rows }, (_, n) => NOW - (EDGES[n % EDGES.length] ?? 0));
  if (shape === 'dense') return Array.from({ length: rows }, (_, n) => NOW - DENSE_UNTIL - Math.floor(n / IN_A_SECOND));
  if (shape === 'empty_years') return Array.from({ length: rows }, (_, n) => NOW - (n % 2) * 9 * YEAR - DAY - n);
  return name === 'events' ? 'recent' : shape;
}

/** More payments of each invoice than are embedded. */
const PAYMENTS = EMBEDDED_ITEMS + 2;
const MOST_PAYMENTS = 1_000;

/** The lists that belong to objects of a top-level list. */
export function listsOf(name: string): readonly Sublist[] {
  return SUBLISTS.filter(({ parent }) => parent === name);
}

function embeddingsOf({ name, embedded: { items, url } }: ListPlan): readonly (readonly [string, Embedding])[] {
  return listsOf(name).map((list) => [
    list.name,
    { items, ...(url === 'right' ? {} : { url: () => urlIn(list, url) }) },
  ]);
}

/** An address that leads nowhere, as Stripe was seen to give it (2025). */
function urlIn({ parent, path }: Sublist, form: 'nowhere' | 'template'): string {
  const { path: root = '', object = '' } = KINDS.find(({ name }) => name === parent) ?? {};
  const field = path
    .split('/')
    .at(-1)
    ?.replace(/^[a-z]+_/, '');
  return form === 'nowhere' ? `${root}/${field}` : `${root}/:${object}/${field}`;
}

const PAGE = 100;

/** Indices count from the oldest, places from the newest. */
function stragglersOf({ rows, straggler }: ListPlan): readonly Straggler[] {
  if (!straggler) return [];
  const behind = rows - (PAGE * straggler.page - 1);
  const index = Math.floor(straggler.rank * (behind - 1));
  return behind > 0 ? [{ index, behind }] : [];
}

/** Plans are prices, and have the same ids. */
function chosenIdsOf({ name, chosenIds }: ListPlan): readonly (readonly [string, readonly string[]])[] {
  const names = name === 'plans' ? ['plans', 'prices'] : [name];
  return names.map((each) => [each, chosenIds]);
}

/** Each late object is late by a time of its own. */
function latenessOf({ oneIn, by }: NonNullable<ListPlan['late']>): Lateness {
  return (index) => (index % oneIn === oneIn >> 1 ? (index * 104_729) % (by + 1) : 0);
}

/** Dense lists end before the lag of all lists begins. */
const DENSE_UNTIL = 700;
const IN_A_SECOND = 3;

/** Seconds before an attempt, those around the horizon for lags of 60 and 600 s included. */
const EDGES = [0, 1, 58, 59, 60, 61, 62, 598, 599, 600, 601, 602, 3600];

/** Lists of items whose numbers the sandbox knows by names of their own. */
const ITEM_LISTS: Readonly<Record<string, readonly string[]>> = {
  invoices: ['invoiceLines'],
  subscriptions: ['subscriptionItems'],
  products: ['product_features'],
  accounts: ['external_account_bank_accounts', 'persons'],
  credit_notes: ['creditNoteLines'],
  quotes: ['quote_line_items'],
  payment_intents: ['payment_intent_amount_details_line_items'],
  customers: ['bank_accounts', 'customer_sources', 'customer_balance_transactions'],
  v2_core_accounts: ['v2_core_account_persons'],
};

function childrenOf({ name, rows, items, many }: ListPlan): Record<string, (parent: number) => number> {
  const count = (parent: number) => (many > 0 && parent === Math.floor(rows / 2) ? many : (parent * 7) % (items + 1));
  return Object.fromEntries((ITEM_LISTS[name] ?? []).map((list) => [list, count]));
}
