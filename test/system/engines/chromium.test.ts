/** The smoke tests in Chromium. */
import { chromium } from './engines.ts'
import { describeEngine } from './suite.ts'

describeEngine(chromium)
