import { it } from 'vitest';
import { runInside } from './inside.js';
import { runProcess } from './process.js';
import { TEST_TIMEOUT_MS, torture } from './seeds.js';

// Few lives, because every change waits for them. CI lives through hundreds (.ci/run).

it('nothing is lost in 40 lives of kills, stops, faults and changes', () => torture(runInside, 40, 1), TEST_TIMEOUT_MS);

it(
  'nothing is lost in 5 lives of the built connector that SIGKILL and SIGTERM end',
  () => torture(runProcess, 5, 3),
  TEST_TIMEOUT_MS,
);
