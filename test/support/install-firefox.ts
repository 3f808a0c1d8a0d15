/** Before the tests with Firefox: puts one on the machine if there is none. */
import { hasFirefox } from './firefox.ts'
import { requirePrograms } from './programs.ts'

export const setup = async (): Promise<void> => {
  if (!hasFirefox())
    await requirePrograms({ 'firefox-esr': 'firefox-esr' }, 'npm test opens pages in Firefox')
}
