import { defineConfig } from 'vitest/config';

// .ci/run adds up the tests of several runs from reports in JSON.
const jsonReport = process.env.VITEST_JSON_REPORT;

export default defineConfig({
  test: {
    reporters: jsonReport ? ['default', ['json', { outputFile: jsonReport }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/realtime/**'],
          testTimeout: 15_000,
        },
      },
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
