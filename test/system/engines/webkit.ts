/** The smoke tests in WebKit: `npm run test:webkit`. Separate, because not every machine has WebKit. */
import type { Engine } from './port.ts'
import { describeEngine } from './suite.ts'
import { openMiniBrowser } from './webkit/mini-browser.ts'

const webkit: Engine = {
  name: 'WebKit',
  privateWindow: 'works',
  open: openMiniBrowser,
}

describeEngine(webkit)
