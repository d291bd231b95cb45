import fc from 'fast-check';
import type { Fault } from '../sandbox/faults.js';
import type {
  ChangePlan,
  Ending,
  FaultPlan,
  ListPlan,
  Scenario,
  Settings,
  ShapeName,
  StreamPlan,
  TroubledPlan,
} from './scenario.js';
import { definitionOf } from './world.js';

/** A top-level list with the streams that live on it. Where each parent costs requests of its own, few parents suffice. */
interface FamilyChoice {
  readonly streams: readonly [root: string, ...children: string[]];
  readonly isCostly?: true;
}

/** One of each kind that the engine treats in a way of its own. */
const FAMILIES: readonly FamilyChoice[] = [
  { streams: ['charges'] },
  { streams: ['balance_transactions'] },
  { streams: ['invoice_items'] },
  { streams: ['payment_methods'] },
  { streams: ['events'] },
  { streams: ['v2_money_management_transactions'] },
  { streams: ['invoices', 'invoice_line_items'] },
  { streams: ['credit_notes', 'credit_note_line_items'] },
  { streams: ['quotes', 'quote_line_items'] },
  { streams: ['payment_intents', 'payment_intent_amount_details_line_items'] },
  { streams: ['customers', 'customer_sources', 'customer_balance_transactions'], isCostly: true },
  { streams: ['payouts', 'payout_balance_transactions'], isCostly: true },
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

const share = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);

function weighted<T>(...choices: readonly (readonly [weight: number, arbitrary: fc.Arbitrary<T>])[]): fc.Arbitrary<T> {
  return fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

const usualRows = weighted<number>(
  [4, fc.constantFrom(0, 1, 99, 100, 101)],
  [2, fc.integer({ min: 2, max: 98 })],
  [5, fc.integer({ min: 102, max: 420 })],
);
const manyRows = weighted<number>([150, usualRows], [1, fc.constant(10_000)]);
/** So many that slices are split. */
const denseRows = fc.integer({ min: 400, max: 1100 });
const fewRows = weighted<number>(
  [2, fc.constantFrom(0, 1, 3)],
  [3, fc.integer({ min: 4, max: 45 })],
  [1, fc.constant(101)],
);

/** Where Stripe documents no order: many or few objects, by a place or two up to half of the list. */
function latenessOf(shape: ShapeName): fc.Arbitrary<ListPlan['late']> {
  if (shape === 'dense') return fc.record({ oneIn: fc.constantFrom(31, 149), by: fc.constantFrom(60, 300) });
  return fc.option(fc.record({ oneIn: fc.constantFrom(7, 149), by: fc.constantFrom(2, 300, 86_400, 10_000_000) }));
}

function listOf({ streams: [name, ...children], isCostly }: FamilyChoice): fc.Arbitrary<ListPlan> {
  const rows = isCostly ? fewRows : children.length > 0 ? usualRows : manyRows;
  return fc.constantFrom(...SHAPES).chain((shape) =>
    fc.record({
      name: fc.constant(name),
      rows: shape === 'dense' && !isCostly ? denseRows : rows,
      shape: fc.constant(shape),
      late: definitionOf(name).newestFirst ? fc.constant(null) : latenessOf(shape),
      items: fc.integer({ min: 0, max: 3 }),
      many: weighted<number>(
        [3, fc.constant(0)],
        [1, fc.constantFrom(11, 100, 101, 250)],
        [1, fc.integer({ min: 300, max: 1300 })],
      ),
    }),
  );
}

const streamPlan = (name: string): fc.Arbitrary<StreamPlan> =>
  fc.record({
    name: fc.constant(name),
    mode: weighted<StreamPlan['mode']>([2, fc.constant('incremental')], [1, fc.constant('full_refresh')]),
  });

/** A family with all of its streams, or with some. */
function configuredOf(family: FamilyChoice): fc.Arbitrary<{ list: ListPlan; streams: readonly StreamPlan[] }> {
  const streams = fc
    .subarray([...family.streams], { minLength: 1 })
    .chain((names) => fc.tuple(...names.map(streamPlan)));
  return fc.record({ list: listOf(family), streams });
}

const families = fc
  .uniqueArray(fc.constantFrom(...FAMILIES), { minLength: 1, maxLength: 2 })
  .chain((chosen) => fc.tuple(...chosen.map(configuredOf)));

const job = weighted<string | null>([3, fc.constant(null)], [3, fc.constant('7')], [1, fc.constant('8')]);

const date = weighted<number | null>([4, fc.constant(null)], [1, share]);

/** Pauses of 60 s bring what was appended "now" to the very second of the next horizon. */
const pause = fc.constantFrom(0, 1, 30, 59, 60, 61, 300, 4000);

const settings: fc.Arbitrary<Settings> = fc.record({
  loading: fc.constantFrom('async', 'sync'),
  workers: fc.integer({ min: 1, max: 16 }),
  start: fc.constant(null),
  end: fc.constant(null),
  lookbackDays: weighted<number>([9, fc.constant(0)], [1, fc.constantFrom(1, 200)]),
  job: fc.constant(null),
  pause,
});

const ending: fc.Arbitrary<Ending> = weighted<Ending>(
  [4, fc.record({ kind: fc.constant('SIGKILL'), share })],
  [2, fc.record({ kind: fc.constant('SIGTERM'), share })],
  [2, fc.constant({ kind: 'itself' })],
);

type FaultKind = {
  [K in Fault['kind']]: Omit<Extract<Fault, { kind: K }>, 'match' | 'times' | 'after'>;
}[Fault['kind']];

const REASONS = [
  'global-rate',
  'endpoint-rate',
  'global-concurrency',
  'endpoint-concurrency',
  'resource-specific',
] as const;

const faultKind: fc.Arbitrary<FaultKind> = weighted<FaultKind>(
  [3, fc.constantFrom(...REASONS).map((reason) => ({ kind: '429', reason }) as const)],
  [1, fc.constant({ kind: '429', retryAfter: 1 })],
  [1, fc.constant({ kind: 'lock_timeout' })],
  [2, fc.constantFrom(500, 503, 409, 400).map((status) => ({ kind: 'status', status }) as const)],
  [2, fc.constant({ kind: 'reset' })],
  [2, fc.boolean().map((chunked) => ({ kind: 'cut', chunked }) as const)],
  [1, fc.constant({ kind: 'html' })],
  [1, fc.constant({ kind: 'not_json' })],
  [3, fc.constant({ kind: 'empty' })],
  [1, fc.constant({ kind: 'same_page' })],
  [1, fc.constant({ kind: 'foreign_item' })],
  [1, fc.constant({ kind: 'no_permission' })],
);

const FOR_EVER = 1_000_000;

const faultPlan = (streams: number): fc.Arbitrary<FaultPlan> =>
  fc
    .record({
      kind: faultKind,
      after: weighted<number>([3, fc.integer({ min: 0, max: 5 })], [1, fc.integer({ min: 6, max: 40 })]),
      times: weighted<number>([4, fc.constant(1)], [1, fc.constant(2)], [1, fc.constant(FOR_EVER)]),
      stream: weighted<number | null>([1, fc.constant(null)], [3, fc.nat({ max: streams - 1 })]),
    })
    .map(({ kind, after, times, stream }) => ({ fault: { ...kind, after, times } as Fault, stream }));

const changePlan = (lists: number): fc.Arbitrary<ChangePlan> => {
  const where = {
    at: weighted<number>([3, fc.integer({ min: 0, max: 5 })], [1, fc.integer({ min: 6, max: 30 })]),
    list: fc.nat({ max: lists - 1 }),
  };
  return weighted<ChangePlan>(
    [
      3,
      fc.record({
        ...where,
        kind: fc.constant('append'),
        count: fc.constantFrom(1, 2, 5, 120),
        ago: fc.constantFrom(0, 0, 0.02, 0.5, 0.9, 1),
      }),
    ],
    [1, fc.record({ ...where, kind: fc.constant('remove'), rank: share })],
    [3, fc.record({ ...where, kind: fc.constant('remove_cursor') })],
    [2, fc.record({ ...where, kind: fc.constant('lose_item') })],
  );
};

const troubled = (streams: number, lists: number): fc.Arbitrary<TroubledPlan> =>
  fc
    .record({
      settings,
      ending,
      faults: weighted<readonly FaultPlan[]>([3, fc.constant([])], [2, fc.array(faultPlan(streams), { maxLength: 3 })]),
      changes: weighted<readonly ChangePlan[]>(
        [1, fc.constant([])],
        [2, fc.array(changePlan(lists), { maxLength: 4 })],
      ),
    })
    .map(({ settings, ...trouble }) => ({ ...settings, ...trouble }));

/** What stays the same for a whole life, or changes from one attempt to the next. */
const course = (length: number) => {
  const dates = fc.record({ start: date, end: date });
  const none = fc.constant({ start: null, end: null });
  return fc.record({
    dates: weighted<readonly { start: number | null; end: number | null }[]>(
      [5, none.map((each) => Array(length).fill(each))],
      [2, dates.map((each) => Array(length).fill(each))],
      [2, fc.array(dates, { minLength: length, maxLength: length })],
    ),
    jobs: weighted<readonly (string | null)[]>(
      [1, job.map((each) => Array(length).fill(each))],
      [1, fc.array(job, { minLength: length, maxLength: length })],
    ),
  });
};

const CALM = 2;
/** Longer than any stream's lag: what was appended before is then to be read. */
const LONGEST_PAUSE = 700;

/** Any life of a connection. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .tuple(families, fc.integer({ min: 1, max: 5 }))
  .chain(([configured, length]) =>
    fc.record({
      seed: fc.integer({ min: 1, max: 1_000_000 }),
      jitterMs: weighted<number>([3, fc.constant(0)], [1, fc.integer({ min: 1, max: 150 })]),
      lists: fc.constant(configured.map(({ list }) => list)),
      streams: fc.constant(configured.flatMap(({ streams }) => streams).slice(0, 4)),
      attempts: fc.array(
        troubled(Math.min(4, configured.flatMap(({ streams }) => streams).length), configured.length),
        {
          minLength: length,
          maxLength: length,
        },
      ),
      calm: fc.tuple(settings, settings),
      course: course(length + CALM),
    }),
  )
  .map(({ course: { dates, jobs }, attempts, calm: [first, second], ...rest }) => {
    const along = <T extends Settings>(plan: T, index: number): T => ({
      ...plan,
      ...(dates[index] ?? {}),
      ...(rest.lists[0]?.shape === 'dense' ? { start: dates[index]?.start ?? 0 } : {}),
      job: jobs[index] ?? null,
    });
    return {
      ...rest,
      attempts: attempts.map(along),
      calm: [along(first, attempts.length), along({ ...second, pause: LONGEST_PAUSE }, attempts.length + 1)],
    };
  });
