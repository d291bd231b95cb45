import { describe, expect, it } from 'vitest';
import type { Request } from '../../src/stripe/client.js';
import { StripeError, type StripeErrorKind } from '../../src/stripe/errors.js';
import { isoTime, openAccount } from '../../src/sync/accounts.js';
import type { SyncOptions } from '../../src/sync/options.js';
import { clientOf, NOW, optionsOf, refuse, streamOf, transcript } from './fakes.js';

/** Opens an account; `answer` is what Stripe says of it. Returns it with what was written. */
async function opened(answer: () => unknown, given: Partial<SyncOptions> = {}, stripeTime?: number) {
  const { write, lines } = transcript();
  const asked: Request[] = [];
  const client = clientOf((request) => {
    asked.push(request);
    return answer();
  }, stripeTime);
  const account = await openAccount(optionsOf({ client, write, ...given }));
  return { account, lines: lines(), asked };
}

const ACCOUNT = { id: 'acct_1Nv', object: 'account', created: 1_500_000_000 };

describe('the id of an account', () => {
  it('an account is asked for once, and has the id and the age that Stripe says', async () => {
    const { account, asked } = await opened(() => ACCOUNT);
    expect([account.id, account.floor]).toEqual(['acct_1Nv', 1_500_000_000]);
    expect(asked).toEqual([{ path: '/v1/account' }]);
  });

  it.each([
    [
      "The provided key 'rk_live_***' does not have the required permissions for this endpoint on account 'acct_1Nv'.",
      'acct_1Nv',
    ],
    [
      "The provided key does not have the required permissions for this endpoint on account 'acct_1Nv' (or so).",
      'acct_1Nv',
    ],
    ["… on account 'acct_1Nv", undefined],
    ["… on account 'sk_live_4eC39HqLyjWDarjtT1'.", undefined],
    ['This key may not read accounts.', undefined],
  ])('an account whose key may not see it has the id that Stripe names in refusing, whole or not at all: %s', async (said, id) => {
    const { account } = await opened(() => refuse('permission', said));
    expect(account.id).toBe(id);
  });

  it.each<[string, () => unknown, string | undefined, string | undefined]>([
    ['configured, where Stripe names none', () => ({ object: 'account' }), 'acct_2', 'acct_2'],
    ['configured, where Stripe names something else', () => ({ ...ACCOUNT, id: 'sk_live_4eC39' }), 'acct_2', 'acct_2'],
    ['configured, where the key may not see it', () => refuse('permission', 'No.'), 'acct_2', 'acct_2'],
    ['the last of a configured path, where the key is of an organisation', () => ({}), 'acct_P/acct_C', 'acct_C'],
    ['the one that Stripe says, whatever is configured', () => ACCOUNT, 'acct_2', 'acct_1Nv'],
    ['not known, where none is configured', () => ({}), undefined, undefined],
    ['not known, where what is configured is no id', () => ({}), 'my shop', undefined],
  ])('the id of an account is %s', async (_, answer, accountId, id) => {
    const { account } = await opened(answer, { accountId });
    expect(account.id).toBe(id);
  });

  it.each<[string, () => unknown]>([
    ['whose age is not said', () => ({ id: 'acct_1Nv' })],
    ['whose age is a text', () => ({ id: 'acct_1Nv', created: '1500000000' })],
    ['that the key may not see', () => refuse('permission')],
  ])('an account %s is taken to be as old as Stripe', async (_, answer) => {
    const { account } = await opened(answer);
    expect(new Date(account.floor * 1000).toISOString()).toBe('2011-01-01T00:00:00.000Z');
  });

  it.each([
    'authentication',
    'forbidden',
    'transient',
    'untrusted',
    'request',
  ] as const)('an account cannot be opened where Stripe refuses it as %s', async (kind: StripeErrorKind) => {
    await expect(opened(() => refuse(kind), { accountId: 'acct_2' })).rejects.toThrow(StripeError);
  });

  it('an account cannot be opened after a defect', async () => {
    const defect = new TypeError('a defect');
    const answer = () => {
      throw defect;
    };
    await expect(opened(answer)).rejects.toBe(defect);
  });
});

describe('the clock of an account', () => {
  const now = () => NOW * 1000 + 999;

  it.each([
    ['the local one, where Stripe has said none', undefined, NOW],
    ['the local one, where Stripe is ahead', (NOW + 100) * 1000, NOW],
    ["Stripe's, where the local one is ahead", (NOW - 100) * 1000, NOW - 100],
    ['never before 1970', -5000, 0],
  ])('the horizon is %s', async (_, stripeTime, horizon) => {
    const { account } = await opened(() => ACCOUNT, { now }, stripeTime);
    expect(account.horizon).toBe(horizon);
  });

  it.each([
    [300_000, []],
    [-300_000, []],
    [300_001, ["WARN The local clock and Stripe's differ by 5 minutes. Rows are read up to 2025-11-20T14:46:40.000Z."]],
    [
      -3_600_000,
      ["WARN The local clock and Stripe's differ by 60 minutes. Rows are read up to 2025-11-20T13:46:40.000Z."],
    ],
  ])('a Stripe whose clock is %i ms ahead is warned of where that is more than five minutes', async (ahead, lines) => {
    const result = await opened(() => ACCOUNT, { now: () => NOW * 1000 }, NOW * 1000 + ahead);
    expect(result.lines).toEqual(lines);
  });

  it("Stripe's clock is looked at after it has answered", async () => {
    let isAnswered = false;
    const client = clientOf(() => {
      isAnswered = true;
      return ACCOUNT;
    });
    const stripeTime = () => (isAnswered ? (NOW - 100) * 1000 : undefined);
    const { horizon } = await openAccount(optionsOf({ client: { ...client, stripeTime }, now }));
    expect(horizon).toBe(NOW - 100);
  });
});

describe('what else an account holds', () => {
  it('an account that is opened has the mode of its key, and nothing has ended its reading', async () => {
    expect((await opened(() => ACCOUNT, { livemode: true })).account).toMatchObject({ livemode: true, ending: {} });
    expect((await opened(() => ACCOUNT, { livemode: undefined })).account.livemode).toBeUndefined();
  });

  it('an account writes its lines for people to the output of the sync', async () => {
    const { write, lines } = transcript();
    const { say } = await openAccount(optionsOf({ client: clientOf(() => ACCOUNT), write }));
    await say('WARN', 'It is odd.');
    expect(lines()).toEqual(['WARN It is odd.']);
  });

  it.each([
    [['customers'], []],
    [['customers', 'customer_sources'], ['sources']],
  ])('the list of customers is asked to expand what children that are read add to it: %j', async (names, fields) => {
    const streams = names.map((name) => ({ descriptor: { name }, ...INCREMENTAL }));
    const { account } = await opened(() => ACCOUNT, { streams });
    expect(account.expansions.fieldsOf(streamOf('customers'))).toEqual(fields);
  });

  it('the list of customers is asked to expand what the user wants', async () => {
    const { account } = await opened(() => ACCOUNT, { expand: { customers: ['default_source'] } });
    expect(account.expansions.fieldsOf(streamOf('customers'))).toEqual(['default_source']);
  });
});

const INCREMENTAL = { syncMode: 'incremental', destinationSyncMode: 'append', minimumGenerationId: 0 } as const;

describe('a time for people', () => {
  it.each([
    [0, '1970-01-01T00:00:00.000Z'],
    [NOW, '2025-11-20T14:46:40.000Z'],
    [1e15, 'second 1000000000000000'],
  ])('second %i is told as %s', (seconds, text) => {
    expect(isoTime(seconds)).toBe(text);
  });
});
