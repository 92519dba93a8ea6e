import { defineConfig } from 'vitest/config';

// .ci/run adds up the tests of several runs from reports in JSON.
const jsonReport = process.env.VITEST_JSON_REPORT;

/** Files that change what a module does when it is loaded. */
const ALONE = ['test/audio/resample-without-simd.test.ts'];

export default defineConfig({
  test: {
    reporters: jsonReport ? ['default', ['json', { outputFile: jsonReport }]] : ['default'],
    projects: [
      {
        // One module graph for all files of a worker: tests hold no state in modules, and loading them anew for each of
        // 150 files took as long as running them (58 s against 29 s).
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/realtime/**', ...ALONE],
          testTimeout: 15_000,
          isolate: false,
        },
      },
      { test: { name: 'unit-alone', include: ALONE, testTimeout: 15_000 } },
      {
        // Real processes and real time: one file after the other, so that no test steals another's processor.
        test: {
          name: 'realtime',
          include: ['test/realtime/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
