/** Imports an archive: reads it, asks for a name if it has none, and pushes what the registry does not have. */
import { NoArchiveError, noArchiveBut } from '../../../../core/archive/errors.ts'
import { repositoryOf } from '../../../../core/archive/image-name.ts'
import type { Archive } from '../../../../core/archive/import/archive.ts'
import type { ArchiveProgress } from '../../../../core/archive/import/progress.ts'
import { pushArchive, targetsOf } from '../../../../core/archive/import/push-archive.ts'
import { readArchive } from '../../../../core/archive/import/read-archive.ts'
import type { Descriptor } from '../../../../core/oci/descriptor.ts'
import { discardBlobs } from '../../requests/discard.ts'
import { client } from '../../requests/request.ts'
import { parseImageReference } from '../../route.ts'
import { createProgressTracker, type ProgressTracker } from '../progress.ts'
import type { TransferSlot } from '../slot.ts'
import type { GivenName } from '../tasks.ts'
import type { Transfer, Work } from '../transfer.ts'
import { NeedsUserError } from '../transfer.ts'
import { forgetFile, rememberedFile, rememberFile } from './held-files.ts'

export const importWork: Work<'import'> = {
  async run(transfer, signal, slot) {
    const file = await openFile(transfer)
    const archive = await read(file, transfer, signal)
    const name = await nameFor(archive, transfer, signal, slot)
    const repositories = [...targetsOf(archive, name).keys()]
    transfer.task.value = { ...transfer.task.peek(), repositories }
    const tracker = createProgressTracker(transfer.progress)
    tracker.expect(blobsOf(archive))
    const pushed = await pushArchive(archive, client, { ...name, signal, onProgress: reportTo(tracker) })
    tracker.finish()
    forgetFile(transfer.id)
    transfer.remarks.value = [...archive.remarks, ...pushed.flatMap(({ remark }) => remark ?? [])]
    return pushed.flatMap(({ repository, tags, digest }) =>
      (tags.length > 0 ? tags : [digest]).map((reference) => ({ name: repository, reference })),
    )
  },

  async needs({ id, task }) {
    const { handle } = task.peek()
    if (rememberedFile(id)) return 'nothing'
    if (!handle) return 'file'
    return (await permission(handle)) === 'granted' ? 'nothing' : 'permission'
  },

  async undo({ task, progress }) {
    const stored = progress.peek().parts.filter(({ state }) => state === 'done')
    for (const repository of task.peek().repositories ?? [])
      await discardBlobs(
        repository,
        stored.map(({ digest }) => digest),
      )
  },
}

/** Reads without a file name, so that an image has the name that the archive gives it, or none. */
async function read(file: File, { task }: Transfer<'import'>, signal: AbortSignal): Promise<Archive> {
  const { fileName, isFolder } = task.peek()
  try {
    if (isFolder) throw noArchiveBut('a folder')
    return await readArchive(file, { name: '', signal })
  } catch (error) {
    throw error instanceof NoArchiveError ? error.naming(fileName) : error
  }
}

/** The chosen file, or after a reload the file of its handle. @throws NeedsUserError */
async function openFile({ id, task }: Transfer<'import'>): Promise<File> {
  const { handle, size, lastModified } = task.peek()
  const held = rememberedFile(id)
  if (held) return held
  if (!handle) throw new NeedsUserError('file')
  if ((await permission(handle)) !== 'granted') throw new NeedsUserError('permission')
  const file = await handle.getFile().catch(() => undefined)
  if (file?.size !== size || file.lastModified !== lastModified) throw new NeedsUserError('file')
  rememberFile(id, file)
  return file
}

/** Not in TypeScript's DOM types yet, nor in all browsers. @see https://wicg.github.io/file-system-access/#api-filesystemhandle */
const permission = async (handle: FileSystemFileHandle): Promise<PermissionState> =>
  (await (handle as { queryPermission?(): Promise<PermissionState> }).queryPermission?.()) ?? 'granted'

/** The user names a repository; if the archive has several images, they keep their tags in it. */
async function nameFor(
  { images }: Archive,
  transfer: Transfer<'import'>,
  signal: AbortSignal,
  slot: TransferSlot,
): Promise<GivenName> {
  const { phase, task } = transfer
  const { fileName, name: given } = task.peek()
  if (given) return given
  if (images.flatMap(({ names }) => names).every(({ repository }) => repository)) return {}
  const guessed = repositoryOf(fileName) ?? 'image'
  const isAlone = images.length === 1 && images[0]!.names.length === 1
  const suggestion = isAlone ? `${guessed}:${images[0]!.names[0]!.tag ?? 'latest'}` : guessed
  const text = await slot.releaseDuring(() => askName(phase, suggestion, signal))
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

const reportTo =
  (tracker: ProgressTracker) =>
  ({ done, total, blob }: ArchiveProgress) => {
    tracker.setTotal({ done, total })
    if (blob) tracker.update(blob)
  }
