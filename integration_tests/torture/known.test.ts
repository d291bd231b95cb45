import { it } from 'vitest';
import { runInside } from './inside.js';
import { KNOWN } from './known.js';
import { endure } from './property.js';
import { TEST_TIMEOUT_MS } from './seeds.js';

const lives = KNOWN.map(({ title, scenario }) => [title, scenario] as const);

it.each(lives)(
  'nothing is lost, and every outcome is right, when %s',
  (_, scenario) => endure(scenario, runInside),
  TEST_TIMEOUT_MS,
);
