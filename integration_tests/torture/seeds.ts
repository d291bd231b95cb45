import fc from 'fast-check';
import { scenario } from './arbitrary.js';
import { endure } from './property.js';
import type { Runner } from './runner.js';

/** After this time no further life begins: a failure is told, as small as it is by then, and too few lives are one, too. */
const LIMIT_MS = 1_500_000;

/** For a test: it takes as long as its lives do, and a failure needs time to be made smaller. */
export const TEST_TIMEOUT_MS = LIMIT_MS + 40_000;

/**
 * Lives through random lives. Throws an Error with the seed, the path and the smallest scenario that was found.
 * TORTURE_SEED chooses other lives than those of every day.
 */
export async function torture(runner: Runner, runs: number, seed: number): Promise<void> {
  const given = Number(process.env['TORTURE_SEED'] ?? 0);
  const property = fc.asyncProperty(scenario, (each) => endure(each, runner));
  const limit = { interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: true };
  await fc.assert(property, { numRuns: runs, seed: seed + given, ...limit });
}
