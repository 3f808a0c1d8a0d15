import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumOptions } from './test/support/chromium.ts'

/** Tests start hundreds of processes from the sources: those that have been compiled once need half the time. */
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url))

/** Milliseconds, for what has to come: a busy machine makes it wait, and only a test that fails waits so long. */
const expectations = { poll: { timeout: 30_000 } }

/** Tests that start processes and move real images take their time, and the machine's two cores. They start what is built. */
const patient = {
  env: { FLOTILLA_TEST_BUILD: 'yes' },
  testTimeout: 300_000,
  hookTimeout: 300_000,
  fileParallelism: false,
  maxConcurrency: 3,
  expect: expectations,
} as const

/** Those that wait for others most of the time, for answers and for pages: two files of all of them at once. */
const patientPairs = {
  ...patient,
  fileParallelism: true,
  maxWorkers: 2,
  sequence: { groupOrder: 1 },
} as const

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: '100%',
          expect: expectations,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/system/faults/**/*.test.ts'],
          globalSetup: ['test/system/faults/install.ts', 'test/support/build.ts'],
          ...patient,
        },
      },
      {
        test: {
          name: 'peers',
          include: ['test/system/peers/**/*.test.ts'],
          globalSetup: [
            'test/system/peers/install.ts',
            'test/support/build.ts',
            'test/system/clients/images.ts',
          ],
          ...patient,
        },
      },
      {
        // Who attacks a registry, what he tries and what he gets: a folder for each kind of attacker.
        test: {
          name: 'hostile',
          include: ['test/system/hostile/*/**/*.test.ts'],
          globalSetup: ['test/system/hostile/install.ts', 'test/support/build.ts'],
          ...patient,
        },
      },
      {
        test: {
          name: 'clients',
          include: ['test/system/clients/**/*.test.ts'],
          globalSetup: [
            'test/system/clients/install.ts',
            'test/support/build.ts',
            'test/system/clients/images.ts',
          ],
          ...patientPairs,
        },
      },
      {
        // What runs inside a browser: the suites of the ports.
        optimizeDeps: { include: ['zod', 'zod/mini', 'idb', 'hash-wasm', 'modern-tar', 'pako', 'fzstd'] },
        test: {
          name: 'in-browser',
          include: ['test/in-browser/**/*.test.ts'],
          globalSetup: 'test/support/install-chromium.ts',
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: chromiumOptions() }),
            instances: [{ browser: 'chromium' }],
          },
          ...patient,
        },
      },
      {
        // What drives a browser from outside: the built page, beside real registries.
        test: {
          name: 'e2e',
          include: ['test/system/e2e/**/*.test.ts'],
          globalSetup: [
            'test/support/install-chromium.ts',
            'test/support/build.ts',
            'test/system/clients/install.ts',
            'test/system/clients/images.ts',
          ],
          ...patientPairs,
        },
      },
      {
        // The page in every engine: a short round through all of it, the same in each.
        test: {
          name: 'engines',
          include: ['test/system/engines/**/*.test.ts'],
          globalSetup: [
            'test/support/install-chromium.ts',
            'test/support/install-firefox.ts',
            'test/support/build.ts',
          ],
          ...patientPairs,
        },
      },
    ],
  },
})
