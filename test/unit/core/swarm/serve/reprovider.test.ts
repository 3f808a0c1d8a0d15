import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '../../../../../src/core/log.ts'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import type { Network } from '../../../../../src/core/swarm/ports.ts'
import { createReprovider } from '../../../../../src/core/swarm/serve/reprovider.ts'
import { createSharePolicy } from '../../../../../src/core/swarm/serve/share-policy.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { createMemoryNetwork } from '../../../../support/memory-network.ts'
import { pushBlob, pushImage } from '../../../../support/push.ts'

const MIB = 1024 * 1024
const HOUR = 3_600_000

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => void vi.useRealTimers())

async function pin({ store }: InMemoryRegistry, ...digests: string[]): Promise<void> {
  for (const digest of digests) {
    await store.catalog.transaction(({ pins }) => pins.put(digest as Digest, `root of ${digest}`, Date.now()))
  }
}

interface Providing extends AsyncDisposable {
  readonly provided: string[]
  wake(): void
}

function open(registry: InMemoryRegistry, changes: Partial<Network> = {}): Providing {
  const provided: string[] = []
  const { catalog } = registry.store
  const network: Network = {
    ...createMemoryNetwork().join('here'),
    peers: () => ['peer'],
    provide: async (digest) => void provided.push(digest),
    ...changes,
  }
  const sharing = createSharePolicy({ allow: ['.*'], deny: ['closed'] }, catalog)
  const providing = createReprovider({ network, catalog, sharing, log: silentLog })
  return {
    provided,
    wake: providing.wake,
    async [Symbol.asyncDispose]() {
      await providing.close()
    },
  }
}

describe('providing', () => {
  it('announces manifests and large blobs that are shared and pinned, the newest first', async () => {
    await using registry = await openInMemoryRegistry()
    const large = await pushBlob(registry, 'a', new Uint8Array(MIB))
    const small = await pushBlob(registry, 'a', 'small')
    const closed = await pushBlob(registry, 'closed', new Uint8Array(MIB).fill(1))
    const image = await pushImage(registry, 'a')
    await pushImage(registry, 'a', { annotations: { is: 'not pinned' } })
    await pin(registry, large.digest, small.digest, closed.digest, image.digest)
    await using providing = open(registry)
    providing.wake()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(providing.provided).toEqual([image.digest, large.digest])
  })

  it('is done again after twelve hours', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'a')
    await pin(registry, digest)
    await using providing = open(registry)
    providing.wake()
    await vi.advanceTimersByTimeAsync(11 * HOUR)
    expect(providing.provided).toEqual([digest])
    await vi.advanceTimersByTimeAsync(2 * HOUR)
    expect(providing.provided).toEqual([digest, digest])
  })

  it('is repeated at each start, because the peers that keep records may have stopped too', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'a')
    await pin(registry, digest)
    for (let start = 0; start < 2; start++) {
      await using providing = open(registry)
      providing.wake()
      await vi.advanceTimersByTimeAsync(HOUR)
      expect(providing.provided).toEqual([digest])
    }
  })

  it('is tried again where it failed', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'a')
    await pin(registry, digest)
    const tried: string[] = []
    const provide = async (digest: Digest) => {
      if (tried.push(digest) < 3) throw new Error('nobody answers')
    }
    await using providing = open(registry, { provide })
    providing.wake()
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    expect(tried).toEqual([digest, digest, digest])
  })

  it('waits for a peer', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest } = await pushImage(registry, 'a')
    await pin(registry, digest)
    const peers: string[] = []
    await using providing = open(registry, { peers: () => peers })
    providing.wake()
    await vi.advanceTimersByTimeAsync(HOUR)
    expect(providing.provided).toEqual([])
    peers.push('peer')
    await vi.advanceTimersByTimeAsync(60_000)
    expect(providing.provided).toEqual([digest])
  })

  it('takes its time', async () => {
    await using registry = await openInMemoryRegistry()
    for (let number = 0; number < 100; number++) {
      await pin(
        registry,
        (await pushImage(registry, 'a', { annotations: { number: String(number) } })).digest,
      )
    }
    await using providing = open(registry)
    providing.wake()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(providing.provided.length).toBeGreaterThan(20)
    expect(providing.provided.length).toBeLessThanOrEqual(42)
  })

  it('begins at once with what is new', async () => {
    await using registry = await openInMemoryRegistry()
    await using providing = open(registry)
    providing.wake()
    await vi.advanceTimersByTimeAsync(1000)
    const { digest } = await pushImage(registry, 'a')
    await pin(registry, digest)
    providing.wake()
    await vi.advanceTimersByTimeAsync(1000)
    expect(providing.provided).toEqual([digest])
  })
})
