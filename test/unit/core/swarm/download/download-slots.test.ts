import { describe, expect, it } from 'vitest'
import { DownloadSlots } from '../../../../../src/core/swarm/download/download-slots.ts'
import { Throughput } from '../../../../../src/core/swarm/download/throughput.ts'

describe('download slots', () => {
  const { signal } = new AbortController()

  it('run only so many at once', async () => {
    const slots = new DownloadSlots(2)
    let working = 0
    const work = async () => {
      expect(++working).toBeLessThanOrEqual(2)
      await new Promise((resolve) => setTimeout(resolve))
      working--
    }
    await Promise.all(
      Array.from({ length: 10 }, () => slots.run(work, { signal, throughput: new Throughput() })),
    )
  })

  it('let a download leave that no longer waits', async () => {
    const slots = new DownloadSlots(1)
    const wait = Promise.withResolvers<void>()
    const first = slots.run(() => wait.promise, { signal, throughput: new Throughput() })
    const leaving = new AbortController()
    const second = slots.run(async () => {}, { signal: leaving.signal, throughput: new Throughput() })
    leaving.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    wait.resolve()
    await first
    await slots.run(async () => {}, { signal, throughput: new Throughput() })
  })

  it('turn a download away if too many wait, unless it is urgent', async () => {
    const slots = new DownloadSlots(1)
    const wait = Promise.withResolvers<void>()
    const hold = (isUrgent = false) =>
      slots.run(() => wait.promise, { signal, throughput: new Throughput(), isUrgent })
    const all = Array.from({ length: 1 + 256 }, () => hold())
    await expect(hold()).rejects.toMatchObject({ code: 'TOOMANYREQUESTS' })
    all.push(hold(true))
    wait.resolve()
    await Promise.all(all)
    await hold()
  })
})

it('a slow download gives its slot to one that waits, and gets it back', async () => {
  const slots = new DownloadSlots(1)
  const { signal } = new AbortController()
  const order: string[] = []
  const slow = async (): Promise<void> => {
    const throughput = new Throughput(10)
    const isDone = await slots.run(
      async (slot) => {
        order.push('slow')
        if (order.length > 2) return true
        await new Promise((resolve) => slot.signal.addEventListener('abort', resolve))
        return false
      },
      { signal, throughput },
    )
    if (!isDone) await slow()
  }
  const first = slow()
  await slots.run(async () => void order.push('other'), { signal, throughput: new Throughput() })
  await first
  expect(order).toEqual(['slow', 'other', 'slow'])
})
