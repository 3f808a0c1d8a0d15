/** What stands in the registry before the tables run: an image with its blobs, so that bad requests meet good content. */

import { digestOf } from '../../support/digest.ts'

export const REPOSITORY = 'library/image'
export const TAG = 'latest'

export const BLOB = Buffer.alloc(1000, 'flotilla')
export const BLOB_DIGEST = digestOf(BLOB)

export const CONFIG = '{}'
export const CONFIG_DIGEST = digestOf(CONFIG)

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json'

export const CONFIG_DESCRIPTOR = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  digest: CONFIG_DIGEST,
  size: CONFIG.length,
}
export const LAYER_DESCRIPTOR = {
  mediaType: 'application/vnd.oci.image.layer.v1.tar',
  digest: BLOB_DIGEST,
  size: BLOB.length,
}

export const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: MANIFEST_TYPE,
  config: CONFIG_DESCRIPTOR,
  layers: [LAYER_DESCRIPTOR],
})
export const MANIFEST_DIGEST = digestOf(MANIFEST)

/** Pushes the image. */
export async function store(registry: string): Promise<void> {
  const base = `${registry}/v2/${REPOSITORY}`
  for (const content of [CONFIG, BLOB]) {
    await expectCreated(`${base}/blobs/uploads/?digest=${digestOf(content)}`, 'POST', content)
  }
  await expectCreated(`${base}/manifests/${TAG}`, 'PUT', MANIFEST, { 'Content-Type': MANIFEST_TYPE })
}

/** Starts an upload that holds 5 bytes; gives its path. */
export async function startUpload(registry: string): Promise<string> {
  const started = await fetch(`${registry}/v2/${REPOSITORY}/blobs/uploads/`, { method: 'POST' })
  const location = new URL(started.headers.get('location')!, registry)
  await fetch(location, { method: 'PATCH', body: 'hello' as BodyInit, headers: OCTETS })
  return location.pathname
}

const OCTETS = { 'Content-Type': 'application/octet-stream' }

async function expectCreated(
  url: string,
  method: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = OCTETS,
): Promise<void> {
  const response = await fetch(url, { method, body, headers })
  if (response.status !== 201)
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`)
}
