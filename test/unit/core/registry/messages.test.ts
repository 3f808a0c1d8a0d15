/** What clients print of a refusal: the message alone, so it says what to do. */
import { expect, it } from 'vitest'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, imageOf } from '../../../support/push.ts'

const DIGEST = digestOf('content')
const MISSING = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: DIGEST, size: 7 }

const OFF = { storage: { delete: { enabled: false } } }
const READ_ONLY = { storage: { maintenance: { readonly: { enabled: true } } } }

it.each([
  [OFF, 'DELETE', 'manifests/1', 'deletion is off; storage.delete.enabled turns it on'],
  [OFF, 'DELETE', `blobs/${DIGEST}`, 'deletion is off; storage.delete.enabled turns it on'],
  [OFF, 'DELETE', 'tags/list', 'the operation is unsupported'],
  [READ_ONLY, 'PUT', 'manifests/1', 'this registry is read-only (storage.maintenance.readonly)'],
  [READ_ONLY, 'POST', 'blobs/uploads/', 'this registry is read-only (storage.maintenance.readonly)'],
  [{}, 'PUT', 'manifests/1', `the manifest needs ${DIGEST}, which is not in this repository`],
])('%j: %s %s', async (settings, method, path, message) => {
  await using registry = await openInMemoryRegistry(settings)
  const body = method === 'PUT' ? JSON.stringify(imageOf(MISSING, [])) : undefined
  const headers = { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' }
  const response = await registry.fetch(method, `/v2/app/${path}`, { headers, ...(body && { body }) })
  expect((await response.json()).errors).toEqual([expect.objectContaining({ message })])
})
