import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, defineConfig, type Plugin, type Rolldown } from 'vite'
import type { PrecacheEntry } from 'workbox-precaching'
import manifest from './package.json' with { type: 'json' }
import { BUILD_TARGET } from './src/browser/engine/oldest.ts'
import { META_POLICY } from './src/node/page/headers.ts'

/** Tests build the page too, so development checks of libraries are removed explicitly. */
const DEFINITIONS = {
  'process.env.NODE_ENV': '"production"',
  FLOTILLA_VERSION: JSON.stringify(manifest.version),
}

/**
 * The service worker: one file, because workers may not import on demand, with the list of the page's files and their
 * hashes. It is a classic script, because Chromium does not cache the compiled code of module workers, which took a
 * third of each start.
 */
const serviceWorker = (output = ''): Plugin => ({
  name: 'service-worker',
  apply: 'build',
  configResolved({ root, build: { outDir } }) {
    output = resolve(root, outDir)
  },
  async closeBundle() {
    await build({
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      define: { ...DEFINITIONS, 'import.meta.url': 'self.location.href' },
      plugins: [checkedConfig()],
      build: {
        target: BUILD_TARGET,
        outDir: output,
        emptyOutDir: false,
        modulePreload: false,
        rolldownOptions: {
          input: 'src/browser/service-worker/main.ts',
          output: { entryFileNames: 'sw.js', codeSplitting: false, format: 'iife' },
        },
      },
    })
    const script = join(output, 'sw.js')
    const files = JSON.stringify(await filesOf(output))
    const code = (await readFile(script, 'utf8')).replace('self.__WB_MANIFEST', () => files)
    await writeFile(script, `${await polyfills()}\n${code}`)
    await compress(output)
  },
})

/** The library for other pages of the origin: one file with a stable name. */
const library = (output = ''): Plugin => ({
  name: 'library',
  apply: 'build',
  configResolved({ root, build: { outDir } }) {
    output = resolve(root, outDir)
  },
  async closeBundle() {
    await build({
      configFile: false,
      logLevel: 'warn',
      publicDir: false,
      define: DEFINITIONS,
      build: {
        target: BUILD_TARGET,
        outDir: output,
        emptyOutDir: false,
        rolldownOptions: {
          input: 'src/browser/library/main.ts',
          preserveEntrySignatures: 'strict',
          output: { entryFileNames: 'flotilla.js', codeSplitting: false, format: 'es' },
        },
      },
    })
  },
})

/** Writes a compressed copy of each file, a third of its size, which the registry sends to clients that accept it. */
async function compress(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!/\.(?:js|css|html|svg|webmanifest)$/.test(name)) continue
    const path = join(folder, name)
    await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }))
  }
}

/** Polyfills for older browsers. Others skip them, because a service worker is started many times a day. */
async function polyfills(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      target: BUILD_TARGET,
      write: false,
      rolldownOptions: { input: 'src/browser/engine/stacks.ts', output: { format: 'iife' } },
    },
  })
  const [{ output }] = [built].flat() as Rolldown.RolldownOutput[]
  return `if(!('AsyncDisposableStack'in self)){${output[0].code.trim()}}`
}

/** The page has its own Content Security Policy, because static hosts do not send one. */
const contentSecurityPolicy = (): Plugin => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: META_POLICY },
      injectTo: 'head-prepend',
    },
  ],
})

/**
 * The first load is one script, even if code that is loaded later shares modules with it, because each file passes
 * through the service worker, which is busy starting the registry.
 */
const firstLoad = {
  name: (id: string, context: ModuleInfos) => (isInFirstLoad(id, context) ? 'index' : null),
  debugName: 'index',
}

type ModuleInfos = Pick<Rolldown.PluginContext, 'getModuleInfo'>

function isInFirstLoad(id: string, context: ModuleInfos, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false
  seen.add(id)
  const module = context.getModuleInfo(id)
  if (!module) return false
  return module.isEntry || module.importers.some((importer) => isInFirstLoad(importer, context, seen))
}

/** Evaluates the configuration at build time, so that the worker, which starts often, does not load its schema. */
const checkedConfig = (): Plugin => ({
  name: 'checked-config',
  async load(id) {
    if (!id.endsWith('/service-worker/config.ts')) return undefined
    const { config } = await import(id)
    return `export const config = ${JSON.stringify(config)}`
  },
})

/**
 * The files that Workbox precaches for visits without a network, with a hash for those whose name has none.
 * `workbox-build` makes the same list, but has 280 dependencies.
 */
async function filesOf(folder: string): Promise<PrecacheEntry[]> {
  const names = (await namesIn(folder)).filter((name) => name !== 'sw.js')
  return Promise.all(names.map(async (url) => ({ url, revision: await revisionOf(folder, url) })))
}

/** The paths of all files, with slashes. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return paths.map((path) => relative(folder, path).replaceAll('\\', '/')).sort()
}

async function revisionOf(folder: string, url: string): Promise<string | null> {
  if (url.startsWith('assets/')) return null
  return createHash('sha256')
    .update(await readFile(join(folder, url)))
    .digest('hex')
}

/** The page: for `flotilla serve`, and for any static host. */
export default defineConfig({
  root: 'src/browser/page',
  publicDir: '../../../public',
  build: {
    target: BUILD_TARGET,
    outDir: '../../../dist/page',
    emptyOutDir: true,
    rolldownOptions: { output: { codeSplitting: { groups: [firstLoad] } } },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  define: DEFINITIONS,
  worker: { format: 'es' },
  plugins: [contentSecurityPolicy(), library(), serviceWorker()],
})
