import { describe, expect, it } from 'vitest'
import { coalesce } from '../../../../src/core/async/singleflight.ts'

/** Runs of an action, each ended by hand. */
function runs() {
  const begun: PromiseWithResolvers<void>[] = []
  const action = (): Promise<void> => {
    const run = Promise.withResolvers<void>()
    begun.push(run)
    return run.promise
  }
  return { begun, action }
}

describe('coalesce', () => {
  it('gives all who come during a run the next one', async () => {
    const { begun, action } = runs()
    const sync = coalesce(action)
    const first = sync()
    const late = [sync(), sync(), sync()]
    expect(begun).toHaveLength(1)
    begun[0]!.resolve()
    await first
    await new Promise((resolve) => setTimeout(resolve))
    expect(begun).toHaveLength(2)
    begun[1]!.resolve()
    await Promise.all(late)
    expect(begun).toHaveLength(2)
  })

  it('gives each caller the failure of its own run only', async () => {
    const { begun, action } = runs()
    const sync = coalesce(action)
    const first = sync()
    const second = sync()
    begun[0]!.reject(new Error('broken'))
    await expect(first).rejects.toThrow('broken')
    await new Promise((resolve) => setTimeout(resolve))
    begun[1]!.resolve()
    await second
  })

  it('begins a new run when none is under way', async () => {
    const { begun, action } = runs()
    const sync = coalesce(action)
    for (const number of [0, 1, 2]) {
      const run = sync()
      begun[number]!.resolve()
      await run
    }
    expect(begun).toHaveLength(3)
  })
})
