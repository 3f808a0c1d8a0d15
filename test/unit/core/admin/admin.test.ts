import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type Api, createApi } from '../../../../src/core/api/api.ts'
import { API_OPERATIONS, type ApiOperations } from '../../../../src/core/api/operations.ts'
import { API_ROUTES, type RouteName } from '../../../../src/core/api/routes.ts'
import { SCHEMAS, type SchemaName } from '../../../../src/core/api/schemas.ts'
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
import { once, PEER, putManifest, receiveBlob, receiveManifest } from '../../../support/remote-blobs.ts'

const ORIGIN = 'http://registry.example'
const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
const NOW = Date.UTC(2030, 0)

let store: Store
let api: Api<RegistryRequest, RegistryResponse>

async function open(storage = {}): Promise<void> {
  const database = await openSqliteInMemory()
  const assembly = await assemble({
    disk: createMemoryDisk(),
    database,
    config: configOf({ storage }),
    log: silentLog,
    estimate: async () => ({ usage: 5, quota: 10 }),
  })
  assembly.stayAlone()
  store = assembly.store
  api = createApi(assembly.admin, { log: silentLog })
  onTestFinished(async () => {
    await assembly.close()
    await database.close()
  })
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  onTestFinished(() => void vi.useRealTimers())
  await open()
})

/** As pages and programs ask; every path here is the owner's. */
async function ask(method: string, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const answer = (request: RegistryRequest) => api.answer(request, api.find(request.target))
  return createFetch(answer)(new Request(new URL(path, ORIGIN), { method, headers }))
}

/** The answer, which has to have the schema that the route table names. */
async function get(path: string) {
  const body = await (await ask('GET', path)).json()
  const found = Object.entries(API_ROUTES).find(([, row]) => row.path === api.find(path)?.route.path)
  const { GET }: ApiOperations = API_OPERATIONS[found![0] as RouteName]
  const problems = SCHEMAS[GET?.answer as SchemaName].safeParse(body).error?.issues
  expect(problems).toBeUndefined()
  return body
}

const codeOf = async (response: Response) => [response.status, (await response.json()).errors[0].code]

describe('GET /flotilla/storage', () => {
  it('tells what is held, by where it came from and by repository', async () => {
    await store.uploads.put('b', digestOf('pushed') as Digest, { bytes: once(Buffer.from('pushed')) })
    const layer = await receiveBlob(store, 'a', 'from peers')
    const image = await receiveManifest(store, 'a', imageOf(CONFIG, [layer]))
    const id = await store.uploads.start('c')
    await store.uploads.append('c', id, { bytes: once(Buffer.from('half')) })
    store.eviction.setBudget(1000)
    const cached = layer.size + image.size
    expect(await get('/flotilla/storage')).toEqual({
      bytes: { total: cached + 10, pushed: 0, cached, orphans: 6, uploads: 4, downloads: 0 },
      blobs: 3,
      evictable: cached,
      budget: 1000,
      repositories: [
        { name: 'a', bytes: cached, shared: 0, orphans: 0, tags: 0, manifests: 1, lastUsed: NOW },
        { name: 'b', bytes: 6, shared: 0, orphans: 6, tags: 0, manifests: 0 },
      ],
      platform: { usage: 5, quota: 10 },
    })
  })

  it('counts a digest once, whether as blob or manifest', async () => {
    const image = await putManifest(store, 'a', imageOf(CONFIG, []), ['one', 'two'])
    await store.blobs.mount('a', image.digest as Digest, undefined)
    await store.uploads.put('a', image.digest as Digest, {
      bytes: once(Buffer.from(JSON.stringify(imageOf(CONFIG, [])))),
    })
    const { repositories, blobs, budget } = await get('/flotilla/storage')
    const use = { name: 'a', bytes: image.size, shared: 0, orphans: 0, tags: 2, manifests: 1 }
    expect(repositories).toEqual([{ ...use, changedAt: NOW, lastUsed: NOW }])
    expect([blobs, budget]).toEqual([1, null])
  })

  it('tells what repositories share', async () => {
    const layer = await receiveBlob(store, 'a', 'layer')
    const image = await receiveManifest(store, 'a', imageOf(CONFIG, [layer]))
    await store.blobs.mount('b', layer.digest as Digest, 'a')
    expect((await get('/flotilla/storage')).repositories).toMatchObject([
      { name: 'a', bytes: layer.size + image.size, shared: layer.size, orphans: 0 },
      { name: 'b', bytes: layer.size, shared: layer.size, orphans: layer.size },
    ])
  })

  it('comes in pages', async () => {
    for (const name of ['a', 'b', 'c']) await receiveBlob(store, name, name)
    const first = await ask('GET', '/flotilla/storage?n=2')
    expect((await first.json()).repositories).toHaveLength(2)
    const link = /^<(.+)>; rel="next"$/.exec(first.headers.get('link')!)![1]!
    const second = await ask('GET', link)
    expect(await second.json()).toEqual({
      budget: null,
      repositories: [expect.objectContaining({ name: 'c' })],
    })
    expect(second.headers.get('link')).toBeNull()
    const sums = await get('/flotilla/storage?n=0&last=')
    expect(sums).toMatchObject({ blobs: 3, bytes: { total: 3 }, repositories: [] })
  })
})

describe('GET /flotilla/images', () => {
  it('tells what each image takes, misses, and where it came from', async () => {
    const layer = await receiveBlob(store, 'a', 'layer')
    const child = await receiveManifest(store, 'a', imageOf(CONFIG, [layer, descriptorOf('absent', 'x/y')]))
    const sibling = await receiveManifest(store, 'a', imageOf(CONFIG, [layer]))
    vi.setSystemTime(NOW + 1000)
    const index = await putManifest(store, 'a', indexOf([child, sibling]), ['latest', 'v1'])
    const signature = await receiveManifest(store, 'a', {
      ...imageOf(CONFIG, []),
      artifactType: 'application/x-signature',
      subject: index,
    })
    await store.eviction.keep('a', child.digest as Digest)
    const { images } = await get('/flotilla/images?repository=a')
    const common = { mediaType: child.mediaType, tags: [], tagged: [], kept: false, source: 'peers' }
    expect(images).toEqual([
      {
        ...common,
        digest: signature.digest,
        artifactType: 'application/x-signature',
        subject: index.digest,
        bytes: signature.size,
        missing: 1,
        lastUsed: NOW + 1000,
      },
      {
        ...common,
        digest: index.digest,
        mediaType: index.mediaType,
        tags: ['latest', 'v1'],
        tagged: ['latest', 'v1'].map((name) => ({ name, at: NOW + 1000 })),
        bytes: index.size + child.size + sibling.size + layer.size,
        missing: 2,
        source: 'pushed',
        pushedAt: NOW + 1000,
        lastUsed: NOW + 1000,
      },
      {
        ...common,
        digest: sibling.digest,
        artifactType: CONFIG.mediaType,
        partOf: [index.digest],
        bytes: sibling.size + layer.size,
        missing: 1,
        lastUsed: NOW,
      },
      {
        ...common,
        digest: child.digest,
        artifactType: CONFIG.mediaType,
        partOf: [index.digest],
        bytes: child.size + layer.size,
        missing: 2,
        kept: true,
        lastUsed: NOW,
      },
    ])
  })

  it('counts the blobs that an index names', async () => {
    const layer = await receiveBlob(store, 'a', 'layer')
    const index = await putManifest(store, 'a', indexOf([layer, descriptorOf('absent', 'x/y')]), ['cache'])
    const { images } = await get('/flotilla/images?repository=a')
    expect(images).toMatchObject([{ digest: index.digest, bytes: index.size + layer.size, missing: 1 }])
  })

  it('misses what only another repository serves', async () => {
    const layer = await receiveBlob(store, 'b', 'layer')
    await receiveManifest(store, 'a', imageOf(layer, []))
    expect((await get('/flotilla/images?repository=a')).images[0].missing).toBe(1)
  })

  it('comes in pages, newest first', async () => {
    const digests: string[] = []
    for (const content of ['one', 'two', 'three', 'four', 'five']) {
      digests.unshift((await receiveManifest(store, 'a', imageOf(descriptorOf(content, 'x/y'), []))).digest)
    }
    const found: string[] = []
    let next: string | undefined = '/flotilla/images?repository=a&n=2'
    while (next) {
      const page: Response = await ask('GET', next)
      found.push(...(await page.json()).images.map((image: { digest: string }) => image.digest))
      next = /^<(.+)>;/.exec(page.headers.get('link') ?? '')?.[1]
    }
    expect(found).toEqual(digests)
  })

  it('comes with only those that are asked for, all at once', async () => {
    const add = (content: string) => receiveManifest(store, 'a', imageOf(descriptorOf(content, 'x/y'), []))
    const [one, , three] = [await add('one'), await add('two'), await add('three')]
    const remote = await receiveManifest(store, 'b', imageOf(descriptorOf('four', 'x/y'), []))
    const wanted = [one, three, remote].map(({ digest }) => `&digest=${digest}`).join('')
    const response = await ask('GET', `/flotilla/images?repository=a&n=1${wanted}`)
    const { images } = await response.json()
    expect(images.map((image: { digest: string }) => image.digest)).toEqual([three.digest, one.digest])
    expect(response.headers.get('link')).toBeNull()
  })

  it.each([
    ['', 400, 'NAME_INVALID'],
    ['?repository=a&digest=x', 400, 'DIGEST_INVALID'],
    ['?repository=A', 400, 'NAME_INVALID'],
    ['?repository=unknown', 404, 'NAME_UNKNOWN'],
    ['?repository=a&n=x', 400, 'PAGINATION_NUMBER_INVALID'],
  ])('refuses %s', async (query, status, code) => {
    expect(await codeOf(await ask('GET', `/flotilla/images${query}`))).toEqual([status, code])
  })
})

describe('GET /flotilla/blobs/<digest>', () => {
  it('tells where it came from and what serves it', async () => {
    const { digest } = await receiveBlob(store, 'b', 'layer')
    await receiveBlob(store, 'a', 'layer')
    expect(await get(`/flotilla/blobs/${digest}`)).toEqual({
      digest,
      size: 5,
      source: 'peers',
      origins: [{ peer: PEER, bytes: 5 }],
      repositories: ['a', 'b'],
      lastUsed: NOW,
    })
  })

  it('tells when it was used last', async () => {
    const { digest } = await receiveBlob(store, 'a', 'layer')
    vi.setSystemTime(NOW + 5000)
    await store.blobs.get('a', digest as Digest)
    await store.eviction.evict({ to: 1000 }) // writes down the uses
    expect((await get(`/flotilla/blobs/${digest}`)).lastUsed).toBe(NOW + 5000)
  })

  it('refuses what is not held, and what is no digest', async () => {
    expect(await codeOf(await ask('GET', `/flotilla/blobs/${CONFIG.digest}`))).toEqual([404, 'BLOB_UNKNOWN'])
    expect(await codeOf(await ask('GET', '/flotilla/blobs/x'))).toEqual([400, 'DIGEST_INVALID'])
  })
})

describe('PUT and DELETE /flotilla/kept/<name>/<digest>', () => {
  it('keep an image, and release it', async () => {
    const { digest } = await receiveManifest(store, 'some/name', imageOf(CONFIG, []))
    const isKept = async () => (await get('/flotilla/images?repository=some/name')).images[0].kept
    expect((await ask('PUT', `/flotilla/kept/some/name/${digest}`)).status).toBe(204)
    expect(await isKept()).toBe(true)
    expect((await ask('DELETE', `/flotilla/kept/some/name/${digest}`)).status).toBe(204)
    expect(await isKept()).toBe(false)
  })

  it.each(['PUT', 'DELETE'])('refuse what is not held: %s', async (method) => {
    const response = await ask(method, `/flotilla/kept/a/${CONFIG.digest}`)
    expect(await codeOf(response)).toEqual([404, 'MANIFEST_UNKNOWN'])
  })
})

describe('POST /flotilla/evict', () => {
  const evict = async (query = '') => (await ask('POST', `/flotilla/evict${query}`)).json()

  it('removes what no image needs, and images down to the budget', async () => {
    await receiveBlob(store, 'a', 'loose')
    const image = await receiveManifest(store, 'a', imageOf(CONFIG, []))
    vi.setSystemTime(NOW + 120_000)
    const loose = { freed: 5, orphans: 5, uploads: 0, downloads: 0, images: 0 }
    expect(await evict('?dry')).toEqual({ ...loose, spared: 0 })
    expect(await evict()).toEqual(loose)
    expect(await evict()).toMatchObject({ freed: 0 })
    store.eviction.setBudget(0)
    expect(await evict()).toMatchObject({ freed: image.size, images: image.size })
  })

  it('removes images down to so many bytes', async () => {
    const image = await receiveManifest(store, 'a', imageOf(CONFIG, []))
    vi.setSystemTime(NOW + 120_000)
    expect(await evict('?to=1000')).toMatchObject({ images: 0 })
    expect(await evict('?to=0')).toMatchObject({ images: image.size })
  })

  it('removes what one repository has left behind', async () => {
    await receiveBlob(store, 'a', 'one')
    await receiveBlob(store, 'b', 'other')
    vi.setSystemTime(NOW + 120_000)
    expect(await evict('?repository=a')).toMatchObject({ freed: 3 })
    expect((await get('/flotilla/storage')).repositories).toMatchObject([{ name: 'b' }])
  })

  it.each([
    ['?repository=A', 400, 'NAME_INVALID'],
    ['?to=5GB', 400, 'SIZE_INVALID'],
  ])('refuses %s', async (query, status, code) => {
    expect(await codeOf(await ask('POST', `/flotilla/evict${query}`))).toEqual([status, code])
  })
})

describe('the admin API', () => {
  it('leaves other paths to others', async () => {
    for (const target of ['/v2/', '/flotilla/peers', '/flotilla', '/flotilla/storage/x', '/flotilla/kept/a'])
      expect(api.find(target)).toBeUndefined()
    expect(api.find('/flotilla/storage?n=1')).toBeDefined()
  })

  it('knows the methods of its paths', async () => {
    const response = await ask('POST', '/flotilla/storage')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    const options = await ask('OPTIONS', '/flotilla/evict')
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'POST'])
    const head = await ask('HEAD', '/flotilla/storage')
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('is not obeyed when a page of another origin asks, and not cached', async () => {
    const response = await ask('POST', '/flotilla/evict', { Origin: 'http://evil.example' })
    expect(await codeOf(response)).toEqual([403, 'DENIED'])
    const own = await ask('POST', '/flotilla/evict', { Origin: ORIGIN })
    expect([own.status, own.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(own.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('changes nothing in a registry that is read-only', async () => {
    await open({ maintenance: { readonly: { enabled: true } } })
    expect((await ask('POST', '/flotilla/evict')).status).toBe(405)
    expect((await ask('GET', '/flotilla/storage')).status).toBe(200)
  })
})
