import { describe, expect, it, vi } from 'vitest'
import { createPeerBackoff } from '../../../../../src/core/swarm/lookup/peer-backoff.ts'

describe('peer backoff', () => {
  it('blocks a peer for longer each time, and forgets its faults when it keeps its word', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    try {
      const backoff = createPeerBackoff()
      const times = Array.from({ length: 6 }, () => {
        backoff.penalize('a', 'failed', 'x')
        backoff.penalize('a', 'failed', 'seen twice')
        const { until } = backoff.blockOf('a')!
        const time = until - Date.now()
        vi.setSystemTime(until)
        return time / 1000
      })
      expect(times).toEqual([5, 10, 20, 40, 60, 60])
      backoff.reward('a')
      backoff.penalize('a', 'failed', 'x')
      expect(backoff.blockOf('a')?.until).toBe(Date.now() + 5000)
    } finally {
      vi.useRealTimers()
    }
  })

  it('keeps a peer that lied blocked, whether it then fails or succeeds', () => {
    const backoff = createPeerBackoff()
    backoff.penalize('a', 'failed', 'slow')
    backoff.penalize('a', 'lied', 'false leaf')
    backoff.penalize('a', 'failed', 'slow')
    backoff.reward('a')
    expect(backoff.blockOf('a')).toMatchObject({ fault: 'lied', reason: 'false leaf' })
    expect(backoff.blockOf('b')).toBeUndefined()
  })
})
