import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stream } from '../../src/protocol/messages.js';
import { catalog } from '../../src/streams/catalog.js';
import { catalogOf, type Result, recordsOf, runConnector, statusesOf } from '../connector.js';
import { type Exchange, type RecordingProxy, startRecordingProxy } from './recording-proxy.js';
import { type StripeMock, startStripeMock } from './stripe-mock.js';

/**
 * Reads every stream from Stripe's own mock server, which validates requests against Stripe's OpenAPI description and
 * answers with Stripe's own fixtures: lists of one item, filters validated but not applied.
 *
 *     GOBIN=/tmp/bin go install github.com/stripe/stripe-mock@v0.203.0
 *     npm run build && STRIPE_MOCK=/tmp/bin/stripe-mock npx vitest run integration_tests/stripe-mock
 */
const binary = process.env['STRIPE_MOCK'];

describe.skipIf(!binary)('every stream, read from stripe-mock (not run unless STRIPE_MOCK names its binary)', () => {
  let mock: StripeMock;
  let proxy: RecordingProxy;
  let streams: readonly Stream[];
  let read: Result;

  beforeAll(async () => {
    mock = await startStripeMock(binary ?? '');
    proxy = await startRecordingProxy(mock.url);
    const config = { api_key: 'sk_test_123', api_base: proxy.url, max_retries: 0 };
    streams = discovered(await runConnector({ command: 'discover', config }));
    const configured = catalogOf(streams.map(({ name }) => name));
    read = await runConnector({ command: 'read', config, catalog: configured });
  });

  afterAll(async () => {
    await proxy?.close();
    await mock?.close();
  });

  it('stripe-mock refuses no request for a path of its OpenAPI description', () => {
    expect(refused(proxy.exchanges)).toEqual([]);
  });

  it('every stream sends a request to stripe-mock', () => {
    const unknown = new Set(proxy.exchanges.filter(isUnknownPath).map(({ path }) => path));
    console.log(`stripe-mock: ${proxy.exchanges.length} requests, paths that it does not know: ${list(unknown)}`);
    expect(proxy.exchanges.length).toBeGreaterThanOrEqual(streams.length);
  });

  it('every stream that the fixtures of stripe-mock have objects for emits records that are valid by its schema', () => {
    const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true, verbose: true }));
    const validators = new Map(streams.map(({ name, json_schema }) => [name, ajv.compile(json_schema)]));
    const records = recordsOf(read);
    const errors = records.flatMap(({ stream, data }) => {
      const validate = validators.get(stream);
      validate?.(data);
      const real = (validate?.errors ?? []).filter((error) => !isExpanded(error.data));
      return real.length === 0 ? [] : [`${stream}: ${ajv.errorsText(real)}`];
    });
    const heard = new Set(records.map(({ stream }) => stream));
    const silent = new Set(streams.map(({ name }) => name).filter((name) => !heard.has(name)));
    console.log(`stripe-mock: ${records.length} records of ${streams.length} streams, none of: ${list(silent)}`);
    expect(errors).toEqual([]);
    expect([...silent].filter((name) => isKnown(name) && !NOTHING_IN_FIXTURES.includes(name))).toEqual([]);
  });

  it('every stream whose path stripe-mock knows ends as complete', () => {
    const incomplete = streams.filter(({ name }) => statusesOf(read, name).at(-1) !== 'COMPLETE');
    expect(incomplete.map(({ name }) => name).filter(isKnown)).toEqual([]);
  });

  /** Whether the path of a stream, and that of its parent, is in the OpenAPI description. */
  function isKnown(name: string): boolean {
    const unknown = new Set(proxy.exchanges.filter(isUnknownPath).map(({ path }) => path));
    const stream = catalog.find((each) => each.name === name);
    return ![stream?.path, stream?.parent?.stream.path].some((path) => path !== undefined && unknown.has(path));
  }
});

function discovered({ messages }: Result): readonly Stream[] {
  return messages.flatMap((message) => (message.type === 'CATALOG' ? message.catalog.streams : []));
}

/** Parents that are not controlled, or without owners: the fixtures have nothing to read under them. */
const NOTHING_IN_FIXTURES = [
  'external_account_bank_accounts',
  'external_account_cards',
  'financial_connections_account_owners',
];

/**
 * Here and there stripe-mock's fixtures hold an object where the API has its id unless asked to expand it, such as
 * `transfer_data.destination` of a charge (v0.203.0, 2026-11-21).
 */
function isExpanded(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && 'object' in value;
}

function isUnknownPath({ status, body }: Exchange): boolean {
  return status === 404 && body.includes('Unrecognized request URL');
}

function refused(exchanges: readonly Exchange[]): readonly Exchange[] {
  return exchanges.filter((exchange) => exchange.status >= 400 && !isUnknownPath(exchange));
}

function list(names: ReadonlySet<string>): string {
  return names.size === 0 ? 'none' : [...names].sort().join(', ');
}
