import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../../src/protocol/catalog.js';
import type { Message } from '../../../src/protocol/messages.js';
import { catalog } from '../../../src/streams/catalog.js';
import type { Client, Params, Request } from '../../../src/stripe/client.js';
import { StripeError } from '../../../src/stripe/errors.js';
import { sync } from '../../../src/sync/sync.js';

interface Item {
  readonly id: string;
  readonly object: string;
  readonly created: number;
}

type Answer = (path: string, params: Params) => unknown;

/** Items of a kind, newest first. */
function itemsOf(object: string, prefix: string, count: number): readonly Item[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}_${index}`,
    object,
    created: 900_000 - index * 1000,
  }));
}

function page(list: readonly Item[], params: Params) {
  const { 'created[gte]': gte = 0, 'created[lte]': lte = 1e12, starting_after: after } = Object.fromEntries(params);
  const inside = list.filter(({ created }) => created >= Number(gte) && created <= Number(lte));
  const start = after === undefined ? 0 : inside.findIndex(({ id }) => id === after) + 1;
  return { object: 'list', data: inside.slice(start, start + 100), has_more: inside.length > start + 100 };
}

const EMPTY = { object: 'list', data: [], has_more: false };

function expands(params: Params): boolean {
  return params.some(([name]) => name === 'expand[]');
}

/** The id of an object in a path of its own. */
function idIn(path: string): string {
  return path.split('/').find((part) => /^[a-z]+_\d+$/.test(part)) ?? '';
}

interface Wish {
  readonly mode?: 'incremental' | 'full_refresh';
  readonly job?: string;
  readonly state?: unknown;
}

/** Reads the streams as a sync does, one request at a time. */
async function read(streams: readonly string[], answer: Answer, { mode = 'incremental', job, state }: Wish = {}) {
  const messages: Message[] = [];
  const get = async ({ path, params = [] }: Request) =>
    path === '/v1/account' ? { id: 'acct_1', object: 'account' } : answer(path, params);
  const client: Client = { get, requests: () => 0, delayMs: () => 0, stripeTime: () => undefined };
  const isComplete = await sync({
    client,
    write: async (message) => void messages.push(message),
    now: () => 1e9,
    signal: new AbortController().signal,
    streams: parseCatalog({
      streams: streams.map((name) => ({
        stream: { name, json_schema: {}, supported_sync_modes: ['full_refresh', 'incremental'] },
        sync_mode: mode,
        destination_sync_mode: 'append',
      })),
    }),
    catalog,
    state: { of: () => state, warnings: () => [] },
    window: { from: 0, to: undefined },
    lookback: 0,
    maxConcurrency: 1,
    isSerial: true,
    livemode: true,
    expand: {},
    job,
    accountId: undefined,
    watch: () => () => {},
  });
  const rowsOf = (stream: string) =>
    messages.flatMap((each) => (each.type === 'RECORD' && each.record.stream === stream ? [each.record.data] : []));
  const last = messages.findLast((each) => each.type === 'STATE')?.state.stream.stream_state;
  const told = messages.flatMap((each) => (each.type === 'LOG' ? [each.log.message] : [])).join('\n');
  return { isComplete, rowsOf, last, told };
}

describe('what an earlier sync could not read', () => {
  it('an object that could not be read does not keep a full refresh without a job from reading the rest again', async () => {
    const accounts = itemsOf('account', 'acct', 20);
    const persons = new Map(accounts.map(({ id }) => [id, [{ id: `person_of_${id}`, object: 'person', created: 5 }]]));
    const answer: Answer = (path, params) => {
      if (path === '/v1/accounts') return page(accounts, params);
      if (path.startsWith('/v1/accounts/acct_7/')) throw new StripeError('request', 'This account is odd.');
      return page(persons.get(idIn(path)) ?? [], params);
    };
    const first = await read(['persons'], answer, { mode: 'full_refresh' });
    expect([first.isComplete, first.rowsOf('persons').length]).toEqual([false, 19]);
    persons.get('acct_3')?.push({ id: 'person_new', object: 'person', created: 6 });
    const second = await read(['persons'], answer, { mode: 'full_refresh', state: first.last });
    expect([second.isComplete, second.rowsOf('persons').length]).toEqual([false, 20]);
  });

  it.each([
    'request',
    'transient',
  ] as const)('objects that could not be read do not keep the next sync from what was not read (%s)', async (kind) => {
    const lines = { object: 'list', data: [], has_more: true };
    const invoices = itemsOf('invoice', 'in', 100).map((invoice) => ({ ...invoice, lines }));
    const missed = invoices.slice(0, 12);
    const answer: Answer = (path, params) => {
      if (path === '/v1/invoices') return page(invoices, params);
      if (missed.some(({ id }) => id === idIn(path)))
        throw new StripeError(kind, 'This invoice is odd.', { status: 400, said: '' });
      return EMPTY;
    };
    const pending = [...missed.map(({ created }) => ({ gte: created, lte: created })), { lte: 880_000 }];
    const state = { version: 1, created: 999_000, from: 0, pending };
    const result = await read(['invoices'], answer, { state });
    const wanted = invoices.filter(({ created }) => created <= 880_000);
    expect(result.rowsOf('invoices')).toHaveLength(wanted.length);
  });
});

describe('an account that is said not to have the product', () => {
  const cards = itemsOf('issuing.card', 'ic', 5);
  const lacks = () => {
    throw new StripeError('unavailable', 'Your account is not set up to use Issuing.');
  };

  it.each([
    ['the first list that is asked for', { version: 1, created: 0, from: 0, pending: [{ lte: 0 }] }, true],
    [
      'a list that an earlier attempt began',
      { version: 1, created: 900_000, from: 0, pending: [{ lte: 9, after: 'ic_7' }] },
      false,
    ],
    [
      'a list that an earlier attempt read in part',
      { version: 1, created: 900_000, from: 0, pending: [{ lte: 9 }] },
      false,
    ],
  ])('a missing product is believed in of no more than %s', async (_, state, isComplete) => {
    const result = await read(['cards'], lacks, {
      state: { ...state, full_refresh_job: '7' },
      job: '7',
      mode: 'full_refresh',
    });
    expect([result.isComplete, result.rowsOf('cards')]).toEqual([isComplete, []]);
  });

  it('a missing product is not believed in once a page came', async () => {
    const many = itemsOf('issuing.card', 'ic', 150);
    const answer: Answer = (_, params) =>
      params.some(([name]) => name === 'starting_after') ? lacks() : page(many, params);
    const result = await read(['cards'], answer);
    expect([result.isComplete, result.rowsOf('cards').length]).toEqual([false, 100]);
  });

  it('a missing product is not believed in when the list of one parent says so', async () => {
    const answer: Answer = (path, params) => (path === '/v1/issuing/cards' ? page(cards, params) : lacks());
    const result = await read(['issuing_tokens'], answer);
    expect(result.isComplete).toBe(false);
  });
});

describe('a row whose items Stripe has lost', () => {
  it.each([
    'no_items',
    'request',
  ] as const)('a row whose items Stripe has lost is emitted without them, whatever its page is refused for (%s)', async (kind) => {
    const sessions = itemsOf('checkout.session', 'cs', 150);
    const lost = () => {
      throw new StripeError('no_items', 'Could not find line items for this Checkout Session.', {
        status: 400,
        said: '',
      });
    };
    const answer: Answer = (path, params) => {
      if (path === '/v1/checkout/sessions') {
        const list = page(sessions, params);
        if (!expands(params)) return list;
        if (list.data.some(({ id }) => id === 'cs_7'))
          throw new StripeError(kind, 'Could not find line items.', { status: 400, said: '' });
        return { ...list, data: list.data.map((session) => ({ ...session, line_items: EMPTY })) };
      }
      if (path.endsWith('/line_items')) return idIn(path) === 'cs_7' ? lost() : EMPTY;
      if (expands(params) && idIn(path) === 'cs_7') return lost();
      return { ...sessions.find(({ id }) => id === idIn(path)), line_items: EMPTY };
    };
    const result = await read(['checkout_sessions', 'checkout_sessions_line_items'], answer);
    expect(result.isComplete).toBe(true);
    const rows = result.rowsOf('checkout_sessions');
    expect(rows).toHaveLength(150);
    expect(rows.filter(({ line_items }) => line_items === undefined).map(({ id }) => id)).toEqual(['cs_7']);
    expect(result.told).toContain('Stripe has lost the items');
  });
});

describe('what children add to the list of their parent', () => {
  it('what children add to the list of their parent is not given up once a row came with it', async () => {
    const customers = itemsOf('customer', 'cus', 300);
    const odd = ['cus_50', 'cus_100', 'cus_101', 'cus_102', 'cus_103', 'cus_104'];
    const refuseOdd = (items: readonly { readonly id: string }[]) => {
      if (items.some(({ id }) => odd.includes(id)))
        throw new StripeError('request', 'These sources are odd.', { status: 400, said: '' });
    };
    const answer: Answer = (path, params) => {
      if (path.endsWith('/sources')) return EMPTY;
      const list = page(path === '/v1/customers' ? customers : customers.filter(({ id }) => id === idIn(path)), params);
      if (expands(params)) refuseOdd(list.data);
      const data = expands(params) ? list.data.map((customer) => ({ ...customer, sources: EMPTY })) : list.data;
      return path === '/v1/customers' ? { ...list, data } : data[0];
    };
    const result = await read(['customers', 'customer_sources'], answer);
    const rows = result.rowsOf('customers');
    expect(rows).toHaveLength(300 - odd.length);
    expect(rows.filter(({ sources }) => sources === undefined)).toEqual([]);
  });
});

describe('an account that the key may not read', () => {
  it.each([
    "The provided key does not have access to account 'acct_7' (or that account does not exist).",
    'The account acct_7 was a test account created with a testmode key, and therefore can only be used with testmode keys.',
  ])('an account that the key may not read costs its own children alone when Stripe names it: %s', async (message) => {
    const accounts = itemsOf('account', 'acct', 20);
    const answer: Answer = (path, params) => {
      if (path === '/v1/accounts') return page(accounts, params);
      if (idIn(path) === 'acct_7') throw new StripeError('forbidden', message, { status: 403, said: message });
      return page([{ id: `person_of_${idIn(path)}`, object: 'person', created: 5 }], params);
    };
    const result = await read(['persons'], answer);
    expect([result.isComplete, result.rowsOf('persons').length]).toEqual([true, 19]);
    expect(result.told).toContain('no rows for 1 of the accounts (acct_7)');
  });

  it('an account is a miss when Stripe refuses it with the name of another, whose id begins like its own', async () => {
    const accounts = itemsOf('account', 'acct', 20);
    const answer: Answer = (path, params) => {
      if (path === '/v1/accounts') return page(accounts, params);
      if (idIn(path) === 'acct_7') throw new StripeError('forbidden', "No access to account 'acct_70'.");
      return page([{ id: `person_of_${idIn(path)}`, object: 'person', created: 5 }], params);
    };
    const result = await read(['persons'], answer);
    expect([result.isComplete, result.rowsOf('persons').length]).toEqual([false, 19]);
  });
});
