/** The real browser of the tests: Playwright's own where it is installed, else Debian's. */
import { existsSync } from 'node:fs'
import { chromium, type LaunchOptions } from 'playwright'

const DEBIAN = '/usr/bin/chromium'

export const hasChromium = (): boolean => existsSync(chromium.executablePath()) || existsSync(DEBIAN)

export const executablePath = (): string =>
  existsSync(chromium.executablePath()) ? chromium.executablePath() : DEBIAN

export const isRoot = (): boolean => process.getuid?.() === 0

/** WebRTC among pages of one machine wants plain addresses; root may not use the sandbox. */
export const chromiumOptions = (): LaunchOptions => ({
  executablePath: executablePath(),
  args: ['--disable-features=WebRtcHideLocalIpsWithMdns', ...(isRoot() ? ['--no-sandbox'] : [])],
})
