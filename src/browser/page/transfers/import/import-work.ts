/** Pushes one archive: reads what is in it, asks for a name if it has none, streams its blobs. */
import type { Archive } from '../../../core/archive/archive.ts'
import { repositoryOf } from '../../../core/archive/image-name.ts'
import { type ArchiveProgress, pushArchive } from '../../../core/archive/push-archive.ts'
import { readArchive } from '../../../core/archive/read-archive.ts'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { client } from '../requests/request.ts'
import { parseImageReference } from '../route.ts'
import { createParts, type Parts } from './parts.ts'
import type { ImageName, Transfer } from './transfers-state.ts'

export async function pushFile(
  file: File,
  { phase, progress, remarks }: Transfer,
  signal: AbortSignal,
): Promise<readonly ImageName[]> {
  // Without a file name, an image has the name that the archive gives, or none.
  const archive = await readArchive(file, { name: '', signal })
  const names = archive.images.flatMap(({ names }) => names)
  const name = names.every(({ repository }) => repository)
    ? {}
    : await askName(archive, file.name, phase, signal)
  const parts = createParts(progress)
  parts.expect(blobsOf(archive))
  const pushed = await pushArchive(archive, client, { ...name, signal, onProgress: follow(parts) })
  parts.finish()
  remarks.value = [...archive.remarks, ...pushed.flatMap(({ remark }) => remark ?? [])]
  return pushed.flatMap(({ repository, tags, digest }) =>
    (tags.length > 0 ? tags : [digest]).map((reference) => ({ name: repository, reference })),
  )
}

/** Several images keep the tags that the archive gives them; one that is alone gets the tag that is asked for. */
async function askName(
  { images }: Archive,
  fileName: string,
  phase: Transfer['phase'],
  signal: AbortSignal,
): Promise<{ repository?: string; tag?: string }> {
  const repository = repositoryOf(fileName) ?? 'image'
  const isAlone = images.length === 1 && images[0]!.names.length === 1
  const suggestion = isAlone ? `${repository}:${images[0]!.names[0]!.tag ?? 'latest'}` : repository
  const text = await new Promise<string>((onName, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    phase.value = { is: 'naming', suggestion, onName }
  })
  phase.value = { is: 'running' }
  const { name, reference } = parseImageReference(text)!
  return { repository: name, ...(isAlone && { tag: reference }) }
}

const blobsOf = ({ manifests, blobs }: Archive): Descriptor[] => {
  const needed = [...manifests.values()].flatMap(({ manifest }) => manifest.blobs)
  const unique = new Map(needed.map((blob) => [blob.digest, blob]))
  return [...unique.values()].filter(({ digest }) => blobs.has(digest))
}

/** Blobs come one after the other: when the next one moves, the one before has come. */
const follow = (parts: Parts) => {
  let current: string | undefined
  let start = 0
  return ({ done, total, digest }: ArchiveProgress) => {
    parts.tell({ done, total })
    if (digest === undefined) {
      if (current) parts.update({ digest: current, done: done - start, state: 'done' })
      current = undefined
      start = done
    } else {
      current = digest
      parts.update({ digest, done: done - start, state: 'running' })
    }
  }
}
