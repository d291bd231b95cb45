import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface StripeMock {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Starts Stripe's own mock server on a free port. `binary` is what
 * `go install github.com/stripe/stripe-mock@v0.203.0` leaves in GOBIN.
 */
export async function startStripeMock(binary: string): Promise<StripeMock> {
  const child = spawn(binary, ['-http-addr', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const close = async (): Promise<void> => {
    if (child.exitCode !== null || !child.kill()) return;
    await once(child, 'exit');
  };
  for await (const line of createInterface({ input: child.stdout })) {
    const [, address] = /^Listening for HTTP at address: (\S+)/.exec(line) ?? [];
    if (address) return { url: `http://${address}`, close };
  }
  throw new Error(`${binary} ended before it listened`);
}
