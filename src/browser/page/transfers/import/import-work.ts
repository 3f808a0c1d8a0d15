/** Imports one archive: reads what is in it, asks for a name if it has none, and pushes what the registry lacks of it. */
import type { Archive } from '../../../../core/archive/archive.ts'
import { NoArchiveError } from '../../../../core/archive/archive-error.ts'
import { repositoryOf } from '../../../../core/archive/image-name.ts'
import { noArchiveBut } from '../../../../core/archive/no-archive.ts'
import type { ArchiveProgress } from '../../../../core/archive/progress.ts'
import { pushArchive } from '../../../../core/archive/push-archive.ts'
import { targetsOf } from '../../../../core/archive/push-targets.ts'
import { readArchive } from '../../../../core/archive/read-archive.ts'
import type { Descriptor } from '../../../../core/oci/descriptor.ts'
import { discardBlobs } from '../../requests/discard.ts'
import { client } from '../../requests/request.ts'
import { parseImageReference } from '../../route.ts'
import { NeedsUser } from '../needs-user.ts'
import { createParts, type Parts } from '../parts.ts'
import type { Transfer, Work } from '../transfer.ts'
import type { Turn } from '../turn.ts'
import { heldFile, holdFile, letGoOfFile } from './held-files.ts'
import type { GivenName } from './import-task.ts'

export const importWork: Work<'import'> = {
  async run(transfer, signal, turn) {
    const file = await openFile(transfer)
    const archive = await read(file, transfer, signal)
    const name = await nameFor(archive, transfer, signal, turn)
    const repositories = [...targetsOf(archive, name).keys()]
    transfer.task.value = { ...transfer.task.peek(), repositories }
    const parts = createParts(transfer.progress)
    parts.expect(blobsOf(archive))
    const pushed = await pushArchive(archive, client, { ...name, signal, onProgress: follow(parts) })
    parts.finish()
    letGoOfFile(transfer.id)
    transfer.remarks.value = [...archive.remarks, ...pushed.flatMap(({ remark }) => remark ?? [])]
    return pushed.flatMap(({ repository, tags, digest }) =>
      (tags.length > 0 ? tags : [digest]).map((reference) => ({ name: repository, reference })),
    )
  },

  async needs({ id, task }) {
    const { handle } = task.peek()
    if (heldFile(id)) return 'nothing'
    if (!handle) return 'file'
    return (await permission(handle)) === 'granted' ? 'nothing' : 'permission'
  },

  async undo({ task, progress }) {
    const brought = progress.peek().parts.filter(({ state }) => state === 'done')
    for (const repository of task.peek().repositories ?? [])
      await discardBlobs(
        repository,
        brought.map(({ digest }) => digest),
      )
  },
}

/** Without a file name, an image has the name that the archive gives, or none. */
async function read(file: File, { task }: Transfer<'import'>, signal: AbortSignal): Promise<Archive> {
  const { fileName, isFolder } = task.peek()
  try {
    if (isFolder) throw noArchiveBut('a folder')
    return await readArchive(file, { name: '', signal })
  } catch (error) {
    throw error instanceof NoArchiveError ? error.naming(fileName) : error
  }
}

/** As its user chose it; by its handle after a reload. @throws NeedsUser */
async function openFile({ id, task }: Transfer<'import'>): Promise<File> {
  const { handle, size, lastModified } = task.peek()
  const held = heldFile(id)
  if (held) return held
  if (!handle) throw new NeedsUser('file')
  if ((await permission(handle)) !== 'granted') throw new NeedsUser('permission')
  const file = await handle.getFile().catch(() => undefined)
  if (file?.size !== size || file.lastModified !== lastModified) throw new NeedsUser('file')
  holdFile(id, file)
  return file
}

/** Not in the types of the web yet, nor in all engines. @see https://wicg.github.io/file-system-access/#api-filesystemhandle */
const permission = async (handle: FileSystemFileHandle): Promise<PermissionState> =>
  (await (handle as { queryPermission?(): Promise<PermissionState> }).queryPermission?.()) ?? 'granted'

/** Several images keep the tags that the archive gives them; one that is alone gets the tag that is asked for. */
async function nameFor(
  { images }: Archive,
  transfer: Transfer<'import'>,
  signal: AbortSignal,
  turn: Turn,
): Promise<GivenName> {
  const { phase, task } = transfer
  const { fileName, name: given } = task.peek()
  if (given) return given
  if (images.flatMap(({ names }) => names).every(({ repository }) => repository)) return {}
  const guessed = repositoryOf(fileName) ?? 'image'
  const isAlone = images.length === 1 && images[0]!.names.length === 1
  const suggestion = isAlone ? `${guessed}:${images[0]!.names[0]!.tag ?? 'latest'}` : guessed
  const text = await turn.outside(() => askName(phase, suggestion, signal))
  const { name: repository, reference: tag } = parseImageReference(text)!
  const name = { repository, ...(isAlone && { tag }) }
  task.value = { ...task.peek(), name }
  phase.value = { is: 'running' }
  return name
}

const askName = (phase: Transfer['phase'], suggestion: string, signal: AbortSignal): Promise<string> =>
  new Promise((onName, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    phase.value = { is: 'naming', suggestion, onName }
  })

const blobsOf = ({ manifests, blobs }: Archive): Descriptor[] => {
  const needed = [...manifests.values()].flatMap(({ manifest }) => manifest.blobs)
  const unique = new Map(needed.map((blob) => [blob.digest, blob]))
  return [...unique.values()].filter(({ digest }) => blobs.has(digest))
}

const follow =
  (parts: Parts) =>
  ({ done, total, blob }: ArchiveProgress) => {
    parts.tell({ done, total })
    if (blob) parts.update(blob)
  }
