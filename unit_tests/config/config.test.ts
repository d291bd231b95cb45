import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { livemodeOf } from '../../src/config/api-key.js';
import { parseConfig } from '../../src/config/config.js';
import { secretsIn } from '../../src/config/spec.js';
import { ConfigError } from '../../src/protocol/errors.js';

const key = 'sk_test_51AbCdEfGh';

/** Valid configurations that have every kind of value. */
const validConfig = fc.record(
  {
    api_key: fc.constantFrom(key, 'rk_live_51AbC', 'sk_org_live_51AbC'),
    account_id: fc.constant('acct_1032D82eZvKYlo2C'),
    start_date: fc.constantFrom('2024-01-01', '2024-01-01T00:00:00Z'),
    end_date: fc.constantFrom('2024-12-31', '2024-12-31T23:59:59+02:00'),
    lookback_window_days: fc.nat(100),
    requests_per_second: fc.constantFrom(5, 0.5),
    loading_mode: fc.constantFrom('async', 'sync'),
    max_retries: fc.nat(20),
    num_workers: fc.integer({ min: 1, max: 50 }),
    expand: fc.dictionary(fc.constantFrom('charges', 'refunds'), fc.array(fc.constantFrom('customer', 'data.charge'))),
    api_version: fc.constant('2026-10-28.endive'),
    api_base: fc.constantFrom('https://api.stripe.com', 'http://127.0.0.1:12111'),
  },
  { requiredKeys: ['api_key'] },
);

/** The same value as a form may send it: texts with blanks around them, numbers as texts, nulls and empty texts between. */
function padded(value: unknown, blank: () => string): unknown {
  if (typeof value === 'string') return `${blank()}${value}${blank()}`;
  if (typeof value === 'number') return blank() === '' ? value : `${blank()}${value}${blank()}`;
  if (Array.isArray(value)) return [null, ...value.flatMap((item) => [padded(item, blank), null]), blank()];
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, padded(field, blank)]);
  return { slice_range: null, customers: blank(), ...Object.fromEntries(fields) };
}

describe('parseConfig', () => {
  it('a configuration needs nothing but a key', () => {
    const { settings, warnings } = parseConfig({ api_key: key });
    expect(warnings).toEqual([]);
    expect(settings).toMatchObject({
      api_key: key,
      start_date: 0,
      end_date: undefined,
      lookback_window_days: 0,
      loading_mode: 'async',
      max_retries: 15,
      max_concurrency: 20,
      requests_per_second: 20,
      endpoint_requests_per_second: 20,
      expand: {},
      api_version: '2026-10-28.endive',
      api_base: 'https://api.stripe.com',
    });
  });

  it.each([
    ['sk_live_51AbC', true, 80],
    ['rk_live_51AbC', true, 80],
    ['rk_test_51AbC', false, 20],
    ['sk_org_live_51AbC', true, 80],
    ['sk_org_test_51AbC', false, 20],
    ['ek_51AbC', undefined, 20],
  ])('mode and budget follow from the prefix of %s', (api_key, livemode, requests_per_second) => {
    expect(livemodeOf(api_key)).toBe(livemode);
    expect(parseConfig({ api_key }).settings).toMatchObject({ requests_per_second });
  });

  it("options may have the names of Airbyte's connector, but their own names win", () => {
    expect(parseConfig({ client_secret: key, call_rate_limit: 7 }).settings).toMatchObject({
      api_key: key,
      requests_per_second: 7,
    });
    expect(parseConfig({ api_key: key, num_workers: 3 }).settings.max_concurrency).toBe(3);
    expect(parseConfig({ client_secret: 'sk_test_other', api_key: key }).settings.api_key).toBe(key);
  });

  it('a budget that the user sets is used as it is', () => {
    const { settings } = parseConfig({ api_key: key, requests_per_second: 5000, endpoint_requests_per_second: 999.5 });
    expect(settings).toMatchObject({ requests_per_second: 5000, endpoint_requests_per_second: 999.5 });
  });

  it('an option that a form sends empty is absent', () => {
    const { settings } = parseConfig({ api_key: key, start_date: '', account_id: '' });
    expect(settings.start_date).toBe(0);
    expect(settings.account_id).toBeUndefined();
  });

  it('nulls are ignored silently, and unknown properties with a warning that names them', () => {
    expect(parseConfig({ api_key: key, start_date: null, slice_range: null }).warnings).toEqual([]);
    expect(parseConfig({ api_key: key, slice_range: 365 }).warnings).toEqual([
      expect.stringContaining('"slice_range"'),
    ]);
  });

  it('dates with offsets and fractions are read as whole seconds', () => {
    const { settings } = parseConfig({
      api_key: key,
      start_date: '2024-01-01T01:00:00.999+01:00',
      end_date: '2024-01-02T00:00:00Z',
    });
    expect(settings).toMatchObject({ start_date: 1_704_067_200, end_date: 1_704_153_600 });
  });

  it.each([
    ['2024-01-31', 1_706_659_200, 1_706_745_599],
    ['2024-02-29', 1_709_164_800, 1_709_251_199],
    [' 2024-01-31 ', 1_706_659_200, 1_706_745_599],
    ['2024-01-31T00:00', 1_706_659_200, 1_706_659_200],
    ['2024-01-31 00:00:00', 1_706_659_200, 1_706_659_200],
    ['2024-01-31t00:00:00.5z', 1_706_659_200, 1_706_659_200],
    ['2024-01-31T01:00:00+01:00', 1_706_659_200, 1_706_659_200],
    ['1960-01-01', 0, 0],
  ])('the date %s is read in UTC, from its first second until its last', (date, start_date, end_date) => {
    const { settings } = parseConfig({ api_key: key, start_date: date, end_date: date });
    expect(settings).toMatchObject({ start_date, end_date });
  });

  it('a number may be written as a text where the option is a number', () => {
    const { settings } = parseConfig({
      api_key: key,
      max_retries: '5',
      call_rate_limit: ' 7.5 ',
      lookback_window_days: '2.0',
    });
    expect(settings).toMatchObject({ max_retries: 5, requests_per_second: 7.5, lookback_window_days: 2 });
  });

  it('the key may be under either of its names where a form leaves the other empty', () => {
    expect(parseConfig({ api_key: ' ', client_secret: key }).settings.api_key).toBe(key);
    expect(parseConfig({ api_key: key, client_secret: '' }).settings.api_key).toBe(key);
  });

  it('nothing is expanded where no field is named', () => {
    for (const expand of [{}, [], { charges: null }, { charges: [] }, { charges: '' }, { charges: [null, ' '] }]) {
      expect(parseConfig({ api_key: key, expand }).settings.expand).toEqual({});
    }
  });

  it('a field that is named twice is expanded once', () => {
    const { settings } = parseConfig({ api_key: key, expand: { charges: ['customer', ' data.customer', 'invoice'] } });
    expect(settings.expand).toEqual({ charges: ['customer', 'invoice'] });
  });

  it('nulls, blanks and empty texts that a form adds do not change the settings', () => {
    fc.assert(
      fc.property(validConfig, fc.infiniteStream(fc.constantFrom('', ' ', '\n\t', '\u00a0')), (config, blanks) => {
        const next = () => blanks.next().value;
        const expected = parseConfig(config);
        expect(parseConfig(padded(config, next))).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('the name of an expanded field may begin with data.', () => {
    const { settings } = parseConfig({ api_key: key, expand: { charges: ['data.customer', 'invoice'] } });
    expect(settings.expand).toEqual({ charges: ['customer', 'invoice'] });
  });

  it.each([
    [[], 'JSON object'],
    ['text', 'JSON object'],
    [{}, '"api_key"'],
    [{ api_key: '' }, '"api_key" is empty'],
    [{ api_key: 7 }, '"api_key" must be of type string'],
    [{ api_key: 'pk_test_51AbC' }, 'publishable'],
    [{ api_key: 'whsec_51AbC' }, 'webhook'],
    [{ api_key: 'sk_test_ 51AbC' }, 'copy it again'],
    [{ api_key: key, start_date: '2024-02-30T00:00:00Z' }, '"start_date" must be a date that exists'],
    [{ api_key: key, start_date: '2023-02-29' }, '"start_date" must be a date that exists, written as 2024-01-31 or'],
    [{ api_key: key, start_date: '2024-1-1' }, '"start_date" must be a date that exists'],
    [{ api_key: key, start_date: '2024-01-01T00:00:00Z junk' }, '"start_date" must be a date that exists'],
    [{ api_key: key, start_date: 1704067200 }, '"start_date" must be of type string'],
    [{ api_key: key, end_date: '2024-01-01T24:00:00Z' }, '"end_date" must be a date that exists'],
    [{ api_key: key, start_date: '2016-12-31T23:59:60Z' }, '"start_date" must be a date that exists'],
    [{ api_key: ' \n' }, '"api_key" is empty'],
    [{ api_key: null }, '"api_key"'],
    [{ api_key: key, start_date: '2024-02-01T00:00:00Z', end_date: '2024-01-01T00:00:00Z' }, '"end_date" lies before'],
    [{ api_key: key, lookback_window_days: -1 }, '"lookback_window_days" must be >= 0'],
    [{ api_key: key, lookback_window_days: 1.5 }, '"lookback_window_days" must be of type integer'],
    [{ api_key: key, requests_per_second: 0 }, '"requests_per_second" must be > 0'],
    [{ api_key: key, max_retries: 'many' }, '"max_retries" must be of type integer'],
    [{ api_key: key, api_version: 'latest' }, '"api_version" does not look like YYYY-MM-DD'],
    [{ api_key: key, account_id: 'my account' }, '"account_id" does not look like acct_'],
    [{ api_key: key, expand: ['customer'] }, '"expand" must be an object such as'],
    [{ api_key: key, expand: 'customer' }, '"expand" must be an object such as'],
    [
      { api_key: key, expand: { refunds: 'charge' } },
      '"expand.refunds" must be a list of field names, such as ["charge"]',
    ],
    [{ api_key: key, expand: { charges: 'customer, invoice' } }, 'such as ["customer","invoice"]'],
    [{ api_key: key, expand: { charges: ['customer, invoice'] } }, 'such as ["customer","invoice"]'],
    [
      { api_key: key, expand: { charges: [1] } },
      '"expand.charges" must be a list of field names, such as ["customer"]',
    ],
    [{ api_key: key, expand: { charges: { customer: true } } }, '"expand.charges" must be a list'],
    [{ api_key: key, api_base: 'stripe' }, '"api_base" is not a URL'],
    [{ api_key: key, api_base: 'ftp://api.stripe.com' }, '"api_base" is not a URL'],
    [{ api_key: key, api_base: 'http://api.stripe.com' }, '"api_base" must use https'],
    [{ api_key: key, api_base: 'http://127.0.0.1.evil.example' }, '"api_base" must use https'],
    [{ api_key: key, api_base: 'https://user:pw@api.stripe.com' }, '"api_base" must hold'],
    [{ api_key: key, api_base: 'https://api.stripe.com/v1' }, '"api_base" must hold'],
  ])('the configuration %j is refused', (raw, message) => {
    expect(() => parseConfig(raw)).toThrow(ConfigError);
    expect(() => parseConfig(raw)).toThrow(message);
  });

  it('no input fails with another error than a ConfigError, which never quotes a secret', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ minLength: 12 }), (rest, secret) => {
        const raw =
          typeof rest === 'object' && rest !== null ? { ...rest, api_key: ` ${secret} `, api_base: secret } : rest;
        try {
          parseConfig(raw);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          expect(String(error)).not.toContain(secret);
        }
      }),
    );
  });
});

describe('secretsIn', () => {
  it('the key is found under both of its names, in configurations of any form', () => {
    expect(secretsIn({ api_key: ' sk_1 ', client_secret: 'sk_2', account_id: 'acct_1' })).toEqual(['sk_1', 'sk_2']);
    for (const raw of [null, [], 'x', { api_key: 5 }]) expect(secretsIn(raw)).toEqual([]);
  });
});
