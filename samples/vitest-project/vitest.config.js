import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    setupFiles: ['voicebridge/vitest'],
    // Calls last as long as people talk.
    testTimeout: 60_000,
  },
});
