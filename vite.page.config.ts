import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, defineConfig, type Plugin, type Rolldown } from 'vite'
import type { PrecacheEntry } from 'workbox-precaching'
import manifest from './package.json' with { type: 'json' }
import { BUILD_TARGET } from './src/browser/engine/oldest.ts'
import { META_POLICY } from './src/node/page/policy.ts'

/** Tests build it, too: what libraries check and write for developers is left out also there. */
const DEFINITIONS = {
  'process.env.NODE_ENV': '"production"',
  FLOTILLA_VERSION: JSON.stringify(manifest.version),
}

/**
 * The service worker: one file, as workers may not import later, that knows the files of the page by their hashes. A
 * classic script, since Chromium keeps no compiled code of workers that are modules, and a third of each start went there.
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
    await writeFile(script, `${await fillIns()}\n${code}`)
    await compress(output)
  },
})

/** The module for pages of others: one file under a name that lasts. */
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

/** Beside each file its compressed form, which the registry sends to whoever takes it: a third of the bytes. */
async function compress(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    if (!/\.(?:js|css|html|svg|webmanifest)$/.test(name)) continue
    const path = join(folder, name)
    await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }))
  }
}

/** What older browsers lack, for the others to pass over: a worker starts anew all day. */
async function fillIns(): Promise<string> {
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

/** A static host sends no policy with the page, so that it brings its own. */
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
 * What the page begins with is one file, also where parts that come later share modules with it: each file passes
 * through the service worker, which has better to do at that time.
 */
const beginning = {
  name: (id: string, context: ModuleInfos) => (begins(id, context) ? 'index' : null),
  debugName: 'index',
}

type ModuleInfos = Pick<Rolldown.PluginContext, 'getModuleInfo'>

function begins(id: string, context: ModuleInfos, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false
  seen.add(id)
  const module = context.getModuleInfo(id)
  if (!module) return false
  return module.isEntry || module.importers.some((importer) => begins(importer, context, seen))
}

/** A worker starts anew all day, and has no other configuration to check: its script goes without the schema. */
const checkedConfig = (): Plugin => ({
  name: 'checked-config',
  async load(id) {
    if (!id.endsWith('/service-worker/config.ts')) return undefined
    const { config } = await import(id)
    return `export const config = ${JSON.stringify(config)}`
  },
})

/**
 * What Workbox keeps for visits without a network: the page's files, with a hash where their name has none.
 * `workbox-build` makes the same list, with 280 packages more.
 */
async function filesOf(folder: string): Promise<PrecacheEntry[]> {
  const names = (await namesIn(folder)).filter((name) => name !== 'sw.js')
  return Promise.all(names.map(async (url) => ({ url, revision: await revisionOf(folder, url) })))
}

/** Of all files, with a slash between folders. */
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
    rolldownOptions: { output: { codeSplitting: { groups: [beginning] } } },
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  define: DEFINITIONS,
  worker: { format: 'es' },
  plugins: [contentSecurityPolicy(), library(), serviceWorker()],
})
