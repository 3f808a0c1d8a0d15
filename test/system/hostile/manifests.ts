/** Manifests of the wrong form or type. Those that are built to exhaust the parser stand in `json-bombs.ts`. */

import type { RequestRow } from './row.ts'
import {
  CONFIG_DESCRIPTOR,
  INDEX_TYPE,
  LAYER_DESCRIPTOR,
  MANIFEST,
  MANIFEST_DIGEST,
  MANIFEST_TYPE,
  REPOSITORY,
} from './stored.ts'

const DOCKER_TYPE = 'application/vnd.docker.distribution.manifest.v2+json'
const LIST_TYPE = 'application/vnd.docker.distribution.manifest.list.v2+json'

type Body = NonNullable<RequestRow['body']>

/** A push of what is no manifest; `rest` tells what is different about it. */
export const push = (
  title: string,
  body: Body,
  { type = MANIFEST_TYPE, ...rest }: Partial<RequestRow> & { readonly type?: string } = {},
): RequestRow => ({
  ...accept(title, body, type),
  statuses: [400],
  code: 'MANIFEST_INVALID',
  ...rest,
})

/** A push of what is a manifest, strange as it may be. */
export const accept = (title: string, body: Body, type = MANIFEST_TYPE): RequestRow => ({
  title,
  method: 'PUT',
  target: `/v2/${REPOSITORY}/manifests/hostile`,
  headers: [`Content-Type: ${type}`],
  body,
  statuses: [201],
})

/** A good image manifest with these fields instead of its own. */
export const image = (fields: object): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: CONFIG_DESCRIPTOR,
    layers: [LAYER_DESCRIPTOR],
    ...fields,
  })

const index = (fields: object): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests: [], ...fields })

const NO_OBJECT = [
  '',
  ' ',
  'null',
  'true',
  '0',
  '-',
  '"text"',
  '[]',
  '[{}]',
  '{',
  '}',
  '{]',
  '{}{}',
  '{},',
  'undefined',
  'NaN',
  "{'a':1}",
  '{"a":1,}',
  '// {}\n{}',
  '\0',
  '<html>',
  '\x1f\x8b\x08\x00',
]

const noObjects = NO_OBJECT.map((text) => push(`manifest ${JSON.stringify(text)}`, text))

const SHAPES: readonly [title: string, fields: object][] = [
  ['no version', { schemaVersion: undefined }],
  ['version null', { schemaVersion: null }],
  ['version 0', { schemaVersion: 0 }],
  ['version 1', { schemaVersion: 1 }],
  ['version 3', { schemaVersion: 3 }],
  ['version as text', { schemaVersion: '2' }],
  ['version as a list', { schemaVersion: [2] }],
  ['version 1e999', { schemaVersion: Number.MAX_VALUE }],
  ['media type as an object', { mediaType: { toString: 'x' } }],
  ['media type as a list', { mediaType: [MANIFEST_TYPE] }],
  ['another media type than was sent', { mediaType: INDEX_TYPE }],
  ['no config', { config: undefined }],
  ['config null', { config: null }],
  ['config as a list', { config: [CONFIG_DESCRIPTOR] }],
  ['config as text', { config: CONFIG_DESCRIPTOR.digest }],
  ['an empty config', { config: {} }],
  ['layers as an object', { layers: { 0: LAYER_DESCRIPTOR, length: 1 } }],
  ['layers as text', { layers: 'none' }],
  ['a layer null', { layers: [null] }],
  ['a layer as text', { layers: ['x'] }],
  ['a layer that is a list', { layers: [[LAYER_DESCRIPTOR]] }],
  ['an image that is an index too', { manifests: [] }],
  ['an image of schema 1 too', { fsLayers: [] }],
  ['annotations as a list', { annotations: ['a'] }],
  ['annotations as text', { annotations: 'a' }],
  ['annotations of numbers', { annotations: { a: 1 } }],
  ['annotations of objects', { annotations: { a: {} } }],
  ['artifact type as a number', { artifactType: 1 }],
  ['subject as text', { subject: MANIFEST_DIGEST }],
  ['subject as a list', { subject: [] }],
  ['an empty subject', { subject: {} }],
  ['subject false', { subject: false }],
]

const shapes = SHAPES.map(([title, fields]) => push(title, image(fields)))

const DESCRIPTORS: readonly [title: string, fields: object][] = [
  ['no digest', { digest: undefined }],
  ['digest null', { digest: null }],
  ['digest as an object', { digest: { sha256: 'x' } }],
  ['an empty digest', { digest: '' }],
  ['a digest without algorithm', { digest: 'abc' }],
  ['a digest that is a path', { digest: 'sha256:../../secret' }],
  ['a digest of the wrong length', { digest: 'sha256:00' }],
  ['a digest in upper case', { digest: LAYER_DESCRIPTOR.digest.toUpperCase() }],
  ['a digest with a line end', { digest: `${LAYER_DESCRIPTOR.digest}\n` }],
  ['a digest that is endless', { digest: `other:${'a'.repeat(100_000)}` }],
  ['no size', { size: undefined }],
  ['size null', { size: null }],
  ['size as text', { size: '5' }],
  ['a negative size', { size: -1 }],
  ['a fraction of a byte', { size: 1.5 }],
  ['a size beyond all disks', { size: Number.MAX_VALUE }],
  ['a size that no number can hold', { size: 2 ** 53 }],
  ['media type as a number', { mediaType: 1 }],
  ['urls as text', { urls: 'https://layers.test/' }],
  ['urls of objects', { urls: [{}] }],
  ['annotations of numbers', { annotations: { a: 1 } }],
  ['platform as text', { platform: 'linux/amd64' }],
  ['platform as a list', { platform: [] }],
  ['artifact type as a list', { artifactType: [] }],
]

const descriptors = DESCRIPTORS.flatMap(([title, fields]) => [
  push(`layer: ${title}`, image({ layers: [{ ...LAYER_DESCRIPTOR, ...fields }] })),
  push(`subject: ${title}`, image({ subject: { ...LAYER_DESCRIPTOR, ...fields } })),
  push(`child of an index: ${title}`, index({ manifests: [{ ...LAYER_DESCRIPTOR, ...fields }] }), {
    type: INDEX_TYPE,
  }),
])

const URLS = [
  'https://layers.test/1',
  'http://169.254.169.254/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  '//layers.test',
  '',
  '\0',
  'http://[',
  'a'.repeat(100_000),
]

const urls = URLS.map((url) =>
  push(
    `layer elsewhere: ${JSON.stringify(url.slice(0, 40))}`,
    image({ layers: [{ ...LAYER_DESCRIPTOR, urls: [url] }] }),
  ),
)

const TYPES: readonly string[] = [
  'text/html',
  'application/json',
  ';',
  '*/*',
  'application/vnd.oci.image.manifest.v1',
  'application/vnd.oci.image.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.oci.image.config.v1+json',
  `${INDEX_TYPE}`,
  DOCKER_TYPE,
  LIST_TYPE,
  '__proto__',
  'constructor',
  `x/${'y'.repeat(10_000)}`,
  `${MANIFEST_TYPE},${INDEX_TYPE}`,
]

const types = TYPES.map((type) => push(`sent as ${type.slice(0, 60)}`, MANIFEST, { type }))

const OTHERS: readonly RequestRow[] = [
  push('Docker manifest without a media type', image({ mediaType: undefined }), { type: DOCKER_TYPE }),
  push('index that is an image too', index({ layers: [] }), { type: INDEX_TYPE }),
  push('index with manifests null and a config', index({ manifests: null, config: {} }), {
    type: INDEX_TYPE,
  }),
  push('index with manifests as an object', index({ manifests: {} }), { type: INDEX_TYPE }),
  push(
    'layer that is not here',
    image({ layers: [{ ...LAYER_DESCRIPTOR, digest: `sha256:${'0'.repeat(64)}` }] }),
    {
      code: 'MANIFEST_BLOB_UNKNOWN',
    },
  ),
  push('layer of an unknown algorithm', image({ layers: [{ ...LAYER_DESCRIPTOR, digest: 'blake3:00' }] }), {
    code: 'MANIFEST_BLOB_UNKNOWN',
  }),
  push('manifest as a layer', image({ layers: [{ ...LAYER_DESCRIPTOR, digest: MANIFEST_DIGEST }] }), {
    code: 'MANIFEST_BLOB_UNKNOWN',
  }),
  push('blob as a child', index({ manifests: [{ ...LAYER_DESCRIPTOR, mediaType: MANIFEST_TYPE }] }), {
    type: INDEX_TYPE,
    code: 'MANIFEST_BLOB_UNKNOWN',
  }),
  push(
    'child of no type that is not here',
    index({ manifests: [{ ...LAYER_DESCRIPTOR, mediaType: null, digest: `sha256:${'0'.repeat(64)}` }] }),
    { type: INDEX_TYPE, code: 'MANIFEST_BLOB_UNKNOWN' },
  ),
  push('zipped manifest', Buffer.from('1f8b0800000000000003abae0500', 'hex'), {
    headers: [`Content-Type: ${MANIFEST_TYPE}`, 'Content-Encoding: gzip'],
  }),
  ...['.hidden', '-dash', 'a'.repeat(129), 'a%20b', 'a+b', 'a,b', '%c3%a9', 'a@b', '..', '%2e'].map((tag) =>
    push(`tag ${tag.slice(0, 20)}`, MANIFEST, {
      target: `/v2/${REPOSITORY}/manifests/${tag}`,
      code: 'TAG_INVALID',
    }),
  ),
]

/** What other registries take too, since Go reads it so. */
const UNUSUAL: readonly RequestRow[] = [
  accept('media type null', image({ mediaType: null })),
  accept('annotations of null', image({ annotations: { a: null } })),
  accept('layer: no media type', image({ layers: [{ ...LAYER_DESCRIPTOR, mediaType: undefined }] })),
  accept('subject: no media type', image({ subject: { ...LAYER_DESCRIPTOR, mediaType: undefined } })),
  accept(
    'child: no media type',
    index({ manifests: [{ ...LAYER_DESCRIPTOR, mediaType: null }] }),
    INDEX_TYPE,
  ),
  accept('a blob among the children', index({ manifests: [LAYER_DESCRIPTOR] }), INDEX_TYPE),
]

export const MANIFESTS: readonly RequestRow[] = [
  ...noObjects,
  ...shapes,
  ...descriptors,
  ...urls,
  ...types,
  ...OTHERS,
  ...UNUSUAL,
]
