/** The smoke tests in Firefox, the one that people use. */
import { firefoxPath } from '../support/firefox.ts'
import type { Engine } from './port.ts'
import { launch } from './puppeteer.ts'
import { describeEngine } from './suite.ts'

const firefox: Engine = {
  name: 'Firefox',
  // https://bugzilla.mozilla.org/show_bug.cgi?id=1831835
  privateWindow: 'without storage',
  open: ({ isPrivate = false } = {}) =>
    launch({
      browser: 'firefox',
      executablePath: firefoxPath(),
      extraPrefsFirefox: { 'browser.privatebrowsing.autostart': isPrivate },
    }),
}

describeEngine(firefox)
