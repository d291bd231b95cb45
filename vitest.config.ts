import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['unit_tests/**/*.test.ts', 'integration_tests/**/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
