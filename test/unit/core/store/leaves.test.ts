import { createHash } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { pushBlob } from '../../../support/push.ts'

const MIB = 1024 * 1024

const bytesOf = (size: number) =>
  Uint8Array.from({ length: size }, (_, position) => (position * 31 + (position >> 8)) & 0xff)

/** Each MiB on its own, by Node's hash. */
function leafHashesOf(bytes: Uint8Array): string[] {
  const leaves = Array.from({ length: Math.ceil(bytes.length / MIB) }, (_, number) =>
    bytes.subarray(number * MIB, (number + 1) * MIB),
  )
  return leaves.map((leaf) => createHash('sha256').update(leaf).digest('hex'))
}

const settled = (registry: InMemoryRegistry) =>
  vi.waitFor(async () => expect(await registry.store.catalog.leaves.missing(10)).toEqual([]), PATIENCE)

async function storedHashes(registry: InMemoryRegistry, digest: string): Promise<string[] | undefined> {
  const hashes = await registry.store.catalog.leaves.get(digest as Digest)
  return (
    hashes &&
    Array.from({ length: hashes.length / 32 }, (_, number) =>
      Buffer.from(hashes.subarray(number * 32, (number + 1) * 32)).toString('hex'),
    )
  )
}

describe('leaf hashes', () => {
  it.each([MIB + 1, 2 * MIB, 2 * MIB + 17, 3 * MIB - 1])(
    'of %i bytes are there soon after the push',
    async (size) => {
      await using registry = await openInMemoryRegistry()
      const bytes = bytesOf(size)
      const { digest } = await pushBlob(registry, 'a', bytes)
      await settled(registry)
      expect(await storedHashes(registry, digest)).toEqual(leafHashesOf(bytes))
    },
  )

  it.each([0, 1, MIB])('of %i bytes are the digest itself', async (size) => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushBlob(registry, 'a', bytesOf(size))
    expect(await registry.store.catalog.leaves.missing(10)).toEqual([])
    expect(await storedHashes(registry, digest)).toBeUndefined()
  })

  it('of a small blob that is named by sha512 are sha256 all the same', async () => {
    await using registry = await openInMemoryRegistry()
    const bytes = bytesOf(10)
    const { digest } = await pushBlob(registry, 'a', bytes, undefined, 'sha512')
    await settled(registry)
    expect(await storedHashes(registry, digest)).toEqual(leafHashesOf(bytes))
  })

  it('of many blobs are all made', async () => {
    await using registry = await openInMemoryRegistry()
    const blobs = Array.from({ length: 40 }, (_, number) => Buffer.from(`blob ${number}`))
    const pushed = await Promise.all(
      blobs.map((bytes) => pushBlob(registry, 'a', bytes, undefined, 'sha512')),
    )
    await settled(registry)
    for (const [number, { digest }] of pushed.entries()) {
      expect(await storedHashes(registry, digest)).toEqual(leafHashesOf(blobs[number]!))
    }
  })

  it('go with the blob', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushBlob(registry, 'a', bytesOf(MIB + 1))
    await settled(registry)
    await registry.fetch('DELETE', `/v2/a/blobs/${digest}`)
    expect(await storedHashes(registry, digest)).toBeUndefined()
  })
})
