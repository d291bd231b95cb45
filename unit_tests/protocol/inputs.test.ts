import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCatalog } from '../../src/protocol/catalog.js';
import { ConfigError } from '../../src/protocol/errors.js';
import { readJson } from '../../src/protocol/files.js';
import { parseState } from '../../src/protocol/state.js';

describe('parseState', () => {
  const state = { created: 5 };
  const message = (name: string, namespace?: string | null) => ({
    type: 'STREAM',
    stream: { stream_descriptor: { name, ...(namespace === undefined ? {} : { namespace }) }, stream_state: state },
    sourceStats: { recordCount: 3.0 },
    id: 7,
  });

  it.each([
    ['an array of messages', [message('charges')]],
    ['an array whose message has a null namespace', [message('charges', null)]],
    ['a single message', message('charges')],
    ['whole protocol messages', [{ type: 'STATE', state: message('charges') }]],
    ['a map from stream to state', { charges: state }],
    ['a LEGACY message', { type: 'LEGACY', data: { charges: state } }],
    ['a GLOBAL message', [{ type: 'GLOBAL', global: { stream_states: [message('charges').stream] } }]],
    ['a message without type', [{ stream: message('charges').stream }]],
  ])('reads %s', (_, raw) => {
    expect(parseState(raw).of({ name: 'charges' })).toEqual(state);
    expect(parseState(raw).of({ name: 'refunds' })).toBeUndefined();
  });

  it.each([[undefined], [null], [[]], [{}]])('reads %j as no state', (raw) => {
    expect(parseState(raw).of({ name: 'charges' })).toBeUndefined();
  });

  it('reads a null stream_state as a reset', () => {
    const reset = { ...message('charges'), stream: { stream_descriptor: { name: 'charges' }, stream_state: null } };
    expect(parseState([message('charges'), reset]).of({ name: 'charges' })).toBeUndefined();
  });

  it('keeps namespaces apart', () => {
    expect(parseState([message('charges', 'a')]).of({ name: 'charges', namespace: 'b' })).toBeUndefined();
  });

  it('either reads any JSON or refuses it with a ConfigError', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (raw) => {
        try {
          parseState(raw).of({ name: 'charges' });
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
        }
      }),
    );
  });
});

describe('parseCatalog', () => {
  it('ignores nulls and unknown keys, and takes absent modes for the defaults of the protocol', () => {
    const stream = { name: 'charges', namespace: null, json_schema: {}, is_file_based: null };
    const configured = {
      stream,
      sync_mode: null,
      destination_sync_mode: null,
      cursor_field: null,
      'estuary.dev/range': 1,
    };
    expect(parseCatalog({ streams: [configured], projections: [] })).toEqual([
      { descriptor: { name: 'charges' }, syncMode: 'full_refresh' },
    ]);
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
  ])('refuses %j', (raw) => {
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

  it('reads JSON whatever the suffix, and with a byte order mark', async () => {
    expect(await readJson(file('\uFEFF{"a": 1}'), 'config')).toEqual({ a: 1 });
  });

  it('reads an empty file as nothing', async () => {
    expect(await readJson(file(' \n'), 'state')).toBeUndefined();
  });

  it('names file and place of what is not JSON, and quotes none of it', async () => {
    const path = file('{"api_key":\n "sk_live_secret" oops}');
    await expect(readJson(path, 'config')).rejects.toThrow(`The config file ${path} is not valid JSON: see line 2`);
    await expect(readJson(path, 'config')).rejects.not.toThrow('sk_live');
    await expect(readJson(file('{"api_key": "sk_li'), 'config')).rejects.toThrow(/line 1|cut off/);
  });

  it('says why a file cannot be read', async () => {
    await expect(readJson(join(folder, 'none.json'), 'catalog')).rejects.toThrow('there is no such file');
    await expect(readJson(folder, 'catalog')).rejects.toThrow('it is a directory');
  });
});
