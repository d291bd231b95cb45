import { afterAll } from 'vitest';
import type { LoggedRequest } from './sandbox/log.js';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox/sandbox.js';

/** Budgets that never delay a request. */
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

interface Hold {
  readonly sandbox: Sandbox;
  readonly match: (request: LoggedRequest) => boolean;
  /** How many requests pass first. Default: 0. */
  readonly after?: number;
}

/**
 * Holds answers back until `inFlight` requests are waiting, and then no longer. So a test sees how many are in flight
 * at a time on a machine of any speed. If there are never that many, the sync stands still.
 */
export function holdUntil(inFlight: number, { sandbox, match, after = 0 }: Hold): void {
  let seen = 0;
  const until = new Promise<void>((resolve) => {
    const stop = sandbox.onRequest((request) => {
      seen += match(request) ? 1 : 0;
      if (seen < after + inFlight) return;
      stop();
      resolve();
    });
  });
  sandbox.fault({ kind: 'held', until, match, after, times: Number.POSITIVE_INFINITY });
}
