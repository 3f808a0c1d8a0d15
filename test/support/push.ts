/** Pushes for tests that are about something else: each takes one line and must succeed. */
import type { Descriptor } from '../../src/core/oci/descriptor.ts'
import type { Algorithm } from '../../src/core/oci/digest.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../src/core/oci/media-type.ts'
import * as digests from './digest.ts'
import type { InMemoryRegistry } from './in-memory-registry.ts'

/** Any registry that is asked by method and path. */
export type Asked = Pick<InMemoryRegistry, 'fetch'>

export type Content = string | Uint8Array<ArrayBuffer>

/** As text, since these tests compare it with JSON. */
export const digestOf: (content: Content, algorithm?: Algorithm) => string = digests.digestOf

export const descriptorOf = (content: Content, mediaType: string, algorithm?: Algorithm): Descriptor => ({
  mediaType,
  digest: digestOf(content, algorithm),
  size: Buffer.byteLength(content),
})

export async function pushBlob(
  registry: Asked,
  name: string,
  content: Content,
  mediaType = 'application/vnd.oci.image.layer.v1.tar',
  algorithm?: Algorithm,
): Promise<Descriptor> {
  const descriptor = descriptorOf(content, mediaType, algorithm)
  const path = `/v2/${name}/blobs/uploads/?digest=${descriptor.digest}`
  await succeed(201, await registry.fetch('POST', path, { body: content }))
  return descriptor
}

/** Pushed by its digest, or under `reference`. `manifest` is sent as text if it is text. */
export async function pushManifest(
  registry: Asked,
  name: string,
  manifest: string | Readonly<Record<string, unknown>>,
  reference?: string,
): Promise<Descriptor> {
  const body = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
  const descriptor = descriptorOf(body, JSON.parse(body).mediaType)
  const path = `/v2/${name}/manifests/${reference ?? descriptor.digest}`
  const headers = { 'Content-Type': descriptor.mediaType }
  await succeed(201, await registry.fetch('PUT', path, { headers, body }))
  return descriptor
}

export interface Extras extends Readonly<Record<string, unknown>> {
  readonly tag?: string
}

/** An image of an empty config and one layer. `extras` go into the manifest, such as `subject`. */
export async function pushImage(
  registry: Asked,
  name: string,
  { tag, ...extras }: Extras = {},
): Promise<Descriptor> {
  const manifest = imageOf(await pushConfig(registry, name), [await pushBlob(registry, name, 'layer')])
  return pushManifest(registry, name, { ...manifest, ...extras }, tag)
}

export async function pushIndex(
  registry: Asked,
  name: string,
  manifests: readonly Descriptor[],
  { tag, ...extras }: Extras = {},
): Promise<Descriptor> {
  return pushManifest(registry, name, { ...indexOf(manifests), ...extras }, tag)
}

export const pushConfig = (registry: Asked, name: string, content: Content = '{}') =>
  pushBlob(registry, name, content, 'application/vnd.oci.image.config.v1+json')

export const imageOf = (config: Descriptor, layers: readonly Descriptor[]) => ({
  schemaVersion: 2,
  mediaType: OCI_MANIFEST,
  config,
  layers,
})

export const indexOf = (manifests: readonly Descriptor[]) => ({
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests,
})

/** The location of a new upload. */
export async function startUpload(registry: Asked, name: string, query = ''): Promise<string> {
  const response = await registry.fetch('POST', `/v2/${name}/blobs/uploads/${query}`)
  await succeed(202, response)
  return response.headers.get('location')!
}

async function succeed(status: number, response: Response): Promise<void> {
  if (response.status !== status) throw new Error(`${response.status}: ${await response.text()}`)
}
