import { build, defineConfig, type Plugin } from 'vite'
import { injectManifest } from 'workbox-build'

const OUTPUT = 'dist/page'
const TARGET = 'chrome140'

/** Tests build it, too: what libraries check and write for developers is left out also there. */
const DEFINITIONS = { 'process.env.NODE_ENV': '"production"' }

/** The service worker: one file, as workers may not import later, that knows the files of the page by their hashes. */
const serviceWorker = (): Plugin => ({
  name: 'service-worker',
  apply: 'build',
  async closeBundle() {
    await build({
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      define: DEFINITIONS,
      build: {
        target: TARGET,
        outDir: OUTPUT,
        emptyOutDir: false,
        modulePreload: false,
        rolldownOptions: {
          input: 'src/browser/service-worker/main.ts',
          output: { entryFileNames: 'sw.js', codeSplitting: false },
        },
      },
    })
    await injectManifest({
      swSrc: `${OUTPUT}/sw.js`,
      swDest: `${OUTPUT}/sw.js`,
      globDirectory: OUTPUT,
      globPatterns: ['**/*.{html,js,css,wasm,svg,png,ico,webmanifest,woff2}'],
      globIgnores: ['sw.js'],
      maximumFileSizeToCacheInBytes: 5 * 2 ** 20,
      dontCacheBustURLsMatching: /^assets\//,
    })
  },
})

/** The page: for `flotilla serve`, and for any static host. */
export default defineConfig({
  root: 'src/browser/page',
  publicDir: '../../../public',
  build: { target: TARGET, outDir: `../../../${OUTPUT}`, emptyOutDir: true },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  define: DEFINITIONS,
  plugins: [serviceWorker()],
})
