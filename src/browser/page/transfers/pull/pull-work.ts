/** Pulls an image from peers: asking for its blobs is what brings them, verified and kept on their way. */
import type { Descriptor } from '../../../../core/oci/descriptor.ts'
import { RegistryError } from '../../../../core/oci/error.ts'
import { parseManifest } from '../../../../core/oci/manifest.ts'
import { isIndexType, MANIFEST_TYPES } from '../../../../core/oci/media-type.ts'
import { discardImage } from '../../requests/discard.ts'
import { findImages, readImages, setKept } from '../../requests/owner.ts'
import { ask, client, find } from '../../requests/request.ts'
import { createParts, type Parts } from '../parts.ts'
import type { Work } from '../transfer.ts'

/** Blobs at a time: peers give each from several sides already. */
const PARALLEL = 2

export const pullWork: Work<'pull'> = {
  async run({ task, progress }, signal) {
    const { name, reference, keep, isNew } = task.peek()
    task.value = { ...task.peek(), isNew: isNew ?? (await newDigest(name, reference, signal)) }
    const parts = createParts(progress)
    const { digest, blobs } = await pullManifests(name, reference, parts, signal)
    parts.expect(blobs)
    await pullBlobs(name, blobs, parts, signal)
    parts.finish()
    if (keep) await setKept(name, digest, true)
    return [{ name, reference }]
  },
  needs: async () => 'nothing',

  async undo({ task }) {
    const { name, reference, isNew } = task.peek()
    if (isNew) await discardImage(name, isNew, reference)
  },
}

/** Of the image, where nothing of it is here before the pull, nor its tag: then a cancelled pull leaves nothing. */
async function newDigest(name: string, reference: string, signal: AbortSignal): Promise<string | undefined> {
  const headers = { Accept: MANIFEST_TYPES.join(', '), 'Cache-Control': 'no-store' } // nothing comes by the question
  const path = `/v2/${name}/manifests/${reference}`
  const response = await find(path, { method: 'HEAD', headers, signal }).catch(() => undefined)
  const digest = response?.headers.get('docker-content-digest')
  if (!digest || (await findImages(name, [digest], { signal })).has(digest)) return undefined
  const { entries } = await readImages(name, undefined, { signal })
  return entries.some(({ tags }) => tags.includes(reference)) ? undefined : digest
}

interface Pulled {
  readonly digest: string
  /** What it and its children need, each once. */
  readonly blobs: readonly Descriptor[]
}

/** The manifest with all its children. */
async function pullManifests(
  name: string,
  reference: string,
  parts: Parts,
  signal: AbortSignal,
): Promise<Pulled> {
  const pulled = await client.requireManifest(name, reference, { signal })
  const { digest, bytes } = pulled
  const { mediaType, blobs, manifests } = parseManifest(bytes, pulled.mediaType || undefined)
  const isIndex = isIndexType(mediaType)
  const size = bytes.length
  parts.update({ digest, kind: isIndex ? 'index' : 'manifest', size, done: size, state: 'done' })
  const needed = [...blobs]
  for (const child of manifests)
    needed.push(...(await pullManifests(name, child.digest, parts, signal)).blobs)
  const untyped = isIndex ? blobs.filter(({ mediaType }) => mediaType === '') : []
  for (const child of untyped) {
    const hidden = await pullHidden(name, child.digest, parts, signal)
    if (hidden) needed.splice(needed.indexOf(child), 1, ...hidden.blobs)
  }
  const unique = new Map(needed.map((blob) => [blob.digest, blob]))
  return { digest, blobs: [...unique.values()].filter(({ urls }) => !urls?.length) }
}

/** What an index names without a type, where it is a manifest. */
async function pullHidden(...question: Parameters<typeof pullManifests>): Promise<Pulled | undefined> {
  try {
    return await pullManifests(...question)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'MANIFEST_UNKNOWN') return undefined
    throw error
  }
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
  // Firefox ends the answer of a worker that was stopped as if it were whole.
  if (done < size) throw new RegistryError('UNAVAILABLE', 'the registry was stopped; pull the image again')
  parts.update({ digest, size, done: size, state: 'done' })
}
