import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Most of these tests wait for processes that they started, so one worker a core is not too many.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Processes are spawned and thousands of handles are made; the limit is for what hangs, not for what is slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
