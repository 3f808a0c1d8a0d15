/**
 * Before the tests of what users start: builds the registry and its page, where they are not up to date. The build starts
 * in a third of the time that the sources take.
 */
import { join } from 'node:path'
import { build } from '../../src/node/build/build.ts'
import { isUpToDate } from '../../src/node/build/sources.js'
import { once } from './once.ts'

const HOME = join(import.meta.dirname, '../..')

export const setup = (): Promise<void> =>
  once('build', async () => {
    if (!isUpToDate(HOME)) await build(HOME)
  })
