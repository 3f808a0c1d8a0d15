/**
 * Random lives of a registry. After each eviction nothing is gone that had to stay, disk and catalog agree, and where
 * the cache is still larger than was asked for, nothing is left that may go. What has to stay is told by a model that
 * knows neither SQL nor the store.
 */
import * as fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { descriptorOf, imageOf, indexOf } from '../../../support/push.ts'
import { once, putManifest, receiveBlob, receiveManifest } from '../../../support/remote-blobs.ts'

const MINUTE = 60_000
const REPOSITORIES = ['a', 'b']
const CONTENTS = ['layer 0', 'layer of 1', 'a layer 2', 'layer 3 of all']
const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
const LAYERS = CONTENTS.map((content) => descriptorOf(content, 'application/vnd.oci.image.layer.v1.tar'))

/** Three images, an index of two of them, a signature of the first and one of the index. */
const IMAGES: Record<string, unknown>[] = [
  imageOf(CONFIG, [LAYERS[0]!]),
  imageOf(CONFIG, [LAYERS[0]!, LAYERS[1]!]),
  imageOf(CONFIG, [LAYERS[1]!, LAYERS[2]!]),
]
const manifestOf = (json: Record<string, unknown>) =>
  descriptorOf(JSON.stringify(json), String(json['mediaType']))
IMAGES.push(indexOf([manifestOf(IMAGES[0]!), manifestOf(IMAGES[1]!)]))
IMAGES.push({ ...imageOf(CONFIG, [LAYERS[3]!]), subject: manifestOf(IMAGES[0]!) })
IMAGES.push({ ...imageOf(CONFIG, []), subject: manifestOf(IMAGES[3]!) })
const DIGESTS = IMAGES.map((json) => manifestOf(json).digest as Digest)
const NEEDS = [[0], [0, 1], [1, 2], [], [3], []].map((list) =>
  list.map((layer) => LAYERS[layer]!.digest as Digest),
)
const CHILDREN: readonly number[][] = [[], [], [], [0, 1], [], []]
const SUBJECTS = [undefined, undefined, undefined, undefined, 0, 3]

/** What the model knows of one repository. */
interface Shelf {
  /** By the numbers of the images. */
  readonly images: Map<number, { pushed: boolean; kept: boolean; tagged: boolean; usedAt: number }>
  readonly layers: Set<Digest>
  /** Images that do not come back from peers. */
  readonly deleted: Set<number>
}

interface Model {
  readonly shelves: Record<string, Shelf>
  readonly layers: Map<Digest, { pushed: boolean; usedAt: number }>
  /** The last use of each image in any repository, by their numbers. */
  readonly uses: Map<number, number>
}

const newModel = (): Model => ({
  shelves: Object.fromEntries(
    REPOSITORIES.map((name) => [name, { images: new Map(), layers: new Set(), deleted: new Set() }]),
  ),
  layers: new Map(),
  uses: new Map(),
})

/** @param held - gives the bytes of all that the catalog holds, pushed or not */
type Action = (store: Store, model: Model, held: () => Promise<number>) => Promise<void>

const repository = fc.constantFrom(...REPOSITORIES)
const layer = fc.nat(LAYERS.length - 1)
const image = fc.nat(IMAGES.length - 1)

const layerComes = (pushed: boolean) =>
  fc.tuple(repository, layer).map(
    ([name, number]): Action =>
      async (store, { shelves, layers }) => {
        const digest = LAYERS[number]!.digest as Digest
        if (pushed) await store.uploads.put(name, digest, { bytes: once(Buffer.from(CONTENTS[number]!)) })
        else await receiveBlob(store, name, CONTENTS[number]!)
        shelves[name]!.layers.add(digest)
        const before = layers.get(digest)
        layers.set(digest, {
          pushed: pushed || (before?.pushed ?? false),
          usedAt: Date.now(),
        })
      },
  )

const imageComes = (pushed: boolean) =>
  fc.tuple(repository, image, fc.boolean()).map(
    ([name, number, tag]): Action =>
      async (store, { shelves }) => {
        const { images, deleted } = shelves[name]!
        if (!pushed && deleted.has(number)) {
          const refused = expect.objectContaining({ code: 'MANIFEST_UNKNOWN' })
          return expect(receiveManifest(store, name, IMAGES[number]!)).rejects.toEqual(refused)
        }
        deleted.delete(number)
        if (pushed) await putManifest(store, name, IMAGES[number]!, tag ? ['latest'] : [])
        else await receiveManifest(store, name, IMAGES[number]!)
        const before = images.get(number)
        if (pushed && tag) for (const other of images.values()) other.tagged = false
        images.set(number, {
          pushed: pushed || (before?.pushed ?? false),
          kept: before?.kept ?? false,
          tagged: (pushed && tag) || (before?.tagged ?? false),
          usedAt: Date.now(),
        })
      },
  )

const isKept = (kept: boolean) =>
  fc.tuple(repository, image).map(
    ([name, number]): Action =>
      async (store, { shelves }) => {
        const { images, deleted } = shelves[name]!
        const found = images.get(number)
        const done = await store.eviction[kept ? 'keep' : 'release'](name, DIGESTS[number]!)
        expect(done).toBe(found !== undefined)
        if (found) found.kept = kept
        if (found && kept) for (const child of CHILDREN[number]!) deleted.delete(child)
      },
  )

const imageIsUsed = fc.tuple(repository, image).map(
  ([name, number]): Action =>
    async (store, { shelves, uses }) => {
      const found = shelves[name]!.images.get(number)
      await store.manifests.find(name, { digest: DIGESTS[number]! })
      if (!found) return
      found.usedAt = Date.now()
      uses.set(number, Date.now())
    },
)

const layerIsUsed = fc.tuple(repository, layer).map(
  ([name, number]): Action =>
    async (store, { shelves, layers }) => {
      const digest = LAYERS[number]!.digest as Digest
      await store.blobs.get(name, digest)
      if (shelves[name]!.layers.has(digest)) layers.get(digest)!.usedAt = Date.now()
    },
)

const imageIsDeleted = fc.tuple(repository, image).map(
  ([name, number]): Action =>
    async (store, { shelves }) => {
      await store.manifests.delete(name, DIGESTS[number]!)
      const { images, deleted } = shelves[name]!
      if (images.delete(number)) deleted.add(number)
    },
)

const timePasses = fc.nat(3).map(
  (minutes): Action =>
    async (store) => {
      await store.eviction.evict({ to: Number.MAX_SAFE_INTEGER }) // writes down the uses, as a timer would
      vi.setSystemTime(Date.now() + minutes * 0.7 * MINUTE)
    },
)

const eviction = fc.nat(2500).map(
  (to): Action =>
    async (store, model, held) => {
      const recent = Date.now() - MINUTE
      const before = await held()
      const freed = await store.eviction.evict({ to })
      expect(before - (await held())).toBe(freed)
      const left = await store.catalog.eviction.cachedBytes()
      await requireRest(store, model, recent)
      if (left > to) expect(whatMayGo(model, recent)).toEqual([])
    },
)

/** Takes from the model what is gone, each of which must have been allowed to go. */
async function requireRest(store: Store, model: Model, recent: number): Promise<void> {
  const gone: (readonly [string, number])[] = []
  for (const name of REPOSITORIES) {
    for (const [number, known] of model.shelves[name]!.images) {
      if (await store.catalog.manifests.find(name, { digest: DIGESTS[number]! })) continue
      expect({ ...known, isRecent: known.usedAt >= recent }).toMatchObject({
        pushed: false,
        kept: false,
        tagged: false,
        isRecent: false,
      })
      gone.push([name, number])
    }
  }
  for (const [name, number] of gone) model.shelves[name]!.images.delete(number)
  for (const [name, number] of gone) expect(isNeeded(model.shelves[name]!, number)).toBe(false)
  for (const name of REPOSITORIES) {
    const shelf = model.shelves[name]!
    for (const digest of shelf.layers) {
      if ((await store.catalog.blobs.sizeIn(name, digest)) !== undefined) continue
      expect(isLayerNeeded(shelf, digest)).toBe(false)
      expect(model.layers.get(digest)!.pushed).toBe(false)
      expect(model.layers.get(digest)!.usedAt).toBeLessThan(recent)
      shelf.layers.delete(digest)
    }
  }
  for (const digest of model.layers.keys()) {
    if (!REPOSITORIES.some((name) => model.shelves[name]!.layers.has(digest))) model.layers.delete(digest)
  }
}

/** By an index that is here, or as what refers to an image that is here. */
function isNeeded({ images }: Shelf, number: number): boolean {
  const subject = SUBJECTS[number]
  const isChild = CHILDREN.some((children, parent) => images.has(parent) && children.includes(number))
  return isChild || (subject !== undefined && images.has(subject))
}

const isLayerNeeded = ({ images }: Shelf, digest: Digest): boolean =>
  [...images.keys()].some((number) => NEEDS[number]!.includes(digest))

/** What no rule protects. Any use of a digest counts everywhere, and a use of a layer may count for its image. */
function whatMayGo({ shelves, layers, uses }: Model, recent: number): string[] {
  const isUsed = (number: number) =>
    REPOSITORIES.some((name) => (shelves[name]!.images.get(number)?.usedAt ?? 0) >= recent) ||
    (uses.get(number) ?? 0) >= recent ||
    NEEDS[number]!.some((digest) => (layers.get(digest)?.usedAt ?? 0) >= recent)
  return REPOSITORIES.flatMap((name) => {
    const shelf = shelves[name]!
    const images = [...shelf.images].filter(([number, { pushed, kept, tagged }]) => {
      return !pushed && !kept && !tagged && !isUsed(number) && !isNeeded(shelf, number)
    })
    const loose = [...shelf.layers].filter((digest) => {
      const { pushed, usedAt } = layers.get(digest)!
      return !pushed && usedAt < recent && !isLayerNeeded(shelf, digest)
    })
    return [
      ...images.map(([number]) => `${name} image ${number}`),
      ...loose.map((digest) => `${name} ${digest}`),
    ]
  })
}

const action = fc.oneof(
  { arbitrary: layerComes(false), weight: 4 },
  { arbitrary: layerComes(true), weight: 1 },
  { arbitrary: imageComes(false), weight: 5 },
  { arbitrary: imageComes(true), weight: 1 },
  { arbitrary: isKept(true), weight: 1 },
  { arbitrary: isKept(false), weight: 1 },
  { arbitrary: imageIsUsed, weight: 1 },
  { arbitrary: layerIsUsed, weight: 1 },
  { arbitrary: imageIsDeleted, weight: 1 },
  { arbitrary: timePasses, weight: 3 },
  { arbitrary: eviction, weight: 3 },
)

it('never evicts what has to stay, and all that may go if need be', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60 }), live), { numRuns: 300 })
})

async function live(actions: readonly Action[]): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'] })
  const disk = createMemoryDisk()
  const database = await openSqliteInMemory()
  const store = await openStore(disk, database)
  const model = newModel()
  const held = async () =>
    (await database.run<{ bytes: number }>('SELECT total(size) AS bytes FROM blobs'))[0]!.bytes
  try {
    for (const act of actions) {
      await act(store, model, held)
      const rows = await database.run<{ digest: string }>('SELECT digest FROM blobs')
      expect(new Set(await Array.fromAsync(disk.list()))).toEqual(new Set(rows.map(({ digest }) => digest)))
    }
    const sums = 'SELECT cached, count(*) AS blobs, sum(size) AS bytes FROM blobs GROUP BY cached'
    const totals = 'SELECT cached, blobs, bytes FROM totals WHERE blobs > 0'
    expect(await database.run(totals)).toEqual(await database.run(sums))
    expect(await store.catalog.blobs.doubts()).toEqual([])
  } finally {
    await store.eviction.close()
    await database.close()
    vi.useRealTimers()
  }
}
