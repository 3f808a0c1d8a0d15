/**
 * Checks whether the build in `dist` is complete and up to date. `npm start` does this at each start, so file times are
 * compared first; if they differ, as after a checkout, the contents decide. It is plain JavaScript, because loading the code
 * that strips types would take longer than all of this.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Everything that goes into a build, relative to the checkout. */
const SOURCES = [
  'src',
  'public',
  'vite.config.ts',
  'vite.page.config.ts',
  'package.json',
  'package-lock.json',
]

/** A file in the build with its stamp. */
const STAMP = 'build.json'

/**
 * @typedef {object} Made
 * @property {string} times - of the names, sizes and times of the sources
 * @property {string} content - of the names of the sources and what is in them
 *
 * @typedef {Made & {files: Record<string, number>}} Stamp - with the size of each file of the build, in bytes
 */

/**
 * To be called before a build, so that changes during the build cause another one.
 *
 * @param {string} home - the checkout
 * @returns {Made}
 */
export const madeOf = (home) => ({ times: timesOf(home), content: contentOf(home) })

/**
 * Marks the build as complete, so it is called last.
 *
 * @param {string} folder - of the build
 * @param {Made} made
 */
export function writeStamp(folder, made) {
  const files = Object.fromEntries(filesOf(folder).map((name) => [name, statSync(join(folder, name)).size]))
  writeFileSync(join(folder, STAMP), JSON.stringify({ ...made, files }))
}

/**
 * Whether all files of the build exist, and were built from the current sources.
 *
 * @param {string} home - the checkout
 */
export function isUpToDate(home) {
  try {
    const folder = join(home, 'dist')
    /** @type {Stamp} */
    const { files, times, content } = JSON.parse(readFileSync(join(folder, STAMP), 'utf8'))
    const isWhole = Object.entries(files).every(([name, size]) => statSync(join(folder, name)).size === size)
    return isWhole && (times === timesOf(home) || content === contentOf(home))
  } catch {
    return false // there is no build, or an incomplete one
  }
}

/** @param {string} home */
function timesOf(home) {
  return hashOf(sourcesOf(home), (name) => {
    const { size, mtimeMs } = statSync(join(home, name))
    return `${size} ${mtimeMs}`
  })
}

/** @param {string} home */
const contentOf = (home) => hashOf(sourcesOf(home), (name) => readFileSync(join(home, name)))

/**
 * @param {readonly string[]} names
 * @param {(name: string) => string | Buffer} partOf
 */
function hashOf(names, partOf) {
  const hash = createHash('sha256')
  for (const name of names) hash.update(`\0${name}\0`).update(partOf(name))
  return hash.digest('base64url')
}

/** @param {string} home */
const sourcesOf = (home) => SOURCES.flatMap((name) => (name.includes('.') ? [name] : filesOf(home, name)))

/**
 * The files below `root`, as sorted paths relative to it.
 *
 * @param {string} root
 */
function filesOf(root, folder = '.') {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1)).sort()
}
