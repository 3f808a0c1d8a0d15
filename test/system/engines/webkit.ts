/** The smoke tests in WebKit: `npm run test:webkit`. Not with the others, as not every machine has a WebKit. */
import type { Engine } from './port.ts'
import { describeEngine } from './suite.ts'
import { openMiniBrowser } from './webkit/mini-browser.ts'

const webkit: Engine = {
  name: 'WebKit',
  privateWindow: 'works',
  open: openMiniBrowser,
}

describeEngine(webkit)
