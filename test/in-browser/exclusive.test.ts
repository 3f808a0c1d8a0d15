import { expect, it, onTestFinished, vi } from 'vitest'
import { createExclusive, type Exclusive } from '../../src/browser/service-worker/exclusive.ts'

/**
 * Two workers that share a resource, and its events. More events can follow those that a test expects, because a worker
 * that waits requests the release repeatedly.
 *
 * @param maxWait - of the next worker
 */
function setUp(maxWait?: number) {
  const name = crypto.randomUUID()
  const events: string[] = []
  const worker = (
    who: string,
    maxWait?: number,
  ): Exclusive<{ readonly who: string; close(): Promise<void> }> =>
    createExclusive(
      name,
      async () => {
        events.push(`${who} opens`)
        return { who, close: async () => void events.push(`${who} closes`) }
      },
      maxWait,
    )
  return { name, events, old: worker('old'), next: worker('next', maxWait) }
}

it('is opened once, by its first user', async () => {
  const { events, old } = setUp()
  await Promise.all([old.run(async () => {}), old.run(async ({ who }) => expect(who).toBe('old'))])
  await old.run(async () => {})
  expect(events).toEqual(['old opens'])
})

it('passes to another worker when it has no users left, and back', async () => {
  const { name, events, old, next } = setUp()
  const using = Promise.withResolvers<void>()
  const used = old.run(() => using.promise)
  await old.run(async () => {})

  const requested = new Promise((resolve) => {
    new BroadcastChannel(name).onmessage = resolve
  })
  const waiting = next.run(async () => void events.push('next uses'))
  await requested
  const behind = old.run(async () => void events.push('old uses'))
  events.push('still in use')
  using.resolve()

  await Promise.all([used, waiting, behind])
  const first = ['old opens', 'still in use', 'old closes', 'next opens', 'next uses']
  expect(events.slice(0, 8)).toEqual([...first, 'next closes', 'old opens', 'old uses'])
})

it('stays open beyond the work while it is held', async () => {
  const { events, old, next } = setUp()
  const release = await old.run(async (_, hold) => hold())
  const waiting = next.run(async () => {})
  release()
  await waiting
  expect(events.slice(0, 3)).toEqual(['old opens', 'old closes', 'next opens'])
})

it('is open in no worker during runWhileClosed', async () => {
  const { events, old, next } = setUp()
  await old.run(async () => {})
  await next.runWhileClosed(async () => void events.push('done'))
  await old.run(async () => {})
  expect(events.slice(0, 4)).toEqual(['old opens', 'old closes', 'done', 'old opens'])
})

it('is released by a worker that opened it between the first request and the lock request', async () => {
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

it('is unavailable if the other worker does not release it', async () => {
  const { old, next } = setUp(50)
  const release = await old.run(async (_, hold) => hold())
  await expect(next.run(async () => {})).rejects.toMatchObject({ code: 'UNAVAILABLE', status: 503 })
  release()
  const attempt = () => next.run(async () => 'used').catch(({ code }) => code)
  await expect.poll(attempt).toBe('used')
})

it('is closed and opened again after its lock was stolen', async () => {
  const { name, events, old } = setUp()
  await old.run(async () => {})
  await navigator.locks.request(name, { steal: true }, async () => {})
  await expect.poll(() => events).toEqual(['old opens', 'old closes'])
  await old.run(async () => {})
  expect(events).toEqual(['old opens', 'old closes', 'old opens'])
})

it('is opened again after opening failed', async () => {
  let attempts = 0
  const possession = createExclusive(crypto.randomUUID(), async () => {
    if (++attempts === 1) throw new Error('no storage')
    return { close: async () => {} }
  })
  await expect(possession.run(async () => {})).rejects.toThrow('no storage')
  await possession.run(async () => {})
  expect(attempts).toBe(2)
})
