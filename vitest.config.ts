import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // One worker for each core, where vitest would leave one core idle.
    maxWorkers: '100%',
    // Against tests that hang; none of them depends on the speed of the machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: [
      {
        extends: true,
        // These files share workers and their modules, because loading the same modules for each costs more than the tests.
        // None of them may leave anything behind: no fake timers, no stubs, no changed globals.
        test: { name: 'unit', include: ['unit_tests/**/*.test.ts'], isolate: false },
      },
      { extends: true, test: { name: 'integration', include: ['integration_tests/**/*.test.ts'] } },
    ],
  },
});
