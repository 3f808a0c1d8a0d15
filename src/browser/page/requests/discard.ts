/** Removes what a cancelled transfer has stored. */
import { request } from './request.ts'

/** Per request, because URLs have a limited length. */
const MAX_DIGESTS = 50

/** Deletes those blobs that no image of the repository needs. */
export async function discardBlobs(repository: string, digests: readonly string[]): Promise<void> {
  for (let first = 0; first < digests.length; first += MAX_DIGESTS) {
    const named = digests.slice(first, first + MAX_DIGESTS).map((digest) => `&digest=${digest}`)
    await request(`/flotilla/blobs?repository=${repository}${named.join('')}`, { method: 'DELETE' })
  }
}

/**
 * Deletes an image and everything that only it needs; unlike after a user's deletion, it may be pulled again.
 *
 * @param reference - by which it was pulled
 */
export async function discardImage(repository: string, digest: string, reference: string): Promise<void> {
  await request(`/flotilla/images?repository=${repository}&digest=${digest}`, { method: 'DELETE' })
  for (const deleted of new Set([digest, reference]))
    await request(`/flotilla/deletions/${repository}/${deleted}`, { method: 'DELETE' })
}
