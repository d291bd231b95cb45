import fc from 'fast-check';
import { randomLives } from './random-lives.js';
import type { Runner } from './runner.js';

/** After this time no further life begins: a failure is reported as small as it is by then, and too few lives are a failure. */
const LIMIT_MS = 1_500_000;

/** For a test: it takes as long as its lives do, and a failure needs time to be made smaller. */
export const TEST_TIMEOUT_MS = LIMIT_MS + 40_000;

/**
 * Lives through random lives. Throws an Error with the seed, the path and the smallest scenario that was found.
 * TORTURE_SEED chooses other lives than those of every day.
 */
export async function torture(runner: Runner, runs: number, ownSeed: number): Promise<void> {
  const seed = ownSeed + Number(process.env['TORTURE_SEED'] ?? 0);
  const property = randomLives(runner, {
    onStart: () => {},
    onFirstFailure: (index) => console.error(`A life fails: npm run torture -- --seed ${seed} --path ${index}`),
  });
  await fc.assert(property, {
    numRuns: runs,
    seed,
    interruptAfterTimeLimit: LIMIT_MS,
    markInterruptAsFailure: true,
  });
}
