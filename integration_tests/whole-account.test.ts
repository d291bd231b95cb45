import type { ValidateFunction } from 'ajv';
import { beforeAll, expect, it } from 'vitest';
import type { Message, Stream } from '../src/protocol/messages.js';
import { catalog } from '../src/streams/catalog.js';
import {
  catalogOf,
  createAjv,
  errorsOf,
  logsOf,
  type Result,
  recordsOf,
  runConnector,
  statesOf,
  statusesOf,
} from './connector.js';
import { configOf, ownSandbox } from './own-sandbox.js';
import { keyOf } from './sandbox/inspection.js';
import type { Sandbox } from './sandbox/sandbox.js';

/** How many items of a list Stripe embeds. */
const EMBEDDED = 10;

let sandbox: Sandbox;
let first: Result;
/** The messages of each stream. */
const own = new Map<string, Message[]>();
let streams: readonly Stream[];

beforeAll(async () => {
  sandbox = await ownSandbox({ rows: 130, seed: 7 });
  const config = configOf(sandbox);
  const { messages } = await runConnector({ command: 'discover', config });
  streams = messages.flatMap((message) => (message.type === 'CATALOG' ? message.catalog.streams : []));
  const names = catalog.map(({ name }) => name);
  first = await runConnector({ command: 'read', config, catalog: catalogOf(names) });
  for (const message of first.messages) {
    const messagesOfStream = own.get(streamOf(message)) ?? [];
    own.set(streamOf(message), messagesOfStream);
    messagesOfStream.push(message);
  }
});

/** The primary keys of what was read of a stream. */
function keysOf(name: string): readonly string[] {
  const stream = catalog.find((each) => each.name === name);
  return stream ? recordsOf(ownOf(name)).map(({ data }) => keyOf(stream, data)) : [];
}

function ownOf(name: string): Pick<Result, 'messages'> {
  return { messages: own.get(name) ?? [] };
}

it('a whole account is read with exit code 0, no error and nothing on stderr', () => {
  expect([first.code, errorsOf(first), first.stderr]).toEqual([0, [], '']);
});

it.each(catalog.map(({ name }) => name))('every row of %s is emitted exactly once', (stream) => {
  const expected = sandbox.rows(stream);
  expect(expected.length).toBeGreaterThan(0);
  expect([...keysOf(stream)].sort()).toEqual([...expected].sort());
});

it('every row is valid by the schema that discover gives its stream', () => {
  const ajv = createAjv();
  const validators = new Map<string, ValidateFunction>(
    streams.map((each) => [each.name, ajv.compile(each.json_schema)]),
  );
  const wrong = recordsOf(first).flatMap(({ stream, data }) => {
    const validate = validators.get(stream);
    return validate?.(data) ? [] : [`${stream}: ${ajv.errorsText(validate?.errors)}`];
  });
  expect(wrong.slice(0, 5)).toEqual([]);
});

it('a charge is emitted as Stripe has it', () => {
  for (const { data } of recordsOf(ownOf('charges'))) {
    const { refunds, ...charge } = data;
    expect(charge).toEqual(sandbox.object('charges', String(data['id'])));
    expect(refunds).toMatchObject({ data: sandbox.children('charge_refunds', String(data['id'])), has_more: false });
  }
});

it('each stream says STARTED, RUNNING and, behind its last state, COMPLETE', () => {
  for (const { name } of catalog) {
    expect(statusesOf(ownOf(name), name)).toEqual(['STARTED', 'RUNNING', 'COMPLETE']);
    expect(ownOf(name).messages.at(-2)?.type).toBe('STATE');
  }
});

it('the states of a stream count all of its records', () => {
  for (const { name } of catalog) {
    const counts = statesOf(ownOf(name)).map(({ sourceStats }) => sourceStats.recordCount);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(recordsOf(ownOf(name)).length);
  }
});

it('no state of a stream is emitted twice', () => {
  for (const { name } of catalog) {
    const states = statesOf(ownOf(name)).map(({ stream }) => JSON.stringify(stream.stream_state));
    expect(new Set(states).size).toBe(states.length);
  }
});

it('the last state of a stream is small enough for a person to read', () => {
  const charges = statesOf(ownOf('charges')).at(-1)?.stream.stream_state;
  expect(charges).toEqual({
    version: 1,
    created: expect.any(Number),
    from: 0,
    livemode: false,
    account: sandbox.account,
  });
});

it('a list without children takes few requests more than it has pages', () => {
  const count = (path: string) => sandbox.requests().filter((request) => request.path === path).length;
  const roots = catalog.filter(({ parent }) => parent === undefined);
  for (const { path } of roots) {
    if (catalog.some((other) => other.path === path && other.parent)) continue;
    const pages = roots
      .filter((root) => root.path === path)
      .map((root) => Math.ceil(sandbox.rows(root.name).length / (path.startsWith('/v2/') ? 20 : 100)))
      // A list of several pages is split, which may cost a page or two for each worker.
      .map((count) => count + (count > 1 ? 5 : 1));
    expect(count(path), path).toBeLessThanOrEqual(pages.reduce((sum, each) => sum + each));
  }
});

it('no request is sent for children that a parent does not have or embeds whole', () => {
  const asked = new Set(sandbox.requests().map(({ path }) => path));
  const needless = catalog.flatMap(({ name, path, parent }) => {
    if (!parent?.embeddedIn || !path.includes('{id}')) return [];
    const ids = recordsOf(ownOf(parent.stream.name)).map(({ data }) => String(data['id']));
    const whole = ids.filter((id) => sandbox.children(name, id).length <= EMBEDDED);
    return whole.map((id) => path.replace('{id}', id)).filter((each) => asked.has(each));
  });
  expect(needless).toEqual([]);
});

it('the log counts the payouts that have no rows', () => {
  expect(logsOf(first, 'INFO').join()).toMatch(/payout_balance_transactions: no rows for \d+ of the payouts/);
});

/** The stream that a record, a state or a status is about; '' for the others. */
function streamOf(message: Message): string {
  if (message.type === 'RECORD') return message.record.stream;
  if (message.type === 'STATE') return message.state.stream.stream_descriptor.name;
  return (message.type === 'TRACE' && message.trace.stream_status?.stream_descriptor.name) || '';
}
