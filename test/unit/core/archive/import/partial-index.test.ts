/** Indexes of which the archive holds only some images: those are pushed, and the missing ones are reported. */
import { describe, expect, it } from 'vitest'
import { pushArchive } from '../../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { digestOf, pushBlob } from '../../../../support/push.ts'
import { clientOf, textOf } from '../client.ts'
import {
  blobOf,
  configOf,
  descriptorOf,
  INDEX,
  indexOf,
  layoutOf,
  MANIFEST,
  manifestOf,
  named,
} from '../tars.ts'

interface Image {
  readonly layer: string
  readonly config: string
  readonly manifest: string
  readonly descriptor: object
  readonly blobs: readonly string[]
}

function imageFor(architecture: string, os = 'linux'): Image {
  const layer = `a layer for ${os}/${architecture}`
  const config = configOf([layer], { os, architecture })
  const manifest = manifestOf(config, [layer])
  const descriptor = descriptorOf(manifest, MANIFEST, { platform: { os, architecture } })
  return { layer, config, manifest, descriptor, blobs: [manifest, config, layer] }
}

const [amd64, arm64, s390x, riscv64] = ['amd64', 'arm64', 's390x', 'riscv64'].map((name) =>
  imageFor(name),
) as [Image, Image, Image, Image]
const attestation = imageFor('unknown', 'unknown')
const unnamed = { ...descriptorOf(arm64.manifest, MANIFEST) }

const of = (...images: Image[]): string => indexOf(images.map(({ descriptor }) => descriptor))
const blobsOf = (...images: Image[]): string[] => images.flatMap(({ blobs }) => blobs)
const index = of(amd64, arm64, s390x, riscv64)

const inner = of(arm64, s390x)
const nested = indexOf([amd64.descriptor, descriptorOf(inner, INDEX)])
const three = of(arm64, s390x, riscv64)
const outer = indexOf([amd64.descriptor, descriptorOf(three, INDEX)])
const signed = JSON.stringify({ ...JSON.parse(index), annotations: { a: 'b' } })

/** The index, what of it is in the archive, what is pushed, what is said. */
const partial: Record<string, [index: string, held: readonly string[], pushed: string, remark: string]> = {
  'two of four': [
    index,
    blobsOf(amd64, s390x),
    of(amd64, s390x),
    'the archive lacks linux/arm64, linux/riscv64; pushed: linux/amd64, linux/s390x',
  ],
  'three of four': [
    index,
    blobsOf(amd64, s390x, riscv64),
    of(amd64, s390x, riscv64),
    'the archive lacks linux/arm64; pushed: linux/amd64, linux/s390x, linux/riscv64',
  ],
  'one of four': [
    index,
    blobsOf(arm64),
    arm64.manifest,
    'the archive lacks linux/amd64, linux/s390x, linux/riscv64; pushed: linux/arm64',
  ],
  'two, and the manifest of a third without its layer': [
    index,
    [...blobsOf(amd64, arm64), s390x.manifest, s390x.config],
    of(amd64, arm64),
    'the archive lacks linux/s390x, linux/riscv64; pushed: linux/amd64, linux/arm64',
  ],
  'one, and the manifests of all others': [
    index,
    [...blobsOf(amd64), arm64.manifest, s390x.manifest, riscv64.manifest],
    amd64.manifest,
    'the archive lacks linux/arm64, linux/s390x, linux/riscv64; pushed: linux/amd64',
  ],
  'two, and what says how they were made': [
    of(amd64, arm64, s390x, attestation),
    blobsOf(amd64, arm64, attestation),
    of(amd64, arm64, attestation),
    'the archive lacks linux/s390x; pushed: linux/amd64, linux/arm64',
  ],
  'one, and what says how another was made': [
    of(amd64, arm64, attestation),
    blobsOf(arm64, attestation),
    arm64.manifest,
    'the archive lacks linux/amd64; pushed: linux/arm64',
  ],
  'all but what says how they were made': [
    of(amd64, arm64, attestation),
    blobsOf(amd64, arm64),
    of(amd64, arm64),
    'the archive lacks attestations; pushed: linux/amd64, linux/arm64',
  ],
  'one without a platform': [
    indexOf([amd64.descriptor, unnamed, s390x.descriptor]),
    blobsOf(amd64, s390x),
    of(amd64, s390x),
    `the archive lacks ${digestOf(arm64.manifest)}; pushed: linux/amd64, linux/s390x`,
  ],
  'two of an index within an index': [
    outer,
    [three, ...blobsOf(amd64, arm64, s390x)],
    indexOf([amd64.descriptor, descriptorOf(of(arm64, s390x), INDEX)]),
    'the archive lacks linux/riscv64; pushed: linux/arm64, linux/s390x',
  ],
  'one of an index within an index': [
    nested,
    [inner, ...blobsOf(amd64, arm64)],
    indexOf([amd64.descriptor, descriptorOf(arm64.manifest, MANIFEST)]),
    'the archive lacks linux/s390x; pushed: linux/arm64',
  ],
  'one, beside an index of which there is nothing': [
    indexOf([
      amd64.descriptor,
      s390x.descriptor,
      descriptorOf(inner, INDEX, { platform: { os: 'a', architecture: 'b' } }),
    ]),
    [inner, ...blobsOf(amd64)],
    amd64.manifest,
    'the archive lacks linux/s390x, a/b; pushed: linux/amd64',
  ],
  'two of an index with annotations, which stay': [
    signed,
    blobsOf(amd64, s390x),
    JSON.stringify({ ...JSON.parse(of(amd64, s390x)), annotations: { a: 'b' } }),
    'the archive lacks linux/arm64, linux/riscv64; pushed: linux/amd64, linux/s390x',
  ],
}

const archiveOf = async (index: string, held: readonly string[]) =>
  readArchive(await blobOf(layoutOf([descriptorOf(index, INDEX, named('app:1'))], [index, ...held])))

const tagOf = async (registry: InMemoryRegistry) => textOf(await registry.fetch('GET', '/v2/app/manifests/1'))

describe('of an index, what is there is pushed:', () => {
  it.each(Object.entries(partial))('%s', async (_, [index, held, expected, remark]) => {
    await using registry = await openInMemoryRegistry()
    const [pushed] = await pushArchive(await archiveOf(index, held), clientOf(registry))
    expect(await tagOf(registry)).toBe(expected)
    expect(pushed!.digest).toBe(digestOf(expected))
    expect(pushed!.remark).toBe(remark)
  })

  it('the whole, where the registry has the rest', async () => {
    await using registry = await openInMemoryRegistry()
    const whole = await archiveOf(index, blobsOf(amd64, arm64, s390x, riscv64))
    await pushArchive(whole, clientOf(registry), { repository: 'app', tag: 'whole' })
    const [pushed] = await pushArchive(await archiveOf(index, blobsOf(amd64)), clientOf(registry))
    expect(pushed).toEqual({ repository: 'app', tags: ['1'], digest: digestOf(index) })
    expect(await tagOf(registry)).toBe(index)
  })

  it('an image whose layer only the registry has', async () => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, 'other', arm64.layer)
    const held = [...blobsOf(amd64), arm64.manifest, arm64.config]
    await pushArchive(await archiveOf(index, held), clientOf(registry))
    expect(await tagOf(registry)).toBe(of(amd64, arm64))
  })

  it.each<[string, readonly string[]]>([
    ['no image', []],
    ['a manifest only', [amd64.manifest, amd64.config]],
    ['a layer only', [amd64.layer]],
  ])('nothing, where there is %s', async (_, held) => {
    await using registry = await openInMemoryRegistry()
    await expect(pushArchive(await archiveOf(index, held), clientOf(registry))).rejects.toThrow(
      `none of the images of ${digestOf(index)} is complete: the archive lacks linux/amd64, linux/arm64, linux/s390x, linux/riscv64; save it again with them`,
    )
    expect((await registry.fetch('GET', '/v2/app/manifests/1')).status).toBe(404)
  })
})
