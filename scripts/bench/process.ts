import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RemoteSandbox } from './remote-sandbox.js';

/** What a process took, from its start to its end. */
export interface Cost {
  readonly seconds: number;
  readonly peakMb: number;
  /** CPU time of all its threads. */
  readonly cpuSeconds: number;
}

export type OnOutput = (chunk: Buffer) => void;

/** A read of the built connector: streams in the order of the catalog, and what the configuration says beside the key. */
export interface Read {
  readonly streams: readonly ConfiguredStream[];
  /** Default: no limit. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The `state` of each STATE message that it starts from. */
  readonly state?: readonly unknown[];
  readonly onOutput?: OnOutput;
}

export interface ConfiguredStream {
  readonly stream: { readonly name: string };
  readonly sync_mode: 'full_refresh' | 'incremental';
}

export const MAIN = 'dist/main.js';
export const UNLIMITED = { requests_per_second: 1e9, endpoint_requests_per_second: 1e9 };

const folder = mkdtempSync(join(tmpdir(), 'source-stripe-bench-'));

/** Runs Node with these arguments, reads its stdout to the end, and tells what it cost. Throws when it fails. */
export async function measure(args: readonly string[], onOutput: OnOutput = () => {}): Promise<Cost> {
  const start = performance.now();
  const child = spawn(process.execPath, ['--import', './scripts/bench/peak.mjs', ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  child.stdout?.on('data', onOutput);
  let told = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => {
    told += chunk.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, ...(JSON.parse(told) as Omit<Cost, 'seconds'>) };
}

export function read(sandbox: RemoteSandbox, { streams, config = UNLIMITED, state, onOutput }: Read): Promise<Cost> {
  const args = [MAIN, 'read', '--config', configFile(sandbox, config), '--catalog', file('catalog.json', { streams })];
  return measure(state ? [...args, '--state', file('state.json', state)] : args, onOutput);
}

export function incremental(...names: readonly string[]): readonly ConfiguredStream[] {
  return names.map((name) => ({ stream: { name }, sync_mode: 'incremental' }));
}

/** The configuration of a connector that talks to this sandbox: the path of its file. */
export function configFile({ url, apiKey }: RemoteSandbox, config: object): string {
  return file('config.json', { api_key: apiKey, api_base: url, ...config });
}

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}
