import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutputError } from '../../src/protocol/errors.js';
import { log, type Message } from '../../src/protocol/messages.js';
import { createWriter } from '../../src/protocol/writer.js';

/** A reader that takes what was written only when it is told to. */
function reader() {
  const chunks: string[] = [];
  let take: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 1,
    decodeStrings: false,
    write: (chunk: string, _, done) => {
      chunks.push(chunk);
      take = done;
    },
    writev: (batch, done) => {
      chunks.push(...batch.map(({ chunk }) => String(chunk)));
      take = done;
    },
  });
  return { stream, text: () => chunks.join(''), take: () => take?.() };
}

const record = (data: Record<string, unknown>): Message => ({
  type: 'RECORD',
  record: { stream: 'charges', data, emitted_at: 1 },
});
const asIs = (text: string) => text;

describe('createWriter', () => {
  it('a write waits until the reader can take more', async () => {
    const { stream, take } = reader();
    const { write } = createWriter(stream, asIs);
    let isThrough = false;
    const writing = write(log('INFO', 'first')).then(() => {
      isThrough = true;
    });
    await Promise.resolve();
    expect(isThrough).toBe(false);
    take();
    await writing;
    expect(isThrough).toBe(true);
  });

  it('a message is written as it was when it was handed over', async () => {
    const { stream, text, take } = reader();
    const { write } = createWriter(stream, asIs);
    const data = { id: 'before' };
    await write(record(data));
    data.id = 'after';
    const writing = write(log('INFO', 'x'));
    take();
    await writing;
    expect(text()).toContain('before');
    expect(text()).not.toContain('after');
  });

  it('every message is on one line for every reader, and keeps its content', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), { minKeys: 1 }),
        async (data) => {
          const { stream, text, take } = reader();
          const { write, flush } = createWriter(stream, asIs);
          await write(record({ ...data, separators: 'a\u2028b\u2029c\u0085d' }));
          const flushing = flush();
          take();
          setImmediate(take);
          await flushing;
          expect(
            text()
              .trimEnd()
              .split(/\r\n|[\n\r\u0085\u2028\u2029]/),
          ).toHaveLength(1);
          expect(JSON.parse(text()).record.data).toEqual({ ...data, separators: 'a\u2028b\u2029c\u0085d' });
        },
      ),
    );
  });

  it('secrets are masked in what people read, but records are left as they are', async () => {
    const { stream, text, take } = reader();
    const { write } = createWriter(stream, (line) => line.replaceAll('secret', '****'));
    await write(record({ id: 'secret' }));
    const writing = write(log('INFO', 'the secret'));
    take();
    await writing;
    expect(text()).toContain('"id":"secret"');
    expect(text()).toContain('the ****');
  });

  it('a masked message is still a message of the protocol, whatever the secret is', async () => {
    const { stream, text, take } = reader();
    const { write } = createWriter(stream, (said) => said.replaceAll('status', '****').replaceAll('FAILED', '****'));
    const writing = write({ type: 'CONNECTION_STATUS', connectionStatus: { status: 'FAILED', message: 'the status' } });
    take();
    await writing;
    expect(JSON.parse(text())).toEqual({
      type: 'CONNECTION_STATUS',
      connectionStatus: { status: 'FAILED', message: 'the ****' },
    });
  });

  it('every write and flush rejects once the reader is gone', async () => {
    const { stream } = reader();
    const { write, flush } = createWriter(stream, asIs);
    stream.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    await expect(write(log('INFO', 'x'))).rejects.toThrow(OutputError);
    await expect(write(log('INFO', 'x'))).rejects.toMatchObject({ readerGone: true });
    await expect(flush()).rejects.toThrow(OutputError);
  });
});
