import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Message } from '../../src/protocol/messages.js';

/** How a container, or a docker command, ended. `messages` are its lines on stdout that are JSON. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly messages: readonly Message[];
}

export interface Running {
  readonly outcome: Promise<Outcome>;
  /** Resolves once a line for which `test` holds was printed; rejects when the command ends without. */
  readonly printed: (test: (line: string) => boolean) => Promise<void>;
}

/** Runs `docker ARGS…` to its end. */
export function docker(args: readonly string[]): Promise<Outcome> {
  return startDocker(args).outcome;
}

/** Starts `docker ARGS…` and does not wait for it. */
export function startDocker(args: readonly string[]): Running {
  const child = spawn('docker', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    for (const wake of waiting) wake(line);
  });
  const outcome = ended(child, lines);
  const printed = (test: (line: string) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      if (lines.some(test)) resolve();
      waiting.add((line) => test(line) && resolve());
      outcome.then(({ stderr }) => reject(new Error(`docker ended before it printed that: ${stderr}`)), reject);
    });
  return { outcome, printed };
}

async function ended(child: ChildProcess, lines: readonly string[]): Promise<Outcome> {
  const errors: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const messages = lines.filter((line) => line.startsWith('{"type":')).map((line) => JSON.parse(line) as Message);
  return { code: code ?? -1, stdout: lines.join('\n'), stderr: Buffer.concat(errors).toString(), messages };
}
