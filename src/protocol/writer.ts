import type { Writable } from 'node:stream';
import { OutputError } from './errors.js';
import type { Message, Write } from './messages.js';

/** Lines are handed over in batches of about this many characters, because a system call costs more than a record. */
const BATCH_LENGTH = 1 << 16;

/** The fields of messages that people read. Everything else is for programs. */
const TEXTS_FOR_PEOPLE = ['message', 'internal_message', 'stack_trace'];

/** Writes messages to stdout. */
export interface Writer {
  readonly write: Write;
  /** Hands over what is still buffered. Resolves when the stream has passed all of it on. */
  readonly flush: () => Promise<void>;
}

/**
 * Writes one JSON message per line. A message is serialised before `write` returns, so it is a snapshot of that moment.
 * Records wait in a small buffer until it is full or any other message comes; back-pressure is the stream's own. When the
 * stream fails, `onFailure` is called, and from then on every write rejects with an OutputError. `redact` is applied to
 * the texts that people read.
 */
export function createWriter(
  stream: Writable,
  redact: (text: string) => string,
  onFailure: (error: OutputError) => void = () => {},
): Writer {
  let lines: string[] = [];
  let length = 0;
  let failure: OutputError | undefined;
  let drained: Promise<void> | undefined;
  stream.on('error', (error) => {
    if (failure) return;
    failure = new OutputError(error);
    onFailure(failure);
  });

  const redactText = (key: string, value: unknown) =>
    TEXTS_FOR_PEOPLE.includes(key) && typeof value === 'string' ? redact(value) : value;

  async function drain(): Promise<void> {
    const batch = lines;
    lines = [];
    length = 0;
    if (failure) throw failure;
    if (writeAll(stream, batch)) return;
    drained ??= ready(stream).finally(() => {
      drained = undefined;
    });
    await drained;
    if (failure) throw failure;
  }

  async function write(message: Message): Promise<void> {
    const json = message.type === 'RECORD' ? JSON.stringify(message) : JSON.stringify(message, redactText);
    const line = `${onOneLine(json)}\n`;
    lines.push(line);
    length += line.length;
    if (message.type !== 'RECORD' || length >= BATCH_LENGTH) await drain();
  }

  async function flush(): Promise<void> {
    await drain();
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
    if (failure) throw failure;
  }

  return { write, flush };
}

/** JSON leaves these as they are, but some readers take them for the end of a line: Node's readline, Python's splitlines. */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

function onOneLine(json: string): string {
  return json.replace(LINE_ENDS, escapeOf);
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Hands over lines in one system call; false when the stream can take no more. The lines are not joined, because one line
 * that needs two bytes per character would slow down the encoding of all of them.
 */
function writeAll(stream: Writable, lines: readonly string[]): boolean {
  stream.cork();
  const results = lines.map((line) => stream.write(line));
  stream.uncork();
  return results.at(-1) ?? true;
}

/** Resolves when the stream can take more, or never will. */
function ready(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      stream.off('error', done);
      resolve();
    };
    stream.once('drain', done);
    stream.once('close', done);
    stream.once('error', done);
  });
}
