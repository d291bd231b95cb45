import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOverwritten, parseCatalog } from '../../src/protocol/catalog.js';
import { ConfigError } from '../../src/protocol/errors.js';
import { readJson, whyUnreadable } from '../../src/protocol/files.js';
import { parseState } from '../../src/protocol/state.js';
import { catalog } from '../../src/streams/catalog.js';

describe('parseState', () => {
  const state = { created: 5 };
  const message = (name: string, namespace?: string | null) => ({
    type: 'STREAM',
    stream: { stream_descriptor: { name, ...(namespace === undefined ? {} : { namespace }) }, stream_state: state },
    sourceStats: { recordCount: 3.0 },
    id: 7,
  });

  const STREAMS = ['charges', 'refunds', 'customers'];
  const parse = (raw: unknown) => parseState(raw, STREAMS);
  const entry = { stream_descriptor: { name: 'charges' }, stream_state: state };

  it.each([
    ['an array of messages', [message('charges')]],
    ['an array whose message has a null namespace', [message('charges', null)]],
    ['a single message', message('charges')],
    ['whole protocol messages', [{ type: 'STATE', state: message('charges') }]],
    ['a map from stream to state', { charges: state }],
    ['a LEGACY message', { type: 'LEGACY', data: { charges: state } }],
    ['a GLOBAL message', [{ type: 'GLOBAL', global: { stream_states: [message('charges').stream] } }]],
    ['a GLOBAL message with a shared state', { type: 'GLOBAL', global: { shared_state: {}, stream_states: [entry] } }],
    ['a message without type', [{ stream: message('charges').stream }]],
    ['a message that has its state in the outdated form, too', { ...message('charges'), data: { charges: {} } }],
    ['an entry by itself', entry],
    ['an array of entries', [{ ...entry, stream_descriptor: { name: 'refunds' }, stream_state: null }, entry]],
    ['a map in an array', [{ charges: state }]],
    ["Meltano's wrapper around messages", { airbyte_state: [message('charges')] }],
    ["Meltano's wrapper around one message", { airbyte_state: message('charges') }],
    ["Meltano's wrapper around an entry", { airbyte_state: entry }],
    ["Meltano's wrapper around a map", { airbyte_state: { charges: state } }],
    ["Meltano's wrapper as Meltano stores it", { singer_state: { airbyte_state: [message('charges')] } }],
    ["Singer's bookmarks", { bookmarks: { charges: state }, currently_syncing: null }],
    ["Singer's message", { type: 'STATE', value: { bookmarks: { charges: state } } }],
    ["Singer's message without bookmarks", { type: 'STATE', value: { charges: state } }],
    ['a list "streams"', { streams: [entry] }],
    ['a map "streams"', { streams: { charges: state } }],
    ['a list "stream_states"', { stream_states: [entry] }],
    [
      "the form of Airbyte's API",
      { stateType: 'stream', streamState: [{ streamDescriptor: { name: 'charges' }, streamState: state }] },
    ],
    ['an array of entries in camel case', [{ streamDescriptor: { name: 'charges' }, streamState: state }]],
    ['JSON in a text', JSON.stringify([message('charges')])],
    ['JSON in a text inside of a wrapper', { airbyte_state: JSON.stringify({ charges: state }) }],
    ['a stream twice, of which the later counts', [{ charges: { created: 1 } }, message('charges')]],
    ['a wrapper beside which others are null', { stream: null, global: null, data: { charges: state } }],
  ])('a state is read from %s', (_, raw) => {
    const read = parse(raw);
    expect(read.of({ name: 'charges' })).toEqual(state);
    expect(read.of({ name: 'refunds' })).toBeUndefined();
    expect(read.warnings([{ name: 'charges' }])).toEqual([]);
  });

  it.each([
    [undefined],
    [null],
    [[]],
    [{}],
    [''],
    ['[]'],
    [{ airbyte_state: null }],
    [{ airbyte_state: [] }],
    [{ stateType: 'not_set', connectionId: 'a1' }],
    [{ bookmarks: {} }],
    [{ type: 'STATE', value: {} }],
    [{ charges: null }],
  ])('%j is no state', (raw) => {
    expect(parse(raw).of({ name: 'charges' })).toBeUndefined();
    expect(parse(raw).warnings([{ name: 'charges' }])).toEqual([]);
  });

  it.each([
    [7, 'neither an array of state messages nor an object'],
    [true, 'neither an array of state messages nor an object'],
    ['done', 'it is a string'],
    ['7', 'it is a string'],
    [[null], 'an entry of the array is not an object'],
    [[{}], 'none of its keys is a stream'],
    [{ unknown: { created: 1 } }, 'none of its keys is a stream of this connector (unknown)'],
    [{ bookmarks: { unknown: {} } }, 'none of its keys is a stream of this connector (unknown)'],
    [{ airbyte_state: { chargess: state } }, 'none of its keys is a stream of this connector (chargess)'],
    [{ created: 5, from: 0 }, 'it looks like the state of one stream (created, from)'],
    [{ updated: 5 }, 'it looks like the state of one stream (updated)'],
    [{ type: 'STREAM' }, 'none of its keys is a stream'],
    [{ type: 'STREAM', stream: {} }, 'no "stream_descriptor" with a name'],
    [{ type: 'STREAM', stream: { charges: state } }, 'no "stream_descriptor" with a name'],
    [{ type: 'GLOBAL', global: { shared_state: {} } }, '"global" has no list "stream_states"'],
    [{ stream_descriptor: 'charges', stream_state: state }, 'no "stream_descriptor" with a name'],
  ])('the state %j is refused with the reason', (raw, why) => {
    expect(() => parse(raw)).toThrow(ConfigError);
    expect(() => parse(raw)).toThrow(why);
  });

  it('the known streams of a map or of messages are used, and a warning names the others once', () => {
    const rest = Array.from({ length: 6 }, (_, index) => [`s${index}`, state]);
    for (const raw of [
      { charges: state, ...Object.fromEntries(rest) },
      [message('charges'), ...rest.map(([name]) => message(String(name))), message('s0')],
    ]) {
      expect(parse(raw).of({ name: 'charges' })).toEqual(state);
      expect(parse(raw).warnings([{ name: 'charges' }])).toEqual([
        'The state names streams that this connector does not have; they are ignored: s0, s1, s2, s3, s4 and 1 more.',
      ]);
    }
    expect(parse([message('unknown')]).warnings([])).toHaveLength(1);
  });

  it('a null stream_state resets the stream', () => {
    const reset = { ...message('charges'), stream: { stream_descriptor: { name: 'charges' }, stream_state: null } };
    expect(parse([message('charges'), reset]).of({ name: 'charges' })).toBeUndefined();
  });

  it('a state counts in its own namespace only, and a warning says so where only another namespace has one', () => {
    const read = parse([message('charges', 'a')]);
    expect(read.of({ name: 'charges', namespace: 'b' })).toBeUndefined();
    expect(read.warnings([{ name: 'charges', namespace: 'b' }])).toEqual([
      'charges: the state has this stream in the namespace "a", but the catalog has it in the namespace "b", so it is read from its beginning.',
    ]);
    expect(read.warnings([{ name: 'charges' }]).join()).toContain('the catalog has it without a namespace');
    expect(read.warnings([{ name: 'charges', namespace: 'a' }, { name: 'refunds' }])).toEqual([]);
  });

  it('any JSON is either read as a state or refused with a ConfigError', () => {
    const key = fc.constantFrom(
      'charges',
      'stream',
      'type',
      'state',
      'airbyte_state',
      'bookmarks',
      'stream_state',
      'x',
    );
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.jsonValue(), fc.array(tie('value')), fc.dictionary(key, tie('value'))),
    })).value;
    fc.assert(
      fc.property(json, (raw) => {
        try {
          parse(raw).of({ name: 'charges' });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });

  it('no stream has the name of a key that wraps states', () => {
    const names = new Set(catalog.map(({ name }) => name));
    for (const name of [
      'stream',
      'streams',
      'global',
      'state',
      'value',
      'data',
      'type',
      'bookmarks',
      'airbyte_state',
    ]) {
      expect(names.has(name)).toBe(false);
    }
  });
});

describe('parseCatalog', () => {
  it('a catalog may hold nulls and unknown keys, and absent modes mean the defaults of the protocol', () => {
    const stream = { name: 'charges', namespace: null, json_schema: {}, is_file_based: null };
    const configured = {
      stream,
      sync_mode: null,
      destination_sync_mode: null,
      cursor_field: null,
      'estuary.dev/range': 1,
    };
    expect(parseCatalog({ streams: [configured], projections: [] })).toEqual([
      {
        descriptor: { name: 'charges' },
        syncMode: 'full_refresh',
        destinationSyncMode: 'append',
        minimumGenerationId: 0,
      },
    ]);
  });

  it.each([
    ['full_refresh', 'overwrite', {}, true],
    ['full_refresh', 'overwrite_dedup', {}, true],
    ['full_refresh', 'append', {}, false],
    ['full_refresh', 'append', { generation_id: 3, minimum_generation_id: 0 }, false],
    ['full_refresh', 'append', { generation_id: 3, minimum_generation_id: 3 }, true],
    ['full_refresh', 'append', { minimum_generation_id: '3' }, true],
    ['incremental', 'overwrite', {}, false],
    ['incremental', 'append_dedup', {}, false],
  ])('whether the destination may drop rows follows from %s, %s, %j', (sync_mode, destination_sync_mode, more, expected) => {
    const configured = { stream: { name: 'charges' }, sync_mode, destination_sync_mode, ...more };
    expect(parseCatalog({ streams: [configured] }).map(isOverwritten)).toEqual([expected]);
  });

  it.each([
    [null],
    [{}],
    [{ streams: {} }],
    [{ streams: [null] }],
    [{ streams: [{ stream: { name: 7 } }] }],
    [{ streams: [{ stream: { name: 'x' }, sync_mode: 'INVALID' }] }],
    [{ streams: [{ stream: { name: 'x' }, destination_sync_mode: 'INVALID' }] }],
    [{ streams: [{ stream: { name: 'x' } }, { stream: { name: 'x', namespace: '' } }] }],
  ])('the catalog %j is refused', (raw) => {
    expect(() => parseCatalog(raw)).toThrow(ConfigError);
  });
});

describe('readJson', () => {
  const folder = mkdtempSync(join(tmpdir(), 'inputs-'));
  const file = (text: string) => {
    const path = join(folder, `${Math.random()}.txt`);
    writeFileSync(path, text);
    return path;
  };

  it('a JSON file may have any suffix and a byte order mark', async () => {
    expect(await readJson(file('\uFEFF{"a": 1}'), 'config')).toEqual({ a: 1 });
  });

  it('an empty file holds nothing', async () => {
    expect(await readJson(file(' \n'), 'state')).toBeUndefined();
  });

  it('an error about a file that is not JSON names the file and the line, and quotes nothing of it', async () => {
    const path = file('{"api_key":\n "sk_live_secret" oops}');
    await expect(readJson(path, 'config')).rejects.toThrow(`The config file ${path} is not valid JSON: see line 2`);
    await expect(readJson(path, 'config')).rejects.not.toThrow('sk_live');
    await expect(readJson(file('{"api_key": "sk_li'), 'config')).rejects.toThrow(/line 1|cut off/);
  });

  it('an error says why a file cannot be read', async () => {
    await expect(readJson(join(folder, 'none.json'), 'catalog')).rejects.toThrow('there is no such file');
    await expect(readJson(folder, 'catalog')).rejects.toThrow('it is a directory');
  });

  it.each([
    ['EACCES', 1000, /^permission denied\. The connector runs as uid 1000, which .*chmod a\+r.*docker run --user/],
    ['EPERM', undefined, /^permission denied\. The connector runs as a user that may not read it/],
    ['EISDIR', 1000, /it is a directory\. Docker makes one/],
    ['ENOTDIR', 1000, /a part of its path is a file/],
    ['EIO', 1000, /^EIO\.$/],
  ])('the system error %s is explained with what to do', (code, uid, message) => {
    expect(whyUnreadable(code, uid)).toMatch(message);
  });
});
