import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  catalogOf,
  errorsOf,
  idsOf,
  logsOf,
  type Result,
  recordsOf,
  runConnector,
  runInProcess,
  statesOf,
  statusesOf,
} from './connector.js';
import { type Sandbox, startSandbox } from './sandbox/sandbox.js';

let sandbox: Sandbox;
const EXPIRED = 'sk_test_expired51AbCdEfGh';
const CHARGES_ONLY = 'rk_test_charges51AbCdEfGh';
const NOTHING = 'rk_test_nothing51AbCdEfGh';
const ROWS_ONLY = 'rk_test_rows51AbCdEfGhIj';

beforeAll(async () => {
  sandbox = await startSandbox({
    rows: { charges: 120, customers: 5, accounts: 2 },
    connectedRows: { charges: 3 },
    keys: {
      [EXPIRED]: { expired: true },
      [CHARGES_ONLY]: { reads: ['charges'] },
      [NOTHING]: { reads: [] },
      [ROWS_ONLY]: { reads: ['charges', 'customers'] },
    },
  });
});

afterAll(() => sandbox.close());

const config = (more: object = {}) => ({ api_key: sandbox.apiKey, api_base: sandbox.url, max_retries: 1, ...more });

/** The one status that check emits. */
async function check(given: unknown, args: readonly string[] = []): Promise<string> {
  const { code, messages } = await runInProcess({
    command: 'check',
    ...(given === undefined ? {} : { config: given }),
    args,
  });
  const statuses = messages.flatMap((message) =>
    message.type === 'CONNECTION_STATUS' ? [message.connectionStatus] : [],
  );
  expect([code, statuses.length]).toEqual([0, 1]);
  return Object.values(statuses[0] ?? {}).join(': ');
}

/** The one error of a read that cannot begin. */
async function readError(run: {
  config?: unknown;
  catalog?: unknown;
  state?: unknown;
  args?: readonly string[];
}): Promise<string> {
  const result = await runInProcess({ command: 'read', ...run });
  expect([result.code, recordsOf(result).length, errorsOf(result).length]).toEqual([1, 0, 1]);
  expect(errorsOf(result)[0]?.failure_type).toBe('config_error');
  return errorsOf(result)[0]?.message ?? '';
}

it('check succeeds with a key that Stripe accepts', async () => {
  expect(await check(config())).toBe('SUCCEEDED');
});

it.each([
  [
    'a key that Stripe does not know',
    () => config({ api_key: 'sk_test_revoked51AbC' }),
    /does not accept the API key.*Invalid API Key/,
  ],
  ['an expired key', () => config({ api_key: EXPIRED }), /does not accept the API key.*Expired API Key/],
  ['a publishable key', () => config({ api_key: 'pk_test_51AbCdEf' }), /publishable key/],
  ['a key without any permission', () => config({ api_key: NOTHING }), /may not read any stream/],
  [
    'an account that does not exist',
    () => config({ account_id: 'acct_1unknown' }),
    /does not have access to account 'acct_1unknown'/,
  ],
  ['an api_base that is no URL', () => config({ api_base: 'localhost:1' }), /"api_base" is not a URL/],
  ['an api_base that refuses', () => config({ api_base: 'http://127.0.0.1:1' }), /gave no usable answer.*ECONNREFUSED/],
  [
    'a field that cannot be expanded',
    () => config({ expand: { charges: ['nonsense'] } }),
    /cannot be expanded \(data.nonsense\)/,
  ],
  [
    'an unknown stream to expand',
    () => config({ expand: { chargess: ['customer'] } }),
    /"chargess", which does not exist/,
  ],
  [
    'a loading mode that there is not',
    () => config({ loading_mode: 'parallel' }),
    /"loading_mode" must be one of async, sync\./,
  ],
  ['no key', () => ({}), /lacks "api_key"/],
  ['a list', () => [], /must be a JSON object/],
  ['an empty file', () => '', /is empty/],
  ['half a file', () => '{"api_key": "sk_test_51Ab', /is not valid JSON/],
])('check says FAILED for %s', async (_, given, message) => {
  expect(await check(given())).toMatch(message);
});

it('check says FAILED when the config file is missing, a directory, or not named', async () => {
  expect(await check(undefined, ['--config', '/nowhere/config.json'])).toMatch(
    /Cannot read the config file.*no such file/,
  );
  expect(await check(undefined, ['--config', mkdtempSync(join(tmpdir(), 'dir-'))])).toMatch(/it is a directory/);
  expect(await check(undefined)).toMatch(/needs --config/);
});

it('check says FAILED when the server behind api_base resets, answers with HTML, or is not Stripe', async () => {
  const reset = await tcpServer();
  const html = await serverOf('text/html', '<html>Hello</html>');
  const json = await serverOf('application/json', '{}');
  expect(await check(config({ api_base: json.url }))).toMatch(/did not answer as Stripe does/);
  json.server.close();
  expect(await check(config({ api_base: reset.url }))).toMatch(/gave no usable answer.*(ECONNRESET|socket)/i);
  expect(await check(config({ api_base: html.url }))).toMatch(/not JSON \(text\/html\)/);
  reset.server.close();
  html.server.close();
});

it('check warns of each stream that a restricted key cannot read, and names the permission', async () => {
  const result = await runInProcess({ command: 'check', config: config({ api_key: CHARGES_ONLY }) });
  expect(result.messages.at(-1)).toMatchObject({ connectionStatus: { status: 'SUCCEEDED' } });
  const warnings = logsOf(result, 'WARN');
  expect(warnings.some((text) => /^customers: .*customer_read/.test(text))).toBe(true);
  expect(warnings.some((text) => text.startsWith('charges:'))).toBe(false);
});

it('check never shows the key', async () => {
  for (const key of ['sk_test_revoked51AbC', EXPIRED, NOTHING, 'pk_live_51AbCdEfGhIj']) {
    const { stdout, stderr } = await runConnector({ command: 'check', config: config({ api_key: key }) });
    expect(stdout + stderr).not.toContain(key);
  }
});

const charges = catalogOf(['charges']);

it.each([
  ['a missing catalog', { args: ['--catalog', '/nowhere.json'] }, /Cannot read the catalog file/],
  ['no catalog', {}, /needs --catalog/],
  ['an empty catalog', { catalog: '' }, /is empty/],
  ['half a catalog', { catalog: '{"streams": [' }, /catalog file .* is not valid JSON/],
  ['a catalog of another form', { catalog: { streams: 'charges' } }, /list "streams"/],
  ['an invalid sync mode', { catalog: catalogOf(['x'], 'INVALID' as never) }, /unknown sync_mode for stream x/],
  ['half a state', { catalog: charges, state: '[{"type": "STR' }, /state file .* is not valid JSON/],
  ['a state of another form', { catalog: charges, state: 7 }, /neither an array of state messages nor an object/],
  [
    'a state of other streams',
    { catalog: charges, state: { unknown: { created: 1 } } },
    /none of its keys is a stream/,
  ],
  ['the state of one stream', { catalog: charges, state: { created: 1, from: 0 } }, /the state of one stream/],
  ['a missing state file', { catalog: charges, args: ['--state', '/nowhere.json'] }, /Cannot read the state file/],
  ['an argument too many', { catalog: charges, args: ['extra'] }, /no argument "extra"/],
])('read refuses %s', async (_, run, message) => {
  expect(await readError({ config: config(), ...run })).toMatch(message);
});

it.each([
  [{ charges: { created: 'yesterday' } }, /"created" is not a number of seconds/],
  [{ charges: { created: 1, pending: {} } }, /"pending" is not a list/],
  [{ charges: { created: 1, pending: [{ after: 7 }] } }, /"after" is not an id/],
  [{ charges: 'done' }, /is not an object/],
  [{ charges: { created: 1, livemode: true } }, /written in live mode, but api_key is a test key/],
  [{ charges: { created: 1, account: 'acct_other' } }, /belongs to account acct_other/],
  [{ charges: { version: '1', created: '1', account: 'acct_other' } }, /belongs to account acct_other/],
  [{ charges: { version: 1, created: '1', livemode: 'true' } }, /written in live mode, but api_key is a test key/],
  [{ charges: { cursor: '2024-01-01' } }, /it has no "created"/],
])('read fails only the stream whose state is %j', async (state, message) => {
  const result = await runInProcess({
    command: 'read',
    config: config(),
    catalog: catalogOf(['charges', 'customers']),
    state,
  });
  expect(result.code).toBe(1);
  expect(errorsOf(result)).toEqual([
    expect.objectContaining({
      failure_type: 'config_error',
      message: expect.stringMatching(message),
      stream_descriptor: { name: 'charges' },
    }),
  ]);
  expect(idsOf(result, 'charges')).toEqual([]);
  expect(statusesOf(result, 'customers')).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
});

it('read takes a state in every form, empty ones included', async () => {
  for (const state of ['', '[]', '{}', [], {}, { charges: null }, { airbyte_state: [] }]) {
    const result = await runInProcess({ command: 'read', config: config(), catalog: charges, state });
    expect([result.code, idsOf(result).length, logsOf(result, 'WARN')]).toEqual([0, 120, []]);
  }
  const entry = { stream_descriptor: { name: 'charges' }, stream_state: { created: 4_000_000_000 } };
  const map = { charges: entry.stream_state };
  for (const state of [entry, { airbyte_state: JSON.stringify({ bookmarks: map }) }]) {
    const result = await runInProcess({ command: 'read', config: config(), catalog: charges, state });
    expect([result.code, idsOf(result).length]).toEqual([0, 0]);
  }
});

it('read names the streams of a state that do not exist, once', async () => {
  const state = { charges: { created: 4_000_000_000 }, nonsense: { created: 1 } };
  const result = await runInProcess({ command: 'read', config: config(), catalog: charges, state });
  expect([result.code, idsOf(result).length]).toEqual([0, 0]);
  const warnings = logsOf(result, 'WARN').filter((text) => text.includes('nonsense'));
  expect(warnings).toEqual(['The state names streams that this connector does not have; they are ignored: nonsense.']);
});

const chargesAndCustomers = catalogOf(['charges', 'customers']);
const stateOf = (account: string) =>
  Object.fromEntries(['charges', 'customers'].map((name) => [name, { version: 1, created: 1, from: 0, account }]));
const accountsIn = (result: Result) => new Set(statesOf(result).map(({ stream }) => accountOf(stream.stream_state)));
const told = (result: Result) => logsOf(result, 'WARN').filter((text) => /account/.test(text));
const readAs = (more: object, state: object) =>
  runInProcess({ command: 'read', config: config(more), catalog: chargesAndCustomers, state });
const refuse = (message: string) => sandbox.fault({ kind: 'status', status: 403, match: '/v1/account', message });

it('read knows an account that the key may not see from a refusal that names it', async () => {
  const result = await readAs({ api_key: ROWS_ONLY }, stateOf(sandbox.account));
  expect([result.code, told(result), accountsIn(result)]).toEqual([0, [], new Set([sandbox.account])]);
  const other = await readAs({ api_key: ROWS_ONLY }, stateOf('acct_other'));
  expect([other.code, idsOf(other)]).toEqual([1, []]);
  expect(errorsOf(other)[0]?.message).toContain(`acct_other, but this sync reads ${sandbox.account}`);
});

it.each([
  'You may not.',
  "No permission on account 'acct_1Abc...'.",
  "No permission on account 'sk_test_51secret'.",
])('read neither compares nor asserts the account after the refusal "%s", and says so once', async (message) => {
  refuse(message);
  const result = await readAs({}, stateOf('acct_other'));
  expect([result.code, idsOf(result).length, accountsIn(result)]).toEqual([0, 125, new Set([undefined])]);
  expect(told(result)).toHaveLength(1);
  expect(told(result).join()).toMatch(/belongs to account acct_other.*not known/);
});

it('read takes the configured account for the one that the key may not see', async () => {
  refuse('You may not.');
  const result = await readAs({ account_id: sandbox.account }, stateOf('acct_other'));
  expect([result.code, idsOf(result)]).toEqual([1, []]);
  refuse('You may not.');
  const same = await readAs({ account_id: sandbox.account }, stateOf(sandbox.account));
  expect([same.code, told(same), accountsIn(same)]).toEqual([0, [], new Set([sandbox.account])]);
});

it('read never writes what is no account into a state, whether a server says it or a state', async () => {
  sandbox.fault({
    kind: 'not_json',
    match: '/v1/account',
    body: '{"id": "sk_test_51secret", "object": "account"}',
  });
  const result = await readAs({}, stateOf('rk_live_51stored'));
  expect([result.code, accountsIn(result)]).toEqual([0, new Set([undefined])]);
  expect(told(result)).toHaveLength(1);
  expect(result.stdout).not.toMatch(/51secret|51stored/);
  sandbox.fault({ kind: 'not_json', match: '/v1/account', body: '{"id": 7, "created": "then"}' });
  expect((await readAs({}, {})).code).toBe(0);
});

it('read leaves out a stream that does not exist with INCOMPLETE, a warning, and exit code 0', async () => {
  const result = await runInProcess({
    command: 'read',
    config: config(),
    catalog: catalogOf(['nonsense', 'charges']),
  });
  expect([result.code, errorsOf(result), idsOf(result).length]).toEqual([0, [], 120]);
  expect(statusesOf(result, 'nonsense')).toEqual(['INCOMPLETE']);
  expect(logsOf(result, 'WARN').join()).toContain('There is no stream nonsense');
});

it('read fails once, not once for each stream, when the key is not accepted', async () => {
  const run = { config: config({ api_key: 'sk_test_revoked51AbC' }), catalog: catalogOf(['charges', 'customers']) };
  const result: Result = await runInProcess({ command: 'read', ...run });
  expect([result.code, errorsOf(result).length]).toEqual([1, 1]);
  expect(errorsOf(result)[0]).toMatchObject({ failure_type: 'config_error' });
  for (const stream of ['charges', 'customers']) expect(statusesOf(result, stream)).toEqual(['INCOMPLETE']);
});

it('read warns of a property that it does not know', async () => {
  const result = await runInProcess({ command: 'read', config: config({ slice_range: 365 }), catalog: charges });
  expect([result.code, logsOf(result, 'WARN')]).toEqual([
    0,
    ['The configuration\'s "slice_range" is not known and is ignored.'],
  ]);
});

it("read refuses a catalog as Airbyte's acceptance tests send it, with a TRACE ERROR", async () => {
  const stream = {
    name: '__AIRBYTE__stream_that_does_not_exist',
    json_schema: { type: 'object', properties: { f1: { type: 'string' } } },
    supported_sync_modes: ['full_refresh', 'incremental'],
  };
  const catalog = { streams: [{ stream, sync_mode: 'INVALID', destination_sync_mode: 'INVALID' }] };
  expect(await readError({ config: config(), catalog })).toContain('unknown sync_mode');
});

it.each([['raed'], ['']])('the command "%s" is refused with a TRACE ERROR', async (command) => {
  const result = await runConnector({ command });
  expect([result.code, errorsOf(result).length]).toEqual([1, 1]);
  expect(errorsOf(result)[0]?.message).toContain('Use spec, check, discover or read');
});

it('--help explains the commands on stderr, not on stdout', async () => {
  const { code, stdout, stderr } = await runConnector({ command: '--help' });
  expect([code, stdout]).toEqual([0, '']);
  expect(stderr).toContain('read --config');
});

function accountOf(state: object): unknown {
  return 'account' in state ? state.account : undefined;
}

async function tcpServer(): Promise<{ readonly url: string; readonly server: TcpServer }> {
  const server = createTcpServer((socket) => socket.resetAndDestroy());
  return { url: await urlOf(server), server };
}

async function serverOf(type: string, body: string): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', type);
    response.end(body);
  });
  return { url: await urlOf(server), server };
}

async function urlOf(server: Server | TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
