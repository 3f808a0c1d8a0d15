/**
 * A small image, and repositories full of its tags.
 */
import { type Job, timeJobs } from './load.ts'
import { digestOf, expectStatus, MANIFEST_TYPE, manifestPut, pushSmall, REPOSITORY } from './registry.ts'

const CONFIG = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}')
const LAYER = Buffer.from('a layer that nobody unpacks')

/** A different manifest for each `note`; its blobs are those of {@link pushImageBlobs}. */
export function imageManifest(note: string): string {
  const config = descriptor('application/vnd.oci.image.config.v1+json', CONFIG)
  const layers = [descriptor('application/vnd.oci.image.layer.v1.tar', LAYER)]
  return JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers, annotations: { note } })
}

export async function pushImageBlobs(port: number, repository = REPOSITORY): Promise<void> {
  const push = (body: Buffer): Job => {
    return (connection) => pushSmall(connection, body, digestOf(body), repository)
  }
  await timeJobs(port, 1, [push(CONFIG), push(LAYER)])
}

/** Puts one manifest under the tags `t0`, `t1` and so on. */
export async function seedTags(port: number, repository: string, count: number): Promise<void> {
  await pushImageBlobs(port, repository)
  const manifest = imageManifest(repository)
  const tags = Array.from({ length: count }, (_, index) => `t${index}`)
  const jobs = tags.map((tag) => putTag(manifestPut(tag, manifest, repository)))
  await timeJobs(port, 8, jobs)
}

export const putTag = (request: Buffer): Job => {
  return async (connection) => expectStatus(await connection.request(request), 201)
}

const descriptor = (mediaType: string, bytes: Buffer) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})
