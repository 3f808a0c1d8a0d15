/**
 * Builds the registry for Node and the page into `dist`. The build is made in a folder beside `dist` and replaces it when
 * it is complete, so that a failed or killed build leaves the old one in place.
 */
import { randomUUID } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { build as vite } from 'vite'
import { madeOf, writeStamp } from './sources.js'

/** A folder that is older than this was left by a killed build. */
const ABANDONED_AFTER_MS = 3_600_000

/** @param home - the checkout */
export async function build(home: string): Promise<void> {
  removeAbandoned(home)
  const folder = join(home, `dist.${randomUUID()}`)
  const caller = process.cwd()
  process.chdir(home) // the paths in the configurations are relative to it
  try {
    const made = madeOf(home)
    await bundle('vite.config.ts', folder)
    await bundle('vite.page.config.ts', join(folder, 'page'))
    writeStamp(folder, made)
    replace(join(home, 'dist'), folder)
  } finally {
    process.chdir(caller)
    rmSync(folder, { recursive: true, force: true })
  }
}

const bundle = (configFile: string, outDir: string) =>
  vite({ configFile, logLevel: 'warn', build: { outDir, emptyOutDir: true } })

/** If another build does the same at this moment, the last one wins. */
function replace(folder: string, by: string): void {
  const old = `${by}.old`
  for (let attempts = 0; ; attempts++) {
    try {
      renameSync(folder, old)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    try {
      renameSync(by, folder)
      break
    } catch (error) {
      if (attempts === 10) throw error
    } finally {
      rmSync(old, { recursive: true, force: true })
    }
  }
}

function removeAbandoned(home: string): void {
  const folders = readdirSync(home).filter((name) => /^dist\.[\w-]{36}/.test(name))
  for (const path of folders.map((name) => join(home, name))) {
    const isAbandoned = Date.now() - statSync(path).mtimeMs > ABANDONED_AFTER_MS
    if (isAbandoned) rmSync(path, { recursive: true, force: true })
  }
}
