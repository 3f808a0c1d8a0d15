/** Before the tests with a browser: installs one if there is none. */
import { hasChromium } from './chromium.ts'
import { requirePrograms } from './programs.ts'

export const setup = async (): Promise<void> => {
  if (!hasChromium()) await requirePrograms({ chromium: 'chromium' }, 'npm test opens pages in Chromium')
}
