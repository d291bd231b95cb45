import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { SandboxOptions } from '../../integration_tests/sandbox/sandbox.js';
import type { Asked, ItemCounts, Question } from './sandbox.js';

/** A sandbox in a process of its own, so that its work is not counted as the connector's. */
export interface RemoteSandbox {
  readonly url: string;
  readonly apiKey: string;
  /** The requests since the last call. */
  readonly requests: () => Promise<readonly Asked[]>;
  /** The longest time in ms since the last call of `requests` in which its process could not answer. */
  readonly stallMs: () => Promise<number>;
  /** How many items the lists of these parents have. */
  readonly items: (lists: Omit<ItemCounts, 'ask'>) => Promise<readonly number[]>;
  readonly stop: () => void;
}

/** The data end an hour ago, so that no horizon cuts them. */
const AGE_SECONDS = 3600;

export async function startRemoteSandbox(options: SandboxOptions): Promise<RemoteSandbox> {
  const now = Math.floor(Date.now() / 1000) - AGE_SECONDS;
  const args = ['--import', 'tsx', 'scripts/bench/sandbox.ts', JSON.stringify({ now, ...options })];
  const { stdin, stdout } = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: stdout });
  const { url, apiKey } = JSON.parse(await nextLine(lines));
  const ask = async (question: Question) => {
    const answer = nextLine(lines);
    stdin.write(`${JSON.stringify(question)}\n`);
    return JSON.parse(await answer);
  };
  return {
    url,
    apiKey,
    requests: () => ask({ ask: 'requests' }),
    stallMs: () => ask({ ask: 'stall' }),
    items: (lists) => ask({ ask: 'items', ...lists }),
    stop: () => stdin.end(),
  };
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = await once(lines, 'line');
  return String(line);
}
