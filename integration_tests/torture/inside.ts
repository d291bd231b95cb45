import './quicken.js';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { run } from '../../src/cli.js';
import type { Message } from '../../src/protocol/messages.js';
import { type Order, PATIENCE_MS, type Runner, type Seen, seen } from './runner.js';

/** After so many lines the reader is busy for a moment, while other workers of the engine continue. */
const LINES_AT_ONCE = 7;

const NEVER = new Promise<never>(() => {});

/**
 * Runs an attempt in this process. SIGKILL means that the writer never returns from the line at which it strikes, and
 * that all requests are aborted: nothing that the connector does afterwards is seen.
 */
export const runInside: Runner = async (order) => {
  const lines: string[] = [];
  const stop = new AbortController();
  let end: Seen['end'] | undefined;
  let die: (end: Seen['end']) => void = () => {};
  const death = new Promise<Seen['end']>((resolve) => {
    die = resolve;
  });
  const patience = setTimeout(() => die('hangs'), PATIENCE_MS);

  async function write(message: Message): Promise<void> {
    if (end !== undefined) return NEVER;
    lines.push(JSON.stringify(message));
    if (lines.length === order.lines) {
      stop.abort(order.signal);
      if (order.signal === 'SIGKILL') {
        end = 'SIGKILL';
        die(end);
        return NEVER;
      }
    }
    if (lines.length % LINES_AT_ONCE === 0) await new Promise(setImmediate);
  }

  const started = performance.now();
  const exit: Promise<number | 'SIGTERM'> = run(['read', ...argsOf(order)], {
    env: order.job === null ? {} : { WORKER_JOB_ID: order.job },
    writer: { write, flush: async () => {} },
    signal: stop.signal,
    now: () => Math.floor(order.startMs + performance.now() - started),
    version: 'torture',
    keepSecret: () => {},
    every: () => () => {},
    watch: () => () => {},
  }).catch((reason: unknown): 'SIGTERM' => {
    if (reason === 'SIGTERM') return reason;
    throw reason;
  });
  try {
    const how = await Promise.race([exit, death]);
    end = how;
    return seen(lines, how);
  } finally {
    clearTimeout(patience);
    stop.abort('SIGKILL');
    exit.catch(() => {});
  }
};

const folder = mkdtempSync(join(tmpdir(), 'torture-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

let attempts = 0;

/** Writes the input files of an attempt; returns them as arguments. */
export function argsOf({ config, catalog, state }: Order): readonly string[] {
  attempts += 1;
  return Object.entries({ config, catalog, state }).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const path = join(folder, `${attempts}-${name}`);
    writeFileSync(path, JSON.stringify(value));
    return [`--${name}`, path];
  });
}
