import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import { RegistryError } from '../../../../src/core/oci/error.ts'
import { parseManifest } from '../../../../src/core/oci/manifest.ts'
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  MANIFEST_TYPES,
  OCI_INDEX,
  OCI_MANIFEST,
} from '../../../../src/core/oci/media-type.ts'
import { descriptorOf, imageOf, indexOf } from '../../../support/push.ts'

const encoder = new TextEncoder()
const parse = (manifest: unknown, contentType?: string) =>
  parseManifest(encoder.encode(JSON.stringify(manifest)), contentType)

const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
const LAYER = descriptorOf('layer', 'application/vnd.oci.image.layer.v1.tar')
const IMAGE = imageOf(CONFIG, [LAYER])
const { mediaType: _, ...UNTYPED } = IMAGE

describe('the type of a manifest', () => {
  it.each<[string, unknown, string | undefined, string]>([
    ['is what it was sent as', UNTYPED, OCI_MANIFEST, OCI_MANIFEST],
    ['is what it says', IMAGE, undefined, OCI_MANIFEST],
    ['is an image if nobody says', UNTYPED, undefined, OCI_MANIFEST],
    [
      'is an index if nobody says, but it has children',
      { schemaVersion: 2, manifests: [] },
      undefined,
      OCI_INDEX,
    ],
    ['may be Docker’s', { ...IMAGE, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST, DOCKER_MANIFEST],
    ['may be Docker’s list', { ...indexOf([]), mediaType: DOCKER_LIST }, undefined, DOCKER_LIST],
  ])('%s', (_, manifest, contentType, expected) => {
    expect(parse(manifest, contentType).mediaType).toBe(expected)
  })
})

describe('a manifest', () => {
  it('names what it needs', () => {
    expect(parse({ ...IMAGE, subject: LAYER })).toEqual({
      mediaType: OCI_MANIFEST,
      artifactType: CONFIG.mediaType,
      annotations: undefined,
      blobs: [CONFIG, LAYER],
      manifests: [],
      subject: LAYER,
    })
  })

  it('may say null where it means nothing', () => {
    const manifest = parse({ ...IMAGE, layers: null, annotations: null, subject: null })
    expect(manifest).toEqual(
      expect.objectContaining({ blobs: [CONFIG], annotations: undefined, subject: undefined }),
    )
  })

  it.each([
    ['"size":1.0', 1],
    ['"size":1e3', 1000],
    ['"size":7,"size":2', 2],
    ['"unknown":{"a":[1]},"size":2', 2],
    ['"data":"e30=","size":2', 2],
  ])('may be written in the way of %s', (written, size) => {
    const text = JSON.stringify(IMAGE).replace(`"size":${CONFIG.size}`, written)
    expect(parseManifest(encoder.encode(text), OCI_MANIFEST).blobs[0]).toMatchObject({ ...CONFIG, size })
  })

  it('names by an index what is a manifest by its type, and anything else as a blob', () => {
    const child = { ...CONFIG, mediaType: OCI_MANIFEST }
    const untyped = { ...LAYER, mediaType: '' }
    const { manifests, blobs } = parse(
      indexOf([LAYER, child, CONFIG, { ...untyped, mediaType: null } as never]),
    )
    expect(manifests).toEqual([child])
    expect(blobs).toEqual([LAYER, CONFIG, untyped])
  })

  it('may be named by digests of algorithms that nothing is stored by', () => {
    const digests = [
      `sha384:${'0'.repeat(96)}`,
      'blake3:abc',
      'multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv',
    ]
    const layers = digests.map((digest) => ({ ...LAYER, digest }))
    expect(parse({ ...IMAGE, layers }).blobs.slice(1)).toEqual(layers)
  })

  it.each([
    'sha256:0',
    `sha384:${'0'.repeat(64)}`,
    `sha512:${'G'.repeat(128)}`,
    'sha256',
    '',
    'a b:c',
    '../../etc:passwd',
  ])('may not name the digest "%s"', (digest) => {
    expect(() => parse({ ...IMAGE, layers: [{ ...LAYER, digest }] })).toThrow(
      expect.objectContaining({ code: 'MANIFEST_INVALID' }),
    )
  })

  it.each<[string, unknown]>([
    ['layers[1]', { ...IMAGE, layers: [LAYER, null] }],
    ['layers[0]', { ...IMAGE, layers: [{ ...LAYER, urls: [1] }] }],
    ['layers[0]', { ...IMAGE, layers: [{ ...LAYER, annotations: ['a'] }] }],
    ['config', { ...IMAGE, config: { ...CONFIG, size: 1.5 } }],
    ['config', { ...IMAGE, config: { ...CONFIG, size: '2' } }],
    ['manifests[0]', indexOf([{ ...LAYER, platform: 'linux' as never }])],
    ['subject', { ...IMAGE, subject: {} }],
    ['artifactType', { ...IMAGE, artifactType: 7 }],
    ['mediaType', { ...IMAGE, mediaType: 7 }],
    ['schemaVersion', { ...IMAGE, schemaVersion: '2' }],
    ['schema 1', { ...IMAGE, schemaVersion: 1 }],
  ])('that is wrong is refused with the place: %s', (place, manifest) => {
    expect(() => parse(manifest)).toThrow(
      expect.objectContaining({ code: 'MANIFEST_INVALID', message: expect.stringContaining(place) }),
    )
  })
})

const descriptor: fc.Arbitrary<Descriptor> = fc.record(
  {
    mediaType: fc.constantFrom(
      'application/octet-stream',
      'text/plain',
      'application/vnd.oci.image.layer.v1.tar',
      ...MANIFEST_TYPES,
    ),
    digest: fc.string().map((text) => descriptorOf(text, '').digest),
    size: fc.maxSafeNat(),
    annotations: fc.dictionary(fc.string(), fc.string()),
    urls: fc.array(fc.webUrl(), { maxLength: 3 }),
    artifactType: fc.string(),
  },
  { requiredKeys: ['mediaType', 'digest', 'size'] },
)

describe('any manifest', () => {
  it('that is an image gives back its descriptors', () => {
    fc.assert(
      fc.property(
        descriptor,
        fc.array(descriptor, { maxLength: 5 }),
        descriptor,
        (config, layers, subject) => {
          const manifest = parse({ ...imageOf(config, layers), subject })
          expect(manifest.blobs).toEqual(JSON.parse(JSON.stringify([config, ...layers])))
          expect(manifest.subject).toEqual(JSON.parse(JSON.stringify(subject)))
          expect(manifest.manifests).toEqual([])
        },
      ),
    )
  })

  it('that is an index gives back its descriptors', () => {
    fc.assert(
      fc.property(fc.array(descriptor, { maxLength: 5 }), (children) => {
        const { manifests, blobs } = parse(indexOf(children))
        const [first, ...others] = [manifests, blobs].map((list) =>
          list.map((child) => JSON.stringify(child)),
        )
        expect(first!.concat(...others).sort()).toEqual(children.map((child) => JSON.stringify(child)).sort())
        expect(manifests.every(({ mediaType }) => MANIFEST_TYPES.includes(mediaType))).toBe(true)
        expect(blobs.some(({ mediaType }) => MANIFEST_TYPES.includes(mediaType))).toBe(false)
      }),
    )
  })

  const contentType = fc.option(fc.oneof(fc.constantFrom(...MANIFEST_TYPES), fc.string()), { nil: undefined })

  function expectNoSurprise(bytes: Uint8Array, contentType: string | undefined): void {
    try {
      expect(MANIFEST_TYPES).toContain(parseManifest(bytes, contentType).mediaType)
    } catch (error) {
      expect(error).toBeInstanceOf(RegistryError)
      expect((error as RegistryError).code).toBe('MANIFEST_INVALID')
    }
  }

  it('may be any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), contentType, expectNoSurprise))
  })

  it('may be any JSON', () => {
    const bytes = fc.json().map((text) => encoder.encode(text))
    fc.assert(fc.property(bytes, contentType, expectNoSurprise))
  })

  it('may have anything in any place', () => {
    const field = fc.constantFrom(
      'schemaVersion',
      'mediaType',
      'config',
      'layers',
      'manifests',
      'subject',
      'annotations',
      'artifactType',
      '__proto__',
    )
    const place = fc.constantFrom(
      'mediaType',
      'digest',
      'size',
      'urls',
      'annotations',
      'platform',
      'artifactType',
      'data',
    )
    const damaged = fc.record({ field, place, value: fc.jsonValue(), isDeep: fc.boolean() })
    fc.assert(
      fc.property(damaged, contentType, ({ field, place, value, isDeep }, contentType) => {
        const base = field === 'manifests' ? indexOf([LAYER]) : { ...IMAGE, subject: LAYER }
        const entry = { ...LAYER, [place]: value }
        const deep = field === 'layers' || field === 'manifests' ? [entry] : entry
        const manifest = { ...base, [field]: isDeep ? deep : value }
        expectNoSurprise(encoder.encode(JSON.stringify(manifest)), contentType)
      }),
      { numRuns: 2000 },
    )
  })

  it('may be nested as deep as four megabytes allow', () => {
    const depth = 2_000_000
    expectNoSurprise(encoder.encode('['.repeat(depth) + ']'.repeat(depth)), OCI_MANIFEST)
    const deep = `{"schemaVersion":2,"config":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`
    expectNoSurprise(encoder.encode(deep), undefined)
  })
})
