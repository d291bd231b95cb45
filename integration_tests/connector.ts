import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { run as runCommand } from '../src/cli.js';
import type { Message, RecordMessage, StateMessage, StreamStatus, TraceError } from '../src/protocol/messages.js';
import { createRedactor } from '../src/protocol/redact.js';
import { createWriter } from '../src/protocol/writer.js';

const MAIN = new URL('../dist/main.js', import.meta.url).pathname;

/**
 * Compiles schemas without checking them. Does not optimise the code, because each schema validates only a few values
 * and optimising would cost more than that.
 */
export function createAjv(): Ajv {
  return new Ajv({ strict: false, allErrors: true, code: { optimize: false } });
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const isMessage = ajv.compile(JSON.parse(readFileSync(new URL('./protocol.schema.json', import.meta.url), 'utf8')));

/** A command line: each value becomes a file, a text as it is and anything else as JSON. */
export interface CommandLine {
  readonly command: string;
  readonly config?: unknown;
  readonly catalog?: unknown;
  readonly state?: unknown;
  readonly args?: readonly string[];
  /** Environment variables besides those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What to run as a process. */
export interface Run extends CommandLine {
  /** Called with each message as it comes, and the process. */
  readonly onMessage?: (message: Message, child: ChildProcess) => void;
  /** Kills the process (SIGKILL) after the first message for which this is true. Nothing that it wrote later is seen. */
  readonly killAfter?: (message: Message) => boolean;
}

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly messages: readonly Message[];
}

/** Runs the built connector as a child process, its stdout piped. Every line must be a valid protocol message. */
export async function runConnector(run: Run): Promise<Result> {
  const child = spawn(process.execPath, [MAIN, ...argsOf(run)], {
    env: { ...process.env, ...run.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const messages: Message[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const closed = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (code, signal) => resolve([code, signal]));
  });
  let isKilled = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (isKilled) continue;
    lines.push(line);
    const message = parseMessage(line);
    messages.push(message);
    run.onMessage?.(message, child);
    isKilled = run.killAfter?.(message) ?? false;
    if (isKilled) child.kill('SIGKILL');
  }
  const [code, signal] = await closed;
  return { code, signal, stdout: lines.join('\n'), stderr, messages };
}

/**
 * Runs a command in this process, from the sources. For tests of what the connector makes of its input and of Stripe's
 * answers, because starting a process costs many times as much. Tests of exit codes, signals, pipes and whole syncs use
 * `runConnector`.
 */
export async function runInProcess(line: CommandLine): Promise<Result> {
  const stdout = new PassThrough();
  const { redact, keepSecret } = createRedactor();
  const lines: string[] = [];
  const read = (async () => {
    for await (const each of createInterface({ input: stdout })) lines.push(each);
  })();
  const code = await runCommand(argsOf(line), {
    env: { ...process.env, ...line.env },
    writer: createWriter(stdout, redact),
    signal: new AbortController().signal,
    now: Date.now,
    version: 'test',
    keepSecret,
    every: () => () => {},
    watch: () => () => {},
  });
  stdout.end();
  await read;
  return { code, signal: null, stdout: lines.join('\n'), stderr: '', messages: lines.map(parseMessage) };
}

/** Parses a line; throws when it is not exactly one valid message. */
export function parseMessage(line: string): Message {
  const message: unknown = JSON.parse(line);
  if (isMessage(message)) return message as Message;
  throw new Error(`not a valid message: ${line.slice(0, 300)}: ${ajv.errorsText(isMessage.errors?.slice(0, 3))}`);
}

/** Writes a value as a JSON file; its suffix says nothing about its content, as with some orchestrators. */
export function jsonFile(value: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), 'source-stripe-')), 'input.txt');
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o444 });
  return path;
}

function argsOf({ command, config, catalog, state, args = [] }: CommandLine): readonly string[] {
  const files = Object.entries({ config, catalog, state }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, jsonFile(value)],
  );
  return [command, ...files, ...args];
}

/** A configured catalog of these streams. */
export function catalogOf(streams: readonly string[], sync_mode: 'full_refresh' | 'incremental' = 'incremental') {
  return {
    streams: streams.map((name) => ({
      stream: { name, json_schema: {}, supported_sync_modes: ['full_refresh', 'incremental'] },
      sync_mode,
      destination_sync_mode: 'append',
    })),
  };
}

export function recordsOf({ messages }: Pick<Result, 'messages'>, stream?: string): readonly RecordMessage[] {
  const records = messages.flatMap((message) => (message.type === 'RECORD' ? [message.record] : []));
  return stream === undefined ? records : records.filter((record) => record.stream === stream);
}

export function idsOf(result: Pick<Result, 'messages'>, stream?: string): readonly string[] {
  return recordsOf(result, stream).map(({ data }) => String(data['id']));
}

export function statesOf({ messages }: Pick<Result, 'messages'>, stream?: string): readonly StateMessage[] {
  const states = messages.flatMap((message) => (message.type === 'STATE' ? [message.state] : []));
  return stream === undefined ? states : states.filter((state) => state.stream.stream_descriptor.name === stream);
}

/** The last state of each stream, as an orchestrator hands it back. */
export function lastStates(result: Pick<Result, 'messages'>): readonly StateMessage[] {
  return [...new Map(statesOf(result).map((state) => [state.stream.stream_descriptor.name, state])).values()];
}

export function statusesOf({ messages }: Pick<Result, 'messages'>, stream: string): readonly StreamStatus[] {
  return messages.flatMap((message) => {
    const status = message.type === 'TRACE' ? message.trace.stream_status : undefined;
    return status?.stream_descriptor.name === stream ? [status.status] : [];
  });
}

export function errorsOf({ messages }: Pick<Result, 'messages'>): readonly TraceError[] {
  return messages.flatMap((message) => (message.type === 'TRACE' && message.trace.error ? [message.trace.error] : []));
}

export function logsOf({ messages }: Pick<Result, 'messages'>, level: string): readonly string[] {
  return messages.flatMap((message) =>
    message.type === 'LOG' && message.log.level === level ? [message.log.message] : [],
  );
}
