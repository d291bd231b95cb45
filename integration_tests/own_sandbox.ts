import { afterAll } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox/sandbox.js';

/** Budgets that hold nothing back. */
export const FAST = { requests_per_second: 1e6, endpoint_requests_per_second: 1e6 };

const open: Sandbox[] = [];

afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
});

/** A sandbox for one test, closed when the tests of the file are over. */
export async function ownSandbox(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  open.push(sandbox);
  return sandbox;
}

/** The configuration that reads a sandbox as fast as it can answer. */
export function configOf({ apiKey, url }: Pick<Sandbox, 'apiKey' | 'url'>, more: object = {}) {
  return { api_key: apiKey, api_base: url, ...FAST, ...more };
}
