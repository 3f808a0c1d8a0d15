/** Pulls an image from peers by requesting its blobs, which the registry verifies and stores as they come. */

import type { Descriptor } from '../../../../core/oci/descriptor.ts'
import { RegistryError } from '../../../../core/oci/error.ts'
import { parseManifest } from '../../../../core/oci/manifest.ts'
import { isIndexType, MANIFEST_TYPES } from '../../../../core/oci/media-type.ts'
import { findImages, readImages, setKept } from '../../requests/admin.ts'
import { discardImage } from '../../requests/discard.ts'
import { client, find, request } from '../../requests/request.ts'
import { createProgressTracker, type ProgressTracker } from '../progress.ts'
import type { Work } from '../transfer.ts'

/** Blobs at a time; each may come from several peers. */
const MAX_PARALLEL = 2

export const pullWork: Work<'pull'> = {
  async run({ task, progress }, signal) {
    const { name, reference, keep, isNew } = task.peek()
    task.value = { ...task.peek(), isNew: isNew ?? (await newDigest(name, reference, signal)) }
    const tracker = createProgressTracker(progress)
    const { digest, blobs } = await pullManifests(name, reference, tracker, signal)
    tracker.expect(blobs)
    await pullBlobs(name, blobs, tracker, signal)
    tracker.finish()
    if (keep) await setKept(name, digest, true)
    return [{ name, reference }]
  },
  needs: async () => 'nothing',

  async undo({ task }) {
    const { name, reference, isNew } = task.peek()
    if (isNew) await discardImage(name, isNew, reference)
  },
}

/** The digest of an image that is not here, nor its tag: then a cancelled pull leaves nothing. */
async function newDigest(name: string, reference: string, signal: AbortSignal): Promise<string | undefined> {
  const headers = { Accept: MANIFEST_TYPES.join(', '), 'Cache-Control': 'no-store' } // the request stores nothing
  const path = `/v2/${name}/manifests/${reference}`
  const response = await find(path, { method: 'HEAD', headers, signal }).catch(() => undefined)
  const digest = response?.headers.get('docker-content-digest')
  if (!digest || (await findImages(name, [digest], { signal })).has(digest)) return undefined
  const { entries } = await readImages(name, undefined, { signal })
  return entries.some(({ tags }) => tags.includes(reference)) ? undefined : digest
}

interface Pulled {
  readonly digest: string
  /** The blobs of the manifest and its children, each once. */
  readonly blobs: readonly Descriptor[]
}

/** Pulls the manifest and its children. */
async function pullManifests(
  name: string,
  reference: string,
  tracker: ProgressTracker,
  signal: AbortSignal,
): Promise<Pulled> {
  const pulled = await client.requireManifest(name, reference, { signal })
  const { digest, bytes } = pulled
  const { mediaType, blobs, manifests } = parseManifest(bytes, pulled.mediaType || undefined)
  const isIndex = isIndexType(mediaType)
  const size = bytes.length
  tracker.update({ digest, kind: isIndex ? 'index' : 'manifest', size, done: size, state: 'done' })
  const needed = [...blobs]
  for (const child of manifests)
    needed.push(...(await pullManifests(name, child.digest, tracker, signal)).blobs)
  const untyped = isIndex ? blobs.filter(({ mediaType }) => mediaType === '') : []
  for (const child of untyped) {
    const hidden = await pullUntyped(name, child.digest, tracker, signal)
    if (hidden) needed.splice(needed.indexOf(child), 1, ...hidden.blobs)
  }
  const unique = new Map(needed.map((blob) => [blob.digest, blob]))
  return { digest, blobs: [...unique.values()].filter(({ urls }) => !urls?.length) }
}

/** Pulls a child of an index that has no media type, if it is a manifest. */
async function pullUntyped(...parameters: Parameters<typeof pullManifests>): Promise<Pulled | undefined> {
  try {
    return await pullManifests(...parameters)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'MANIFEST_UNKNOWN') return undefined
    throw error
  }
}

async function pullBlobs(
  name: string,
  blobs: readonly Descriptor[],
  tracker: ProgressTracker,
  signal: AbortSignal,
) {
  const remaining = blobs.values()
  const pullNext = async () => {
    for (const blob of remaining) await pullBlob(name, blob, tracker, signal)
  }
  await Promise.all(Array.from({ length: MAX_PARALLEL }, pullNext))
}

async function pullBlob(
  name: string,
  { digest, size }: Descriptor,
  tracker: ProgressTracker,
  signal: AbortSignal,
) {
  const response = await request(`/v2/${name}/blobs/${digest}`, { signal })
  const isHeld = response.headers.get('Flotilla-Source') === 'disk'
  if (isHeld) {
    await response.body?.cancel()
    return tracker.update({ digest, size, done: size, state: 'held' })
  }
  let done = 0
  for await (const bytes of response.body!) {
    done += bytes.byteLength
    tracker.update({ digest, size, done, state: 'running' })
  }
  // Firefox ends the response of a stopped worker as if it were complete.
  if (done < size) throw new RegistryError('UNAVAILABLE', 'the registry was stopped; pull the image again')
  tracker.update({ digest, size, done: size, state: 'done' })
}
