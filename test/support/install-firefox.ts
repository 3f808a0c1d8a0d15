/** Before the tests with Firefox: installs one if there is none. */
import { hasFirefox } from './firefox.ts'
import { requirePrograms } from './programs.ts'

export const setup = async (): Promise<void> => {
  if (!hasFirefox())
    await requirePrograms({ 'firefox-esr': 'firefox-esr' }, 'npm test opens pages in Firefox')
}
