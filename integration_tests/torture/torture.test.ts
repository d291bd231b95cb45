import { it } from 'vitest';
import { runInside } from './inside.js';
import { runProcess } from './process.js';
import { TEST_TIMEOUT_MS, torture } from './seeds.js';

// The processes have the other core while the first test keeps this one busy.
it.concurrent(
  'loses nothing in 300 lives of kills, stops, faults and changes',
  () => torture(runInside, 300, 1),
  TEST_TIMEOUT_MS,
);

it.concurrent.each([2, 3])(
  'loses nothing in 10 lives of the built connector, ended by SIGKILL and SIGTERM (seed %i)',
  (seed) => torture(runProcess, 10, seed),
  TEST_TIMEOUT_MS,
);
