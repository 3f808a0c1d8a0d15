import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { silentLog } from '../../../../src/core/log.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { createEviction, type EvictionDeps } from '../../../../src/core/store/eviction.ts'

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest

let held: number
let isLocked: boolean
let waitingBytes: number
const release = vi.fn(async () => {
  const freed = held
  held = 0
  return { result: true, freed }
})

/** A catalog of one loose blob of 100 bytes, which may go a minute after it came in. */
function openEviction() {
  const cameAt = Date.now()
  const blob = { id: 1, usedAt: cameAt, digest: DIGEST, mayGo: true }
  const deps = {
    catalog: {
      eviction: {
        cachedBytes: async () => held,
        images: async () => [],
        blobs: async (_: unknown, { recent }: { recent: number }) =>
          held > 0 && cameAt < recent ? [blob] : [],
      },
      downloads: { waitingBytes: async () => waitingBytes },
    },
    blobs: { release },
    locks: { isHeld: () => isLocked },
    lastUsed: { isRecent: () => false, flush: async () => {}, close: async () => {}, note: () => {} },
    activeDownloads: { digests: () => [], bytes: () => 0 },
    budget: 50,
    log: silentLog,
  }
  return createEviction(deps as unknown as EvictionDeps)
}

beforeEach(() => {
  held = 100
  isLocked = false
  waitingBytes = 0
  release.mockClear()
  vi.useFakeTimers()
})
afterEach(() => void vi.useRealTimers())

it('the budget is enforced again when what was used recently may go', async () => {
  openEviction().wake()
  await vi.advanceTimersByTimeAsync(2000)
  expect(held).toBe(100)
  await vi.advanceTimersByTimeAsync(61_000)
  expect(held).toBe(0)
})

it('a digest whose lock is held is passed over, and never waited for', async () => {
  const eviction = openEviction()
  vi.advanceTimersByTime(120_000)
  isLocked = true
  expect(await eviction.evict({ to: 0 })).toBe(0)
  expect(release).not.toHaveBeenCalled()
  isLocked = false
  expect(await eviction.evict({ to: 0 })).toBe(100)
})

it('downloads that wait to be resumed count towards the budget', async () => {
  const eviction = openEviction()
  eviction.setBudget(120)
  vi.advanceTimersByTime(120_000)
  expect(await eviction.enforceBudget()).toBe(true)
  expect(held).toBe(100)
  waitingBytes = 30
  expect(await eviction.enforceBudget()).toBe(true)
  expect(held).toBe(0)
  await eviction.close()
})
