import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Catalog } from '../../../../src/core/catalog/catalog.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { createLastUsed } from '../../../../src/core/store/last-used.ts'

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest

const touch = vi.fn(async () => {})
const catalog = {
  transaction: (work: (queries: unknown) => Promise<void>) => work({ eviction: { touch } }),
} as unknown as Catalog

beforeEach(() => {
  touch.mockClear()
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => void vi.useRealTimers())

it('a use is recorded with its own time, however late it is written', async () => {
  const lastUsed = createLastUsed(catalog)
  lastUsed.note('a', DIGEST)
  vi.setSystemTime(9_000_000) // the platform stopped the process
  await lastUsed.flush()
  expect(touch).toHaveBeenCalledExactlyOnceWith([{ repository: 'a', digest: DIGEST }], 1_000_000)
})

it('uses of the same blob are recorded once a minute', async () => {
  const lastUsed = createLastUsed(catalog)
  for (const seconds of [0, 30, 59, 61]) {
    vi.setSystemTime(1_000_000 + seconds * 1000)
    lastUsed.note('a', DIGEST)
  }
  await lastUsed.close()
  expect(touch.mock.calls).toEqual([
    [
      [
        { repository: 'a', digest: DIGEST },
        { repository: 'a', digest: DIGEST },
      ],
      1_061_000,
    ],
  ])
})
