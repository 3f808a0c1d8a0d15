/** What the owner deletes goes with what only it needs, and frees what was said before. */
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type Api, createApi } from '../../../../src/core/api/api.ts'
import { assemble } from '../../../../src/core/assemble.ts'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import type { RegistryRequest, RegistryResponse } from '../../../../src/core/http/message.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { configOf } from '../../../support/in-memory-registry.ts'
import { descriptorOf, digestOf, imageOf, indexOf } from '../../../support/push.ts'
import { once, putManifest } from '../../../support/remote-blobs.ts'

let store: Store
let api: Api<RegistryRequest, RegistryResponse>

beforeEach(async () => {
  const database = await openSqliteInMemory()
  const parts = { disk: createMemoryDisk(), database, config: configOf({}), log: silentLog }
  const assembly = await assemble(parts)
  assembly.stayAlone()
  store = assembly.store
  api = createApi(assembly.admin, { log: silentLog })
  onTestFinished(async () => {
    await assembly.close()
    await database.close()
  })
})

async function ask(method: string, path: string): Promise<Response> {
  const url = new URL(`/flotilla/${path}`, 'http://registry.example')
  const answer = (request: RegistryRequest) => api.answer(request, api.find(request.target))
  return createFetch(answer)(new Request(url, { method }))
}

const answer = async (method: string, path: string) => (await ask(method, path)).json()

async function pushBlob(repository: string, text: string) {
  await store.uploads.put(repository, digestOf(text) as Digest, { bytes: once(Buffer.from(text)) })
  return descriptorOf(text, 'application/vnd.oci.image.layer.v1.tar')
}

const stored = async () => (await answer('GET', 'storage')).bytes.total
const digestsIn = async (repository: string) => {
  const { images = [] } = await answer('GET', `images?repository=${repository}`)
  return images.map(({ digest }: { digest: string }) => digest)
}

/** An index of two platforms, one of which has a signature and shares its base with the image `other`. */
async function pushAll() {
  const config = await pushBlob('a', '{}')
  const [base, arm, amd, extra] = [
    await pushBlob('a', 'the base'),
    await pushBlob('a', 'for arm64'),
    await pushBlob('a', 'for amd64'),
    await pushBlob('a', 'another layer'),
  ]
  const one = await putManifest(store, 'a', imageOf(config, [base, arm]), [])
  const two = await putManifest(store, 'a', imageOf(config, [base, amd]), [])
  const index = await putManifest(store, 'a', indexOf([one, two]), ['latest', '1'])
  const signature = await putManifest(
    store,
    'a',
    { ...imageOf(config, []), artifactType: 'application/x-signature', subject: one },
    [],
  )
  const other = await putManifest(store, 'a', imageOf(config, [base, extra]), ['other'])
  return { one, two, index, signature, other, arm, amd, extra }
}

describe('an image', () => {
  it('goes with its platforms, their signatures and layers, but for what others need', async () => {
    const { one, two, index, signature, other, arm, amd } = await pushAll()
    const before = await stored()
    const bytes = one.size + two.size + index.size + signature.size + arm.size + amd.size
    const query = `repository=a&digest=${index.digest}`
    expect(await answer('GET', `freed?${query}`)).toEqual({ bytes, manifests: 4 })
    expect(await stored()).toBe(before)
    expect(await answer('DELETE', `images?${query}`)).toEqual({ freed: bytes })
    expect(await stored()).toBe(before - bytes)
    expect(await digestsIn('a')).toEqual([other.digest])
  })

  it('leaves a platform that another index names, that has a tag, or that is kept', async () => {
    const { one, two, index, signature, other } = await pushAll()
    await putManifest(store, 'a', indexOf([one, other]), ['more'])
    await store.eviction.keep('a', two.digest as Digest)
    await ask('DELETE', `images?repository=a&digest=${index.digest}`)
    const left = await digestsIn('a')
    expect(left).toEqual(expect.arrayContaining([one.digest, two.digest, signature.digest, other.digest]))
    expect(left).not.toContain(index.digest)
  })

  it('frees nothing that another repository serves', async () => {
    const { other, extra } = await pushAll()
    await store.blobs.mount('b', extra.digest as Digest, 'a')
    expect(await answer('GET', `freed?repository=a&digest=${other.digest}`)).toMatchObject({
      bytes: other.size,
    })
    expect(await answer('DELETE', `images?repository=a&digest=${other.digest}`)).toEqual({
      freed: other.size,
    })
  })

  it('leaves layers under a push that may count on them', async () => {
    const { other } = await pushAll()
    await store.uploads.start('a')
    expect(await answer('DELETE', `images?repository=a&digest=${other.digest}`)).toEqual({
      freed: other.size,
    })
  })

  it('that is gone already frees nothing', async () => {
    const query = `repository=a&digest=${digestOf('nothing')}&tag=none`
    expect(await answer('GET', `freed?${query}`)).toEqual({ bytes: 0, manifests: 1 })
    expect(await answer('DELETE', `images?${query}`)).toEqual({ freed: 0 })
  })
})

describe('a tag', () => {
  it('goes alone', async () => {
    const { index } = await pushAll()
    expect(await answer('GET', 'freed?repository=a&tag=latest')).toEqual({ bytes: 0, manifests: 0 })
    expect(await answer('DELETE', 'images?repository=a&tag=latest')).toEqual({ freed: 0 })
    const { images } = await answer('GET', `images?repository=a&digest=${index.digest}`)
    expect(images[0].tags).toEqual(['1'])
    expect(await store.catalog.deletions.has('a', 'latest')).toBe(true)
  })
})

describe('a repository', () => {
  it('goes as a whole, and all that it alone has', async () => {
    await pushAll()
    await pushBlob('a', 'that no image needs')
    const shared = await pushBlob('b', 'the base')
    const before = await stored()
    const { bytes, manifests } = await answer('GET', 'freed?repository=a&all')
    expect([bytes, manifests]).toEqual([before - shared.size, 5])
    expect(await answer('DELETE', 'images?repository=a&all')).toEqual({ freed: bytes })
    expect(await stored()).toBe(shared.size)
    expect(await digestsIn('a')).toEqual([])
  })
})

it('remembers what was deleted by name, until that is taken back', async () => {
  const { one, index } = await pushAll()
  await ask('DELETE', `images?repository=a&digest=${index.digest}`)
  const isDeleted = (reference: string) => store.catalog.deletions.has('a', reference)
  expect(await Promise.all([index.digest, '1', one.digest].map(isDeleted))).toEqual([true, true, false])
  for (const reference of [index.digest, '1'])
    expect((await ask('DELETE', `deletions/a/${reference}`)).status).toBe(204)
  expect(await Promise.all([index.digest, '1', 'latest'].map(isDeleted))).toEqual([false, false, true])
})

it.each([
  ['GET', 'freed?repository=a', 'UNSUPPORTED'],
  ['DELETE', 'images?repository=a', 'UNSUPPORTED'],
  ['DELETE', 'images?all', 'NAME_INVALID'],
  ['DELETE', 'images?repository=a&digest=x', 'DIGEST_INVALID'],
  ['DELETE', 'images?repository=a&tag=-', 'TAG_INVALID'],
  ['DELETE', 'deletions/a/-', 'TAG_INVALID'],
])('refuses %s %s', async (method, path, code) => {
  const response = await ask(method, path)
  expect([response.status, (await response.json()).errors[0].code]).toEqual([400, code])
})

it('what a push had sent that was given up goes, but for what an image needs by now', async () => {
  await pushAll()
  const before = await stored()
  const left = await pushBlob('a', 'left over')
  const base = digestOf('the base')
  const path = `blobs?repository=a&digest=${left.digest}&digest=${base}&digest=${digestOf('never there')}`
  expect(await answer('DELETE', path)).toEqual({ freed: 'left over'.length })
  expect(await stored()).toBe(before)
  expect((await ask('DELETE', `deletions/a/${left.digest}`)).status).toBe(204)
})
