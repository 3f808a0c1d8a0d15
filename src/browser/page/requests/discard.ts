/** Takes back what a transfer has brought that was given up. */
import { ask } from './request.ts'

/** In one request: its address must not become too long. */
const MAX_DIGESTS = 50

/** As far as no image of the repository needs them. */
export async function discardBlobs(repository: string, digests: readonly string[]): Promise<void> {
  for (let first = 0; first < digests.length; first += MAX_DIGESTS) {
    const named = digests.slice(first, first + MAX_DIGESTS).map((digest) => `&digest=${digest}`)
    await ask(`/flotilla/blobs?repository=${repository}${named.join('')}`, { method: 'DELETE' })
  }
}

/** With all that only it needs; it may come from peers again. @param reference - by which it was asked for */
export async function discardImage(repository: string, digest: string, reference: string): Promise<void> {
  await ask(`/flotilla/images?repository=${repository}&digest=${digest}`, { method: 'DELETE' })
  for (const deleted of new Set([digest, reference]))
    await ask(`/flotilla/deletions/${repository}/${deleted}`, { method: 'DELETE' })
}
