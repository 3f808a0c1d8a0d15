/** `npm run build`. With `--if-needed`, as after an installation, only builds if the build is out of date. */
import { join } from 'node:path'
import { isUpToDate } from './sources.js'

const HOME = join(import.meta.dirname, '../../..')

if (!process.argv.includes('--if-needed') || !isUpToDate(HOME)) {
  try {
    const { build } = await import('./build.ts')
    await build(HOME)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
