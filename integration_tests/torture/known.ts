import { FOR_EVER } from './arbitrary-faults.js';
import type { ChangePlan, FaultPlan, ListPlan, Scenario, Settings, StreamPlan, TroubledPlan } from './scenario.js';

/** A life in which rows were lost once, or the report about it was wrong. */
export interface KnownLife {
  readonly title: string;
  readonly scenario: Scenario;
}

const CALM: Settings = {
  loading: 'async',
  workers: 4,
  start: null,
  end: null,
  lookbackDays: 0,
  job: null,
  pause: 60,
  stateForm: 'messages',
};

const LIST: Omit<ListPlan, 'name'> = {
  rows: 45,
  shape: 'uniform',
  late: null,
  items: 3,
  many: 0,
  embedded: { items: 'first', url: 'right' },
  isExpanded: false,
  straggler: null,
  chosenIds: [],
};

type Given = Partial<Omit<ListPlan, 'name'>> & {
  readonly list: string;
  readonly children?: readonly string[];
  readonly stream?: Partial<StreamPlan>;
  readonly attempt?: Partial<TroubledPlan>;
  readonly calm?: Partial<Settings>;
  /** How many attempts without trouble there are before. */
  readonly after?: number;
};

/** One list with its streams, one attempt with trouble, and then two without. */
function life(
  title: string,
  { list: name, children = [], stream, attempt, calm, after = 0, ...list }: Given,
): KnownLife {
  const settings = { ...CALM, ...calm };
  const trouble: TroubledPlan = { ...settings, ending: { kind: 'itself' }, faults: [], changes: [], account: 'seen' };
  return {
    title,
    scenario: {
      seed: 3,
      jitterMs: 0,
      lists: [{ ...LIST, name, ...list }],
      streams: [name, ...children].map((each) => streamPlan(each, stream)),
      attempts: [...Array<TroubledPlan>(after).fill(trouble), { ...trouble, ...attempt }],
      calm: [settings, { ...settings, pause: 700 }],
    },
  };
}

function streamPlan(name: string, given: Partial<StreamPlan> = {}): StreamPlan {
  return { name, mode: 'incremental', namespace: null, destination: 'append', ...given };
}

function refused(status: number, stream: number): Partial<TroubledPlan> {
  return {
    faults: [{ fault: { kind: 'status', status, times: FOR_EVER }, stream, target: { kind: 'lists of', rank: 0.5 } }],
  };
}

function fault(given: FaultPlan['fault']): Partial<TroubledPlan> {
  return { faults: [{ fault: { after: 1, ...given }, stream: 0, target: { kind: 'list' } }] };
}

const SECOND_PAGE_WITH_EXPAND: Partial<TroubledPlan> = {
  faults: [
    { fault: { kind: 'status', status: 400, times: 1, after: 1 }, stream: 0, target: { kind: 'expanded pages' } },
  ],
};

const REMOVE_FIRST_CURSOR: readonly ChangePlan[] = [{ kind: 'remove_cursor', at: 0, list: 0 }];
const REMOVE_ITEM: readonly ChangePlan[] = [{ kind: 'remove_item', at: 0, list: 0 }];
const STOPPED: Partial<TroubledPlan> = { ending: { kind: 'SIGTERM', share: 0.6 } };

const SUBSCRIPTIONS = { list: 'subscriptions', children: ['subscription_items'], many: 15 };
const INVOICES = { list: 'invoices', children: ['invoice_line_items'], many: 23 };
const DENSE = { list: 'charges', rows: 1000, shape: 'dense', calm: { start: 0 } } as const;

function twice(title: string): KnownLife {
  const { scenario } = life(title, { list: 'charges', rows: 250 });
  return {
    title,
    scenario: { ...scenario, streams: [streamPlan('charges'), streamPlan('charges', { namespace: 'b' })] },
  };
}

/** One life of each kind. */
export const KNOWN: readonly KnownLife[] = [
  life('a list is embedded oldest first, its endpoint has the newest first', {
    ...SUBSCRIPTIONS,
    embedded: { items: 'last', url: 'right' },
  }),
  life('what is embedded is no place to start after', { ...INVOICES, embedded: { items: 'stale', url: 'right' } }),
  life('an item is removed between its parent and its list', { ...INVOICES, attempt: { changes: REMOVE_ITEM } }),
  life('the url of an embedded list leads nowhere', {
    ...INVOICES,
    isExpanded: true,
    embedded: { items: 'first', url: 'nowhere' },
  }),
  life('the url of an embedded list has a placeholder left in it', {
    list: 'customers',
    children: ['customer_sources'],
    many: 15,
    embedded: { items: 'first', url: 'template' },
  }),
  life('the object that a page ended with is out of order, and is removed', {
    ...DENSE,
    straggler: { page: 1, rank: 0.3 },
    attempt: { workers: 1, changes: REMOVE_FIRST_CURSOR },
  }),
  life('the last object of a page is out of order in a list that is split', {
    ...DENSE,
    straggler: { page: 3, rank: 0.1 },
  }),
  life('the persons of one account are refused', {
    list: 'accounts',
    children: ['persons'],
    attempt: refused(403, 1),
  }),
  life('the lines of one invoice are refused', { ...INVOICES, rows: 300, attempt: refused(400, 1) }),
  life('the features of one product answer with 500', {
    list: 'products',
    children: ['product_features'],
    attempt: refused(500, 1),
  }),
  life('the second page is refused because of an expand for a child', {
    list: 'customers',
    children: ['customer_sources'],
    rows: 250,
    attempt: SECOND_PAGE_WITH_EXPAND,
  }),
  life("the second page is refused because of the stream's own expand", {
    list: 'charges',
    rows: 250,
    attempt: SECOND_PAGE_WITH_EXPAND,
  }),
  life('one parent has more items than go into a record', { ...SUBSCRIPTIONS, many: 10_500 }),
  life('an endpoint says midway that the account is not set up for it', {
    list: 'products',
    children: ['product_features'],
    items: 0,
    many: 15,
    attempt: {
      faults: [
        {
          fault: { kind: 'product_unavailable', after: 20, times: FOR_EVER },
          stream: 1,
          target: { kind: 'list' },
        },
      ],
    },
  }),
  life('a list without a product is said to be not enabled', {
    list: 'charges',
    attempt: fault({
      kind: 'product_unavailable',
      message: 'This is not enabled for your account.',
      after: 0,
      times: 1,
    }),
  }),
  life('users chose ids that are no part of a path', {
    list: 'products',
    children: ['product_features'],
    chosenIds: ['a', '..', '.', 'a/b', 'a?b', '../charges'],
  }),
  twice('one stream is configured under two namespaces'),
  life('a full refresh into overwrite is interrupted, without the number of a job', {
    list: 'charges',
    rows: 400,
    stream: { mode: 'full_refresh', destination: 'overwrite' },
    attempt: STOPPED,
  }),
  ...(['texts', 'entry', 'airbyte_state', 'map', 'bookmarks'] as const).map((stateForm) =>
    life(`an interrupted sync is continued from a state as ${stateForm}`, {
      list: 'charges',
      rows: 400,
      attempt: STOPPED,
      calm: { stateForm },
    }),
  ),
  life('the key may not see its account, and is not told which it is', {
    list: 'charges',
    after: 1,
    attempt: { account: 'unnamed' },
  }),
  life('the state is that of another account than the one that refuses to be seen', {
    list: 'charges',
    after: 1,
    attempt: { account: 'other' },
  }),
  ...([429, 500, 503] as const).map((status) =>
    life(`one answer of ${status} says that it is not worth another try`, {
      list: 'charges',
      rows: 250,
      attempt: fault(
        status === 429
          ? { kind: '429', shouldRetry: false }
          : { kind: 'status', status, headers: { 'Stripe-Should-Retry': 'false' } },
      ),
    }),
  ),
];
