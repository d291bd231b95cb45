import fc from 'fast-check';
import type { Fault } from '../sandbox/faults.js';
import { share, weighted } from './arbitrary-parts.js';
import type { FaultPlan, Target } from './scenario.js';

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

/** What Stripe says of products that an account does not have, and what only sounds like it. */
const WORDINGS = [
  'Your account is not set up to use Issuing. Please visit https://dashboard.stripe.com/issuing/overview to get started.',
  'Apple Pay is not enabled for this currency.',
  'This feature is not enabled for your account.',
  'Unrecognized request URL (GET: /v1/charges). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.',
  'You do not have access to this list for the moment.',
] as const;

const advised = fc
  .constantFrom(429, 500, 503)
  .map(
    (status): FaultKind =>
      status === 429
        ? { kind: '429', shouldRetry: false }
        : { kind: 'status', status, headers: { 'Stripe-Should-Retry': 'false' } },
  );

const faultKind: fc.Arbitrary<FaultKind> = weighted<FaultKind>(
  [3, fc.constantFrom(...REASONS).map((reason) => ({ kind: '429', reason }) as const)],
  [1, fc.constant({ kind: '429', retryAfter: 1 })],
  [2, advised],
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
  [2, fc.constantFrom(...WORDINGS).map((message) => ({ kind: 'product_unavailable', message }) as const)],
  [1, fc.constantFrom(...WORDINGS).map((message) => ({ kind: 'status', status: 404, message }) as const)],
);

export const FOR_EVER = 1_000_000;

const ANY_LIST: Target = { kind: 'list' };

/** A fault of any request of a list, or of all of them. */
function ofLists(streams: number): fc.Arbitrary<FaultPlan> {
  return fc
    .record({
      kind: faultKind,
      after: weighted<number>([3, fc.integer({ min: 0, max: 5 })], [1, fc.integer({ min: 6, max: 40 })]),
      times: weighted<number>([4, fc.constant(1)], [1, fc.constant(2)], [1, fc.constant(FOR_EVER)]),
      stream: weighted<number | null>([1, fc.constant(null)], [3, fc.nat({ max: streams - 1 })]),
    })
    .map(({ kind, after, times, stream }) => ({ fault: { ...kind, after, times } as Fault, stream, target: ANY_LIST }));
}

const refusalKind: fc.Arbitrary<FaultKind> = weighted<FaultKind>(
  [2, fc.constantFrom(400, 403, 500).map((status) => ({ kind: 'status', status }) as const)],
  [1, fc.constant({ kind: 'status', status: 404, code: 'resource_missing' })],
  [1, fc.constantFrom(...WORDINGS).map((message) => ({ kind: 'product_unavailable', message }) as const)],
);

/** One object whose lists or expansion are refused during the whole attempt. */
function ofObjects(streams: number): fc.Arbitrary<FaultPlan> {
  return fc
    .record({ kind: refusalKind, stream: fc.nat({ max: streams - 1 }), rank: share })
    .map(({ kind, stream, rank }) => ({
      fault: { ...kind, times: FOR_EVER } as Fault,
      stream,
      target: { kind: 'lists of', rank },
    }));
}

/** Pages that are refused because of an expand; now and then one of their objects is refused, too. */
function ofExpansions(streams: number): fc.Arbitrary<readonly FaultPlan[]> {
  return fc
    .record({
      after: fc.integer({ min: 0, max: 3 }),
      times: fc.constantFrom(1, 2, FOR_EVER),
      stream: fc.nat({ max: streams - 1 }),
      refused: fc.option(share, { freq: 2 }),
    })
    .map(({ after, times, stream, refused }) => {
      const fault: Fault = { kind: 'status', status: 400, after, times };
      const object: Fault = { kind: 'status', status: 400, times: FOR_EVER };
      const pages: FaultPlan = { fault, stream, target: { kind: 'expanded pages' } };
      if (refused === null) return [pages];
      return [pages, { fault: object, stream, target: { kind: 'expanded object', rank: refused } }];
    });
}

/** All that goes wrong in one attempt. */
export function faultsOf(streams: number): fc.Arbitrary<readonly FaultPlan[]> {
  return weighted<readonly FaultPlan[]>(
    [6, fc.constant([])],
    [4, fc.array(ofLists(streams), { maxLength: 3 })],
    [2, fc.array(ofObjects(streams), { minLength: 1, maxLength: 3 })],
    [1, ofExpansions(streams)],
    [1, fc.tuple(ofObjects(streams), ofLists(streams))],
  );
}
