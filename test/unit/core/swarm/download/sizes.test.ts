/** Which size of a blob is believed before its bytes are here. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryNetwork } from '../../../../support/memory-network.ts'
import { descriptorOf, imageOf } from '../../../../support/push.ts'
import { receiveManifest } from '../../../../support/remote-blobs.ts'
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
  it('is the only one that is believed, and a peer that offers another is not blamed', async () => {
    const receiver = await beside(bytesOf(SIZE - 1))
    await vouch(receiver, digest, SIZE)
    expect(await receiver.downloads.fetch('a', digest)).toBeUndefined()
    expect(receiver.backoff.blockOf('peer')).toBeUndefined()
  })

  it('counts for its own repository only', async () => {
    const receiver = await beside(bytes)
    await vouch(receiver, digest, SIZE + 1, 'b')
    expect(await readAll((await fetched(receiver, digest)).stream())).toHaveLength(SIZE)
  })

  it('does not keep a blob away if another manifest states another size', async () => {
    const receiver = await beside(bytes)
    await vouch(receiver, digest, SIZE + 1)
    await vouch(receiver, digest, SIZE)
    expect(await readAll((await fetched(receiver, digest)).stream())).toHaveLength(SIZE)
  })

  it('is read from the manifest again if the catalog does not have it', async () => {
    const { store, database } = await beside(bytes)
    await vouch({ store } as Receiver, digest, SIZE)
    await database.run('UPDATE needs SET size = NULL')
    expect(await store.statedSizes(digest, ['a'])).toEqual([SIZE])
    expect(await store.catalog.manifests.withoutSizes(digest, ['a'])).toEqual([])
  })

  it('does not count if a peer has attached the manifest to another', async () => {
    const { store } = await beside(bytes)
    const subject = await receiveManifest(store, 'a', imageOf(CONFIG, []))
    const layer = { mediaType: LAYER, digest, size: 5 }
    await receiveManifest(store, 'a', { ...imageOf(CONFIG, [layer]), subject })
    expect(await store.statedSizes(digest, ['a'])).toEqual([])
  })
})
