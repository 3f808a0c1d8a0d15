import { expect, it, onTestFinished, vi } from 'vitest'
import { createExclusive, type Exclusive } from '../../src/browser/service-worker/exclusive.ts'

/**
 * Two workers that may have the same thing open, and what happened to it. What comes after the events of a test is
 * chance: who waits for long asks again, and has it closed once more.
 *
 * @param patience - of the next one
 */
function setUp(patience?: number) {
  const name = crypto.randomUUID()
  const events: string[] = []
  const worker = (
    who: string,
    patience?: number,
  ): Exclusive<{ readonly who: string; close(): Promise<void> }> =>
    createExclusive(
      name,
      async () => {
        events.push(`${who} opens`)
        return { who, close: async () => void events.push(`${who} closes`) }
      },
      patience,
    )
  return { name, events, old: worker('old'), next: worker('next', patience) }
}

it('is opened once, by the first use', async () => {
  const { events, old } = setUp()
  await Promise.all([old.run(async () => {}), old.run(async ({ who }) => expect(who).toBe('old'))])
  await old.run(async () => {})
  expect(events).toEqual(['old opens'])
})

it('passes to another worker when nobody uses it any more, and back', async () => {
  const { name, events, old, next } = setUp()
  const using = Promise.withResolvers<void>()
  const used = old.run(() => using.promise)
  await old.run(async () => {})

  const asked = new Promise((resolve) => {
    new BroadcastChannel(name).onmessage = resolve
  })
  const waiting = next.run(async () => void events.push('next uses'))
  await asked
  const behind = old.run(async () => void events.push('old uses'))
  events.push('still in use')
  using.resolve()

  await Promise.all([used, waiting, behind])
  const first = ['old opens', 'still in use', 'old closes', 'next opens', 'next uses']
  expect(events.slice(0, 8)).toEqual([...first, 'next closes', 'old opens', 'old uses'])
})

it('is held beyond the work', async () => {
  const { events, old, next } = setUp()
  const release = await old.run(async (_, hold) => hold())
  const waiting = next.run(async () => {})
  release()
  await waiting
  expect(events.slice(0, 3)).toEqual(['old opens', 'old closes', 'next opens'])
})

it('is open nowhere while something else is done', async () => {
  const { events, old, next } = setUp()
  await old.run(async () => {})
  await next.whileClosed(async () => void events.push('done'))
  await old.run(async () => {})
  expect(events.slice(0, 4)).toEqual(['old opens', 'old closes', 'done', 'old opens'])
})

it('is let go by one that began when it had been asked for, and the lock had not', async () => {
  const { events, old, next } = setUp()
  await old.run(async () => {})
  const { request } = LockManager.prototype
  onTestFinished(() => void vi.restoreAllMocks())
  vi.spyOn(LockManager.prototype, 'request').mockImplementationOnce(async (...args: unknown[]) => {
    await expect.poll(() => events).toContain('old closes')
    await old.run(async () => {})
    return Reflect.apply(request, navigator.locks, args)
  })
  await next.run(async () => {})
  expect(events.slice(0, 5)).toEqual(['old opens', 'old closes', 'old opens', 'old closes', 'next opens'])
})

it('is unavailable where the other worker does not let go', async () => {
  const { old, next } = setUp(50)
  const release = await old.run(async (_, hold) => hold())
  await expect(next.run(async () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 })
  release()
  const attempt = () => next.run(async () => 'used').catch(({ code }) => code)
  await expect.poll(attempt).toBe('used')
})

it('is closed, and opened anew, when somebody has taken the lock by force', async () => {
  const { name, events, old } = setUp()
  await old.run(async () => {})
  await navigator.locks.request(name, { steal: true }, async () => {})
  await expect.poll(() => events).toEqual(['old opens', 'old closes'])
  await old.run(async () => {})
  expect(events).toEqual(['old opens', 'old closes', 'old opens'])
})

it('is tried again after it could not be opened', async () => {
  let attempts = 0
  const possession = createExclusive(crypto.randomUUID(), async () => {
    if (++attempts === 1) throw new Error('no storage')
    return { close: async () => {} }
  })
  await expect(possession.run(async () => {})).rejects.toThrow('no storage')
  await possession.run(async () => {})
  expect(attempts).toBe(2)
})
