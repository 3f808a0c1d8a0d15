import { expect, it, onTestFinished, vi } from 'vitest'
import { createPossession, type Possession } from '../../src/browser/service-worker/possession.ts'

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
  ): Possession<{ readonly who: string; close(): Promise<void> }> =>
    createPossession(
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
  await Promise.all([old.use(async () => {}), old.use(async ({ who }) => expect(who).toBe('old'))])
  await old.use(async () => {})
  expect(events).toEqual(['old opens'])
})

it('passes to another worker when nobody uses it any more, and back', async () => {
  const { name, events, old, next } = setUp()
  const using = Promise.withResolvers<void>()
  const used = old.use(() => using.promise)
  await old.use(async () => {})

  const asked = new Promise((resolve) => {
    new BroadcastChannel(name).onmessage = resolve
  })
  const waiting = next.use(async () => void events.push('next uses'))
  await asked
  const behind = old.use(async () => void events.push('old uses'))
  events.push('still in use')
  using.resolve()

  await Promise.all([used, waiting, behind])
  const first = ['old opens', 'still in use', 'old closes', 'next opens', 'next uses']
  expect(events.slice(0, 8)).toEqual([...first, 'next closes', 'old opens', 'old uses'])
})

it('is held beyond the work', async () => {
  const { events, old, next } = setUp()
  const release = await old.use(async (_, hold) => hold())
  const waiting = next.use(async () => {})
  release()
  await waiting
  expect(events.slice(0, 3)).toEqual(['old opens', 'old closes', 'next opens'])
})

it('is open nowhere while something else is done', async () => {
  const { events, old, next } = setUp()
  await old.use(async () => {})
  await next.whileClosed(async () => void events.push('done'))
  await old.use(async () => {})
  expect(events.slice(0, 4)).toEqual(['old opens', 'old closes', 'done', 'old opens'])
})

it('is let go by one that began when it had been asked for, and the lock had not', async () => {
  const { events, old, next } = setUp()
  await old.use(async () => {})
  const { request } = LockManager.prototype
  onTestFinished(() => void vi.restoreAllMocks())
  vi.spyOn(LockManager.prototype, 'request').mockImplementationOnce(async (...args: unknown[]) => {
    await expect.poll(() => events).toContain('old closes')
    await old.use(async () => {})
    return Reflect.apply(request, navigator.locks, args)
  })
  await next.use(async () => {})
  expect(events.slice(0, 5)).toEqual(['old opens', 'old closes', 'old opens', 'old closes', 'next opens'])
})

it('is unavailable where the other worker does not let go', async () => {
  const { old, next } = setUp(50)
  const release = await old.use(async (_, hold) => hold())
  await expect(next.use(async () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 })
  release()
  const attempt = () => next.use(async () => 'used').catch(({ code }) => code)
  await expect.poll(attempt).toBe('used')
})

it('is closed, and opened anew, when somebody has taken the lock by force', async () => {
  const { name, events, old } = setUp()
  await old.use(async () => {})
  await navigator.locks.request(name, { steal: true }, async () => {})
  await expect.poll(() => events).toEqual(['old opens', 'old closes'])
  await old.use(async () => {})
  expect(events).toEqual(['old opens', 'old closes', 'old opens'])
})

it('is tried again after it could not be opened', async () => {
  let attempts = 0
  const possession = createPossession(crypto.randomUUID(), async () => {
    if (++attempts === 1) throw new Error('no storage')
    return { close: async () => {} }
  })
  await expect(possession.use(async () => {})).rejects.toThrow('no storage')
  await possession.use(async () => {})
  expect(attempts).toBe(2)
})
