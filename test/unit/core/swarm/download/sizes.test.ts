/** Which size of a blob is believed before its bytes are here, and who makes way for whom. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDownloadSlots } from '../../../../../src/core/swarm/download/download-slots.ts'
import { createPace } from '../../../../../src/core/swarm/download/pace.ts'
import { createMemoryNetwork } from '../../../../support/memory-network.ts'
import { descriptorOf, imageOf } from '../../../../support/push.ts'
import { bringManifest } from '../../../../support/remote-blobs.ts'
import { fetched, openReceiver, type Receiver, readAll, vouch } from '../receiver.ts'
import { bytesOf, digestOf, MIB, seederOf } from '../seeder.ts'

const SIZE = 3 * MIB
const bytes = bytesOf(SIZE)
const digest = digestOf(bytes)
const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
const LAYER = 'application/vnd.oci.image.layer.v1.tar'

async function beside(content: Uint8Array): Promise<Receiver> {
  const network = createMemoryNetwork()
  network.join('peer', seederOf(bytes, digest, { content }).answer)
  const receiver = await openReceiver(network.join('me'))
  onTestFinished(() => receiver.downloads.close())
  return receiver
}

describe('a size that a manifest states', () => {
  it('is the only one that is believed, and who offers another is not blamed', async () => {
    const receiver = await beside(bytesOf(SIZE - 1))
    await vouch(receiver, digest, SIZE)
    expect(await receiver.downloads.fetch('a', digest)).toBeUndefined()
    expect(receiver.backoff.blockOf('peer')).toBeUndefined()
  })

  it('counts for its repository alone', async () => {
    const receiver = await beside(bytes)
    await vouch(receiver, digest, SIZE + 1, 'b')
    expect(await readAll((await fetched(receiver, digest)).stream())).toHaveLength(SIZE)
  })

  it('keeps nothing away where another manifest states another', async () => {
    const receiver = await beside(bytes)
    await vouch(receiver, digest, SIZE + 1)
    await vouch(receiver, digest, SIZE)
    expect(await readAll((await fetched(receiver, digest)).stream())).toHaveLength(SIZE)
  })

  it('is read again where it was not written down', async () => {
    const { store, database } = await beside(bytes)
    await vouch({ store } as Receiver, digest, SIZE)
    await database.run('UPDATE needs SET size = NULL')
    expect(await store.statedSizes(digest, ['a'])).toEqual([SIZE])
    expect(await store.catalog.manifests.withoutSizes(digest, ['a'])).toEqual([])
  })

  it('says nothing where a peer has attached the manifest to another', async () => {
    const { store } = await beside(bytes)
    const subject = await bringManifest(store, 'a', imageOf(CONFIG, []))
    const layer = { mediaType: LAYER, digest, size: 5 }
    await bringManifest(store, 'a', { ...imageOf(CONFIG, [layer]), subject })
    expect(await store.statedSizes(digest, ['a'])).toEqual([])
  })
})

it('a slot goes to who waits where its holder crawls, and back', async () => {
  const slots = createDownloadSlots(1)
  const { signal } = new AbortController()
  const order: string[] = []
  const crawling = async (): Promise<void> => {
    const pace = createPace(10)
    const isDone = await slots.hold(
      async (slot) => {
        order.push('crawls')
        if (order.length > 2) return true
        await new Promise((resolve) => slot.signal.addEventListener('abort', resolve))
        return false
      },
      { signal, pace },
    )
    if (!isDone) await crawling()
  }
  const first = crawling()
  await slots.hold(async () => void order.push('other'), { signal, pace: createPace() })
  await first
  expect(order).toEqual(['crawls', 'other', 'crawls'])
})
