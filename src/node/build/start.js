/**
 * `npm start` and `npm run flotilla`: runs the built command line, which starts in half the time of the sources and takes a
 * third of their memory. If the build is out of date, it is built again first. Plain JavaScript, for the same reason as
 * `sources.js`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isUpToDate } from './sources.js'

const HOME = join(import.meta.dirname, '../../..')

if (!isUpToDate(HOME)) rebuild()
await import(pathToFileURL(join(HOME, 'dist/flotilla.js')).href)

/** In a child process, so that its memory is freed afterwards. */
function rebuild() {
  process.stderr.write('flotilla: building, as the sources have changed since the last build …\n')
  const program = join(import.meta.dirname, 'main.ts')
  const { status } = spawnSync(process.execPath, [program], { stdio: ['ignore', 2, 2] })
  if (status === 0) return
  process.stderr.write('flotilla: the build has failed; see above, and try `npm ci`\n')
  process.exit(1)
}
