import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import { type Catalog, openCatalog } from '../../../../src/core/catalog/catalog.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { parseManifest } from '../../../../src/core/oci/manifest.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { NOTHING_REQUIRED } from '../../../../src/core/store/manifests.ts'
import { isLost, rebuild } from '../../../../src/core/store/rebuild.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'
import { receiveManifest } from '../../../support/remote-blobs.ts'

const page = { limit: 100 }

let disk: Disk
let store: Store
/** The copy of the names; `undefined`: there is none. */
let copy: string | undefined

const names = {
  read: async () => copy,
  write: async (text: string) => {
    copy = text
  },
}

beforeEach(async () => {
  disk = createMemoryDisk()
  store = await openStore(disk, await openDatabase())
  copy = undefined
})

async function openDatabase() {
  const database = await openSqliteInMemory()
  onTestFinished(() => database.close())
  return database
}

async function* once(text: string) {
  yield Buffer.from(text)
}

async function pushBlob(repository: string, text: string) {
  const digest = digestOf(text) as Digest
  await store.uploads.put(repository, digest, { bytes: once(text) })
  return { mediaType: 'application/octet-stream', digest, size: text.length }
}

interface Push {
  readonly tags?: readonly string[]
  readonly isCached?: boolean
  /** The type of the request, where the body has none. */
  readonly type?: string
}

async function pushManifest(repository: string, content: object, { tags = [], isCached, type }: Push = {}) {
  const text = JSON.stringify({ schemaVersion: 2, ...content })
  const digest = digestOf(text) as Digest
  const bytes = Buffer.from(text)
  const required = NOTHING_REQUIRED
  const origins = isCached ? { sources: new Map([['peer', bytes.length]]) } : {}
  const manifest = parseManifest(bytes, type)
  await store.manifests.put({ repository, digest, bytes, manifest, tags, required, ...origins })
  return { mediaType: manifest.mediaType, digest, size: bytes.length }
}

async function pushImage(repository: string, layer: string, push: Push = {}) {
  const config = await pushBlob(repository, `{"of":"${layer}"}`)
  const layers = [await pushBlob(repository, layer)]
  return pushManifest(repository, { mediaType: OCI_MANIFEST, config, layers }, push)
}

const copyNames = async (): Promise<void> => {
  copy = JSON.stringify({ version: 1, repositories: await store.catalog.names.all() })
}

/** A new catalog over the disk of the old one. */
async function lose(): Promise<Catalog> {
  const database = await openDatabase()
  const catalog = await openCatalog(database)
  expect(await isLost(disk, catalog)).toBe(true)
  await rebuild(disk, catalog, names)
  store = await openStore(disk, database)
  return catalog
}

describe('a lost catalog', () => {
  it('is distinguished from a new one and from an intact one', async () => {
    expect(await isLost(disk, store.catalog)).toBe(false)
    await pushBlob('a', 'blob')
    expect(await isLost(disk, store.catalog)).toBe(false)
    expect(await isLost(disk, await openCatalog(await openDatabase()))).toBe(true)
  })

  it('is not assumed because of an unfinished deletion', async () => {
    const { digest } = await pushBlob('a', 'blob')
    await store.catalog.transaction(async (queries) => {
      await queries.blobs.unlink('a', digest)
      await queries.blobs.forget(digest)
    })
    expect(await isLost(disk, store.catalog)).toBe(false)
  })

  it('is rebuilt with the peers that vouch for referrers', async () => {
    const image = await pushImage('a', 'one')
    const byItself = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], subject: image }
    await receiveManifest(store, 'a', { ...byItself, annotations: { by: 'friend' } }, 'friend')
    await receiveManifest(store, 'a', { ...byItself, annotations: { by: 'nobody' } }, null)
    const listed = { maxBytes: 1024 }
    const { descriptors } = await store.catalog.manifests.referrers('a', image.digest, listed)
    await copyNames()
    expect(descriptors).toHaveLength(1)
    const { manifests } = await lose()
    expect((await manifests.referrers('a', image.digest, listed)).descriptors).toEqual(descriptors)
  })

  it('is rebuilt with the deletions', async () => {
    const image = await pushImage('a', 'one', { tags: ['v1', 'v2'] })
    await pushImage('a', 'two')
    await store.manifests.untag('a', 'v1')
    await store.manifests.delete('a', image.digest)
    await copyNames()
    const { deletions } = await lose()
    expect(await deletions.without('a', [image.digest, 'v1', 'v2', 'v3'])).toEqual(['v3'])
  })

  it('is rebuilt as it was, from the backup of the names', async () => {
    const image = await pushImage('team/app', 'one', { tags: ['v1', 'latest'] })
    const child = await pushImage('team/app', 'two')
    const index = await pushManifest(
      'team/app',
      { mediaType: OCI_INDEX, manifests: [child] },
      { tags: ['all'] },
    )
    await pushManifest('team/app', {
      mediaType: OCI_MANIFEST,
      artifactType: 'example/signature',
      config: await pushBlob('team/app', '{}'),
      layers: [],
      subject: image,
      annotations: { by: 'somebody' },
    })
    await pushImage('other', 'two', { tags: ['v2'] })
    await pushBlob('other', 'without a manifest')
    const before = await store.catalog.names.all()
    const referrers = await store.catalog.manifests.referrers('team/app', image.digest, { maxBytes: 1024 })
    await copyNames()
    const catalog = await lose()
    expect(await catalog.names.all()).toEqual(before)
    expect(await catalog.manifests.referrers('team/app', image.digest, { maxBytes: 1024 })).toEqual(referrers)
    expect(await catalog.repositories.list(page)).toEqual(['other', 'team/app'])
    expect(await store.manifests.find('team/app', { tag: 'all' })).toMatchObject(index)
    expect((await store.blobs.get('other', digestOf('without a manifest') as Digest))?.size).toBe(18)
  })

  it('is rebuilt with blobs that an index names, and manifests that it does not call so', async () => {
    const image = { ...(await pushImage('a', 'one')), mediaType: '' }
    const layer = await pushBlob('a', 'layer of a cache')
    const index = await pushManifest('a', { mediaType: OCI_INDEX, manifests: [image, layer] })
    const expectAll = async (repository: string) => {
      for (const { digest } of [index, image])
        expect(await store.manifests.find(repository, { digest })).toMatchObject({ digest })
      expect((await store.blobs.get(repository, layer.digest))?.size).toBe(layer.size)
      expect(await store.blobs.get(repository, image.digest)).toBeUndefined()
    }
    const before = await store.catalog.names.all()
    await copyNames()
    expect(await (await lose()).names.all()).toEqual(before)
    await expectAll('a')
    copy = undefined
    await lose()
    await expectAll('recovered')
  })

  it('is rebuilt with what was pushed, what came from peers, and what is kept', async () => {
    const pushed = await pushImage('a', 'pushed')
    const cached = await pushImage('a', 'cached', { isCached: true })
    await store.catalog.transaction((queries) => queries.eviction.keep('a', cached.digest))
    await copyNames()
    const catalog = await lose()
    const manifests = (await catalog.names.all())[0]!.manifests
    expect(manifests.find(({ digest }) => digest === pushed.digest)).toMatchObject({
      cached: false,
      kept: false,
    })
    expect(manifests.find(({ digest }) => digest === cached.digest)).toMatchObject({
      cached: true,
      kept: true,
    })
    const cachedBlobs = [cached.size, 'cached'.length, '{"of":"cached"}'.length]
    expect(await catalog.eviction.cachedBytes()).toBe(cachedBlobs.reduce((sum, size) => sum + size))
  })

  it('reads a manifest by the type that it was pushed with', async () => {
    const { digest } = await pushManifest('a', {}, { type: OCI_INDEX, tags: ['empty'] })
    await copyNames()
    await lose()
    expect(await store.manifests.find('a', { tag: 'empty' })).toMatchObject({ digest, mediaType: OCI_INDEX })
  })

  it('loses nothing without a backup, or with one that cannot be read', async () => {
    for (const text of [undefined, '', 'nonsense', '{"version":99,"repositories":7}']) {
      const { digest } = await pushImage('a', 'layer', { tags: ['v1'] })
      await pushBlob('a', 'without a manifest')
      copy = text
      const catalog = await lose()
      expect(await catalog.repositories.list(page)).toEqual(['recovered'])
      expect(await store.manifests.find('recovered', { digest })).toMatchObject({ mediaType: OCI_MANIFEST })
      for (const blob of ['layer', '{"of":"layer"}', 'without a manifest'])
        expect(await store.blobs.get('recovered', digestOf(blob) as Digest)).toBeDefined()
      expect(await catalog.eviction.cachedBytes()).toBe(0)
    }
  })

  it('includes what came after the backup was written', async () => {
    await pushImage('a', 'early', { tags: ['early'] })
    await copyNames()
    const late = await pushImage('a', 'late', { tags: ['late'] })
    const catalog = await lose()
    expect(await catalog.repositories.list(page)).toEqual(['a', 'recovered'])
    expect(await catalog.tags.list('a', page)).toEqual(['early'])
    expect(await store.manifests.find('recovered', late)).toMatchObject({ digest: late.digest })
    expect(await store.blobs.get('recovered', digestOf('early') as Digest)).toBeUndefined()
  })

  it('leaves out what is not on the disk', async () => {
    const gone = await pushImage('a', 'gone', { tags: ['gone'] })
    await pushImage('a', 'here', { tags: ['here'] })
    await copyNames()
    await disk.delete(gone.digest)
    const catalog = await lose()
    expect(await catalog.tags.list('a', page)).toEqual(['here'])
  })

  it('can be lost and rebuilt again', async () => {
    const { digest } = await pushImage('a', 'layer')
    await lose()
    await store.catalog.transaction((queries) => queries.tags.put('recovered', 'v1', digest, 0))
    await pushImage('a', 'more')
    await copyNames()
    await pushBlob('a', 'last')
    const catalog = await lose()
    expect(await catalog.tags.list('recovered', page)).toEqual(['v1'])
    expect(await store.blobs.get('recovered', digestOf('last') as Digest)).toBeDefined()
  })
})
