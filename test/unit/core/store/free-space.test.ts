import { describe, expect, it, vi } from 'vitest'
import { RegistryError } from '../../../../src/core/oci/error.ts'
import { createFreeSpace } from '../../../../src/core/store/free-space.ts'

const full = () => new RegistryError('UNKNOWN', 'the storage is full', { status: 507 })

/** Fails as a full storage does, and succeeds from the second attempt on. */
const fullOnce = <T>(result: () => Promise<T>) => {
  let attempts = 0
  return () => (attempts++ === 0 ? Promise.reject(full()) : result())
}

describe('work on a full storage', () => {
  it('shares one eviction with other work that fails at the same time', async () => {
    const free = vi.fn(async () => 1)
    const { retryAfterEviction } = createFreeSpace(free)
    const work = () => retryAfterEviction(fullOnce(async () => 'done'))
    expect(await Promise.all([work(), work()])).toEqual(['done', 'done'])
    expect(free).toHaveBeenCalledOnce()
  })

  it('is not repeated if nothing could be freed', async () => {
    const { retryAfterEviction } = createFreeSpace(async () => 0)
    await expect(retryAfterEviction(fullOnce(async () => 'done'))).rejects.toThrow('full')
  })

  it('has the reserve until the last one that needs it is done', async () => {
    const reserve = { drop: vi.fn(async () => {}), restore: vi.fn(async () => {}) }
    const { retryAfterEviction } = createFreeSpace(async () => 1, reserve)
    const slow = Promise.withResolvers<void>()
    const last = retryAfterEviction(fullOnce(() => slow.promise))
    await retryAfterEviction(fullOnce(async () => {}))
    expect(reserve.restore).not.toHaveBeenCalled()
    slow.resolve()
    await last
    expect(reserve.restore).toHaveBeenCalledOnce()
  })
})
