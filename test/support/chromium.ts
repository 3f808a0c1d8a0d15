/** The real browser of the tests: Playwright's own where it is installed, else Debian's. */
import { existsSync } from 'node:fs'
import { chromium, type LaunchOptions } from 'playwright'

const DEBIAN = '/usr/bin/chromium'

export const hasChromium = (): boolean => existsSync(chromium.executablePath()) || existsSync(DEBIAN)

/** WebRTC among pages of one machine wants plain addresses; root may not use the sandbox. */
export const chromiumOptions = (): LaunchOptions => ({
  ...(!existsSync(chromium.executablePath()) && { executablePath: DEBIAN }),
  args: [
    '--disable-features=WebRtcHideLocalIpsWithMdns',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ],
})
