import { expect, it } from 'vitest';
import { runInside } from './inside.js';
import { TEST_TIMEOUT_MS, torture } from './seeds.js';

/** In a file of its own, so that it runs beside the other lives. */
it(
  'loses nothing in 150 other lives',
  () => expect(torture(runInside, 150, 3)).resolves.toBeUndefined(),
  TEST_TIMEOUT_MS,
);
