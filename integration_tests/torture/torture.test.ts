import { expect, it } from 'vitest';
import { runInside } from './inside.js';
import { runProcess } from './process.js';
import { TEST_TIMEOUT_MS, torture } from './seeds.js';

it(
  'loses nothing in 150 lives of kills, stops, faults and changes',
  () => expect(torture(runInside, 150, 1)).resolves.toBeUndefined(),
  TEST_TIMEOUT_MS,
);

it(
  'loses nothing in 20 lives of the built connector, ended by SIGKILL and SIGTERM',
  () => expect(torture(runProcess, 20, 2)).resolves.toBeUndefined(),
  TEST_TIMEOUT_MS,
);
