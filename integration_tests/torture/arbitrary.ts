import fc from 'fast-check';
import { faultsOf } from './arbitrary-faults.js';
import { FAMILIES, type FamilyChoice, listOf } from './arbitrary-lists.js';
import { share, weighted } from './arbitrary-parts.js';
import type {
  AccountView,
  ChangePlan,
  Ending,
  ListPlan,
  Scenario,
  Settings,
  StateForm,
  StreamPlan,
  TroubledPlan,
} from './scenario.js';

const streamPlan = (name: string): fc.Arbitrary<StreamPlan> =>
  fc.record({
    name: fc.constant(name),
    mode: weighted<StreamPlan['mode']>([2, fc.constant('incremental')], [1, fc.constant('full_refresh')]),
    namespace: weighted<string | null>([4, fc.constant(null)], [1, fc.constant('one')]),
    destination: weighted<StreamPlan['destination']>([2, fc.constant('append')], [1, fc.constant('overwrite')]),
  });

/** A stream once more, under another namespace. */
const again = (name: string): fc.Arbitrary<StreamPlan | null> =>
  weighted<StreamPlan | null>(
    [8, fc.constant(null)],
    [1, streamPlan(name).map((plan) => ({ ...plan, namespace: 'another' }))],
  );

/** All streams of a list, or some of them. */
function configuredOf(family: FamilyChoice): fc.Arbitrary<{ list: ListPlan; streams: readonly StreamPlan[] }> {
  const streams = fc
    .subarray([...family.streams], { minLength: 1 })
    .chain((names) => fc.tuple(...names.map(streamPlan), ...names.slice(0, 1).map(again)))
    .map((plans) => plans.filter((plan) => plan !== null));
  return fc.record({ list: listOf(family), streams });
}

const families = fc
  .uniqueArray(fc.constantFrom(...FAMILIES), { minLength: 1, maxLength: 2 })
  .chain((chosen) => fc.tuple(...chosen.map(configuredOf)));

const job = weighted<string | null>([3, fc.constant(null)], [3, fc.constant('7')], [1, fc.constant('8')]);

const date = weighted<number | null>([4, fc.constant(null)], [1, share]);

/** Pauses of 60 s bring what was appended "now" to the very second of the next horizon. */
const pause = fc.constantFrom(0, 1, 30, 59, 60, 61, 300, 4000);

const stateForm = weighted<StateForm>(
  [6, fc.constant('messages')],
  [1, fc.constantFrom('texts', 'entry', 'airbyte_state', 'map', 'bookmarks')],
);

const account = weighted<AccountView>([6, fc.constant('seen')], [1, fc.constantFrom('named', 'unnamed', 'other')]);

const settings: fc.Arbitrary<Settings> = fc.record({
  loading: fc.constantFrom('async', 'sync'),
  workers: fc.integer({ min: 1, max: 16 }),
  start: fc.constant(null),
  end: fc.constant(null),
  lookbackDays: weighted<number>([9, fc.constant(0)], [1, fc.constantFrom(1, 200)]),
  job: fc.constant(null),
  pause,
  stateForm,
});

const ending: fc.Arbitrary<Ending> = weighted<Ending>(
  [4, fc.record({ kind: fc.constant('SIGKILL'), share })],
  [2, fc.record({ kind: fc.constant('SIGTERM'), share })],
  [2, fc.constant({ kind: 'itself' })],
);

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
    [2, fc.record({ ...where, kind: fc.constant('remove_item') })],
  );
};

const troubled = (streams: number, lists: number): fc.Arbitrary<TroubledPlan> =>
  fc
    .record({
      settings,
      ending,
      account,
      faults: faultsOf(streams),
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
/** Longer than any stream's lag, so that everything appended before must be read. */
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
