/** Ends a test run with one line that every CI can read. */
import type { Reporter, TestModule } from 'vitest/node'

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    )
    const count = (state: string) => states.filter((one) => one === state).length
    const broken = modules.filter((module) => module.state() === 'failed' && [...module.errors()].length > 0)
    console.log(
      `${count('passed')} passed, ${count('failed') + broken.length} failed, ${count('skipped')} skipped`,
    )
  }
}
