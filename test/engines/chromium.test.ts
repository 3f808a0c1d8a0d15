/** The smoke tests in Chromium. */
import { executablePath, isRoot } from '../support/chromium.ts'
import type { Engine } from './port.ts'
import { launch } from './puppeteer.ts'
import { describeEngine } from './suite.ts'

const chromium: Engine = {
  name: 'Chromium',
  privateWindow: 'works',
  open: ({ isPrivate = false } = {}) =>
    launch({
      browser: 'chrome',
      executablePath: executablePath(),
      args: [...(isRoot() ? ['--no-sandbox'] : []), ...(isPrivate ? ['--incognito'] : [])],
    }),
}

describeEngine(chromium)
