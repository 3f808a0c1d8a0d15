import { defineConfig } from 'vite'

/** The page: for `flotilla serve`, and for any static host. */
export default defineConfig({
  root: 'src/browser/page',
  publicDir: '../../../public',
  build: { target: 'chrome140', outDir: '../../../dist/page', emptyOutDir: true },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
})
