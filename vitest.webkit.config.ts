import { defineConfig } from 'vitest/config'

/** `npm run test:webkit`: the page in WebKit, on a machine that has one. It is large, so `npm test` does without. */
export default defineConfig({
  test: {
    include: ['test/engines/webkit.ts'],
    globalSetup: 'test/support/build-page.ts',
    reporters: ['default', './test/support/closing-line.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    expect: { poll: { timeout: 30_000 } },
  },
})
