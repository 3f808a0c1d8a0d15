/** The smoke tests in Firefox. */
import { firefox } from './engines.ts'
import { describeEngine } from './suite.ts'

describeEngine(firefox)
