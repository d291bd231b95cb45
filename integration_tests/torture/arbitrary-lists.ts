import fc from 'fast-check';
import { share, weighted } from './arbitrary-parts.js';
import type { EmbeddedPlan, ListPlan, ShapeName, StragglerPlan } from './scenario.js';
import { definitionOf } from './world.js';

/**
 * A top-level list with the streams that are read from it. If each parent costs requests of its own, few parents
 * suffice.
 */
export interface FamilyChoice {
  readonly streams: readonly [root: string, ...children: string[]];
  readonly isCostly?: true;
  /** Whether users choose the ids of its objects. */
  readonly hasChosenIds?: true;
}

/** One list of each kind that the engine treats in its own way. */
export const FAMILIES: readonly FamilyChoice[] = [
  { streams: ['charges'] },
  { streams: ['balance_transactions'] },
  { streams: ['invoice_items'] },
  { streams: ['payment_methods'] },
  { streams: ['events'] },
  { streams: ['transactions'] },
  { streams: ['coupons'], hasChosenIds: true },
  { streams: ['v2_money_management_transactions'] },
  { streams: ['invoices', 'invoice_line_items'] },
  { streams: ['subscriptions', 'subscription_items'] },
  { streams: ['credit_notes', 'credit_note_line_items'] },
  { streams: ['quotes', 'quote_line_items'] },
  { streams: ['payment_intents', 'payment_intent_amount_details_line_items'] },
  { streams: ['customers', 'customer_sources', 'customer_balance_transactions'], isCostly: true },
  { streams: ['payouts', 'payout_balance_transactions'], isCostly: true },
  { streams: ['products', 'product_features'], isCostly: true, hasChosenIds: true },
  { streams: ['accounts', 'external_account_bank_accounts', 'persons'], isCostly: true },
  { streams: ['v2_core_accounts', 'v2_core_account_persons'], isCostly: true },
];

const SHAPES: readonly ShapeName[] = [
  'uniform',
  'growing',
  'bursty',
  'one_second',
  'two_seconds',
  'recent',
  'empty_years',
  'edges',
  'dense',
  'dense',
];

const usualRows = weighted<number>(
  [4, fc.constantFrom(0, 1, 99, 100, 101)],
  [2, fc.integer({ min: 2, max: 98 })],
  [5, fc.integer({ min: 102, max: 420 })],
);
const manyRows = weighted<number>([150, usualRows], [1, fc.constant(10_000)]);
/** Enough rows for slices to be split. */
const denseRows = fc.integer({ min: 400, max: 1100 });
const fewRows = weighted<number>(
  [2, fc.constantFrom(0, 1, 3)],
  [3, fc.integer({ min: 4, max: 45 })],
  [1, fc.constant(101)],
);

const usualItems = weighted<number>(
  [3, fc.constant(0)],
  [1, fc.constantFrom(11, 100, 101, 250)],
  [1, fc.integer({ min: 300, max: 1300 })],
);

/** More items than one record may hold. Only for a list whose items the sandbox makes fast. */
const BEYOND_ALL_BOUNDS = 10_500;

function itemsOf(name: string): fc.Arbitrary<number> {
  return name === 'subscriptions' ? weighted([40, usualItems], [1, fc.constant(BEYOND_ALL_BOUNDS)]) : usualItems;
}

/**
 * If Stripe documents no order, a list may have any: it is out of order everywhere, by a position or two up to half of
 * the list. A single object out of order in such a list could not be noticed by a reader who sees only some pages.
 */
function latenessOf(shape: ShapeName): fc.Arbitrary<ListPlan['late']> {
  if (shape === 'dense') return fc.record({ oneIn: fc.constantFrom(5, 31), by: fc.constantFrom(60, 300) });
  return fc.option(fc.record({ oneIn: fc.constantFrom(2, 7, 31), by: fc.constantFrom(2, 300, 86_400, 10_000_000) }));
}

const straggler: fc.Arbitrary<StragglerPlan | null> = weighted<StragglerPlan | null>(
  [1, fc.constant(null)],
  [1, fc.record({ page: fc.constantFrom(1, 1, 1, 2, 3, 5), rank: share })],
);

const embedded: fc.Arbitrary<EmbeddedPlan> = fc.record({
  items: weighted<EmbeddedPlan['items']>(
    [3, fc.constant('first')],
    [2, fc.constant('last')],
    [1, fc.constant('stale')],
  ),
  url: weighted<EmbeddedPlan['url']>([4, fc.constant('right')], [1, fc.constantFrom('nowhere', 'template')]),
});

/** Ids that a path cannot hold as they are, that are another path, or that other languages take for nothing. */
const CHOSEN = ['.', '..', 'a/b', '../charges', 'a?b', '#', '%2e%2e', '%2F', ' ', '0', 'null', 'undefined', 'ü', '-'];

const chosenIds = fc.uniqueArray(fc.constantFrom(...CHOSEN), { maxLength: 6 });

/** Any top-level list. */
export function listOf({ streams: [name, ...children], isCostly, hasChosenIds }: FamilyChoice): fc.Arbitrary<ListPlan> {
  const rows = isCostly ? fewRows : children.length > 0 ? usualRows : manyRows;
  const { newestFirst } = definitionOf(name);
  return fc.constantFrom(...SHAPES).chain((shape) =>
    fc.record({
      name: fc.constant(name),
      rows: shape === 'dense' && !isCostly ? denseRows : rows,
      shape: fc.constant(shape),
      late: newestFirst ? fc.constant(null) : latenessOf(shape),
      items: fc.integer({ min: 0, max: 3 }),
      many: itemsOf(name),
      embedded,
      isExpanded: fc.boolean(),
      straggler: newestFirst ? straggler : fc.constant(null),
      chosenIds: hasChosenIds ? chosenIds : fc.constant([]),
    }),
  );
}
