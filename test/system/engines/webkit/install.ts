/** Before the tests in WebKit: puts WebKitGTK on the machine if there is none. Its MiniBrowser comes with its WebDriver. */
import { requirePrograms } from '../../../support/programs.ts'

export const setup = (): Promise<void> =>
  requirePrograms(
    { WebKitWebDriver: 'webkit2gtk-driver', Xvfb: 'xvfb' },
    'npm run test:webkit opens pages in WebKitGTK, on a screen of its own',
  )
