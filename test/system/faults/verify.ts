/** Holds a registry that was started again to what a client knew before. */

import type { Digest } from '../../../src/core/oci/digest.ts'
import { digestOf } from '../../support/digest.ts'
import { blobPath, type Client, chunkAt, pull, receivedIn } from './client.ts'
import type { Found, Knowledge, KnownUpload } from './knowledge.ts'

/** @throws Error where an upload that the client knows of cannot be finished with what it had sent before */
export const resumeUploads = (client: Client, knowledge: Knowledge): Promise<void> =>
  inParallel([...knowledge.uploads], (upload) => resume(client, knowledge, upload))

/** Reads everything and compares it. @throws Error if it is not one of the possibilities */
export const verifyContent = (
  client: Client,
  knowledge: Knowledge,
  paths: readonly string[],
): Promise<void> => inParallel(paths, async (path) => settle(knowledge, path, await contentAt(client, path)))

/** Like {@link verifyContent} by the registry's own word, without reading. */
export const verifyPresence = (
  client: Client,
  knowledge: Knowledge,
  paths: readonly string[],
): Promise<void> =>
  inParallel(paths, async (path) => {
    const { status, headers } = await client.send('HEAD', path)
    if (status !== 200 && status !== 404) throw new Error(`HEAD ${path} gave ${status}`)
    settle(knowledge, path, status === 200 ? (headers.get('docker-content-digest') as Digest) : undefined)
  })

const settle = (knowledge: Knowledge, path: string, found: Found): void => {
  const possible = knowledge.possible(path)
  if (!possible.includes(found))
    throw new Error(`${path} has ${found}, but should have ${possible.join(' or ')}`)
  knowledge.settle(path, found)
}

/** The digest of what is served. @throws Error for a manifest without its blobs */
export const contentAt = async (client: Client, path: string): Promise<Found> => {
  const bytes = await pull(client, path)
  if (bytes && path.includes('/manifests/')) await requireBlobs(client, path, bytes)
  return bytes && digestOf(bytes)
}

const requireBlobs = async (client: Client, path: string, bytes: Uint8Array): Promise<void> => {
  const { config, layers } = JSON.parse(new TextDecoder().decode(bytes))
  const blobs = path.replace(/manifests\/.*$/, 'blobs/')
  for (const { digest } of [config, ...layers]) await client.expect(200, 'HEAD', blobs + digest)
}

const resume = async (client: Client, knowledge: Knowledge, upload: KnownUpload): Promise<void> => {
  knowledge.uploads.delete(upload)
  const { path, ending } = upload
  const response = await client.send('GET', path)
  if (response.status === 204 && ending === 'cancel') return void (await client.expect(204, 'DELETE', path))
  if (response.status === 204) return finishFrom(receivedIn(response), client, knowledge, upload)
  if (response.status !== 404 || !ending) throw new Error(`GET ${path} gave ${response.status}`)
  if (ending === 'finish') await client.expect(200, 'HEAD', blobPath(upload.repository, upload.blob.digest))
}

const finishFrom = async (
  received: number,
  client: Client,
  knowledge: Knowledge,
  { path, repository, blob: { bytes, digest }, acknowledged, ending }: KnownUpload,
): Promise<void> => {
  if (received < acknowledged) {
    throw new Error(
      `${path} has ${received} of ${acknowledged} acknowledged bytes (${ending ?? 'not ended'})`,
    )
  }
  const options = received < bytes.length ? chunkAt(received, bytes.slice(received)) : undefined
  await knowledge.change({ [blobPath(repository, digest)]: digest }, () =>
    client.expect(201, 'PUT', `${path}?digest=${digest}`, options),
  )
}

const inParallel = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all([worker(), worker(), worker(), worker()])
}
