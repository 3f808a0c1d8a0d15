/** Pulls an image from peers: asking for its blobs is what brings them, verified and kept on their way. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { pullManifest } from '../requests/distribution.ts'
import { setKept } from '../requests/owner.ts'
import { ask } from '../requests/request.ts'
import { referenceText } from '../route.ts'
import { createParts, type Parts } from './parts.ts'
import { type ImageName, startTransfer } from './transfers-state.ts'

/** Blobs at a time: peers give each from several sides already. */
const PARALLEL = 2

export interface Wanted extends ImageName {
  readonly keep: boolean
}

export const pullImage = ({ name, reference, keep }: Wanted): void =>
  startTransfer('pull', referenceText(name, reference), async ({ progress }, signal) => {
    const parts = createParts(progress)
    const { digest, blobs } = await pullManifests(name, reference, parts, signal)
    parts.expect(blobs)
    await pullBlobs(name, blobs, parts, signal)
    parts.finish()
    if (keep) await setKept(name, digest, true)
    return [{ name, reference }]
  })

/** The manifest with all its children; what they need, each once. */
async function pullManifests(
  name: string,
  reference: string,
  parts: Parts,
  signal: AbortSignal,
): Promise<{ digest: string; blobs: Descriptor[] }> {
  const { digest, mediaType, size, document } = await pullManifest(name, reference, { signal })
  parts.update({
    digest,
    kind: isIndexType(mediaType) ? 'index' : 'manifest',
    size,
    done: size,
    state: 'done',
  })
  const { config, layers = [], manifests = [] } = document
  const blobs = new Map([...(config ? [config] : []), ...layers].map((blob) => [blob.digest, blob]))
  for (const child of manifests) {
    const pulled = await pullManifests(name, child.digest, parts, signal)
    for (const blob of pulled.blobs) blobs.set(blob.digest, blob)
  }
  return { digest, blobs: [...blobs.values()].filter(({ urls }) => !urls?.length) }
}

async function pullBlobs(name: string, blobs: readonly Descriptor[], parts: Parts, signal: AbortSignal) {
  const waiting = blobs.values()
  const pullNext = async () => {
    for (const blob of waiting) await pullBlob(name, blob, parts, signal)
  }
  await Promise.all(Array.from({ length: PARALLEL }, pullNext))
}

async function pullBlob(name: string, { digest, size }: Descriptor, parts: Parts, signal: AbortSignal) {
  const response = await ask(`/v2/${name}/blobs/${digest}`, { signal })
  const isHeld = response.headers.get('Flotilla-Source') === 'disk'
  if (isHeld) {
    await response.body?.cancel()
    return parts.update({ digest, size, done: size, state: 'held' })
  }
  let done = 0
  for await (const bytes of response.body!) {
    done += bytes.byteLength
    parts.update({ digest, size, done, state: 'running' })
  }
  parts.update({ digest, size, done: size, state: 'done' })
}
