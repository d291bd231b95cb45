import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { argsOf } from './inside.js';
import { PATIENCE_MS, type Runner, type Seen, seen } from './runner.js';

const MAIN = new URL('../../dist/main.js', import.meta.url).pathname;
const QUICKEN = new URL('./quicken.js', import.meta.url).href;

/** Runs an attempt as the built connector, in a process of its own that real signals end. */
export const runProcess: Runner = async (order) => {
  const child = spawn(process.execPath, ['--import', QUICKEN, MAIN, 'read', ...argsOf(order)], {
    env: {
      ...process.env,
      TORTURE_NOW_MS: String(order.startMs),
      ...(order.job === null ? {} : { WORKER_JOB_ID: order.job }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<Seen['end']>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL')));
  });
  let hangs = false;
  const patience = setTimeout(() => {
    hangs = true;
    child.kill('SIGKILL');
  }, PATIENCE_MS);
  const lines: string[] = [];
  let isKilled = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (isKilled) continue;
    lines.push(line);
    if (lines.length !== order.lines) continue;
    isKilled = order.signal === 'SIGKILL';
    child.kill(order.signal);
  }
  // What it wrote after that, or how it ended before the signal came, was not seen.
  const end = isKilled ? await closed.then(() => 'SIGKILL' as const) : await closed;
  clearTimeout(patience);
  return seen(lines, hangs ? 'hangs' : end);
};
