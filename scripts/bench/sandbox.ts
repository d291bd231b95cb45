import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { type SandboxOptions, startSandbox } from '../../integration_tests/sandbox/sandbox.js';

/** What a line on the stdin of this process asks; the answer is a line of JSON on its stdout. */
export type Question = { readonly ask: 'requests' | 'stall' } | ItemCounts;

export interface ItemCounts {
  readonly ask: 'items';
  /** A list that belongs to an object, by the name of its stream. */
  readonly list: string;
  readonly parents: readonly string[];
}

/** A request as the sandbox saw it. */
export interface Asked {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly path: string;
  readonly status: number | undefined;
}

// A sandbox in a process of its own: `node --import tsx scripts/bench/sandbox.ts '{"rows": 100}'` prints url and key, and
// ends when its stdin does.
const options: SandboxOptions = JSON.parse(process.argv[2] ?? '{}');
const sandbox = await startSandbox(options);
console.log(JSON.stringify({ url: sandbox.url, apiKey: sandbox.apiKey }));

const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();

function answer(question: Question): unknown {
  if (question.ask === 'stall') return delays.max / 1e6;
  if (question.ask === 'items') {
    return question.parents.map((parent) => sandbox.children(question.list, parent).length);
  }
  const asked = sandbox.requests().map(({ at, path, status }): Asked => ({ at, path, status }));
  sandbox.resetLog();
  delays.reset();
  return asked;
}

for await (const line of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(answer(JSON.parse(line))));
process.exit();
