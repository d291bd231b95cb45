import fc from 'fast-check';
import { scenario } from './arbitrary.js';
import { endure } from './property.js';
import type { Runner } from './runner.js';

/** What is reported during random lives. */
export interface Listener {
  /** Called before each life, those that make a failure smaller included. */
  readonly onStart: () => void;
  /** Called once, before the life is made smaller. The index of a life is its path, too, for fast-check. */
  readonly onFirstFailure: (index: number, error: unknown) => void;
}

/** The property that random lives are checked for: none of them loses anything. */
export function randomLives(runner: Runner, { onStart, onFirstFailure }: Listener) {
  let begun = 0;
  let hasFailed = false;
  return fc.asyncProperty(scenario, async (each) => {
    begun += 1;
    onStart();
    try {
      await endure(each, runner);
    } catch (error) {
      if (!hasFailed) onFirstFailure(begun - 1, error);
      hasFailed = true;
      throw error;
    }
  });
}
