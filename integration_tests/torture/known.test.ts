import { describe, it } from 'vitest';
import { runInside } from './inside.js';
import { KNOWN } from './known.js';
import { endure } from './property.js';
import { TEST_TIMEOUT_MS } from './seeds.js';

describe('nothing is lost, and what is told is right, when', () => {
  it.each(KNOWN)('$title', ({ scenario }) => endure(scenario, runInside), TEST_TIMEOUT_MS);
});
