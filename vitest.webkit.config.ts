import { defineConfig } from 'vitest/config'

/** `npm run test:webkit`: the page in WebKitGTK. That is large, so `npm test` does without. */
export default defineConfig({
  test: {
    include: ['test/system/engines/webkit.ts'],
    globalSetup: ['test/system/engines/webkit/install.ts', 'test/support/build.ts'],
    reporters: ['verbose', './test/support/closing-line.ts'],
    bail: 1, // each step needs those before it
    testTimeout: 180_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    expect: { poll: { timeout: 60_000 } },
  },
})
