/** The engines that can be installed everywhere: Chromium and a released Firefox. */
import { executablePath, isRoot } from '../../support/chromium.ts'
import { firefoxPath } from '../../support/firefox.ts'
import type { Engine } from './port.ts'
import { launch } from './puppeteer.ts'

export const chromium: Engine = {
  name: 'Chromium',
  privateWindow: 'works',
  open: ({ isPrivate = false } = {}) =>
    launch({
      browser: 'chrome',
      executablePath: executablePath(),
      args: [...(isRoot() ? ['--no-sandbox'] : []), ...(isPrivate ? ['--incognito'] : [])],
    }),
}

export const firefox: Engine = {
  name: 'Firefox',
  privateWindow: 'works',
  open: ({ isPrivate = false } = {}) =>
    launch({
      browser: 'firefox',
      executablePath: firefoxPath(),
      extraPrefsFirefox: { 'browser.privatebrowsing.autostart': isPrivate },
    }),
}
