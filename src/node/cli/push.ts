/** `flotilla push`: pushes the images of an archive to a registry. */

import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { arrayBuffer } from 'node:stream/consumers'
import { parseImageName } from '../../core/archive/image-name.ts'
import type { Archive } from '../../core/archive/import/archive.ts'
import type { ArchiveProgress } from '../../core/archive/import/progress.ts'
import { pushArchive } from '../../core/archive/import/push-archive.ts'
import { readArchive } from '../../core/archive/import/read-archive.ts'
import { createClient } from '../../core/client/client.ts'
import type { Sliceable } from '../../core/client/sliceable.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { decompress } from './decompress.ts'
import { attempt, exitWith, explainTransfer, reasonOf } from './errors.ts'

export interface PushOptions {
  readonly file: string
  /** `repository[:tag]`, which replaces the names in the archive. */
  readonly image?: string | undefined
  /** URL of the registry. */
  readonly to: string
}

export async function push({ file, image, to }: PushOptions): Promise<void> {
  const target = image === undefined ? {} : parseImageName(image)
  if (!target) return exitWith([`${image} is not repository:tag`])
  const archive = await read(file).catch((error) => exitWith([reasonOf(error)]))
  const what = `push ${file} to ${to}`
  await attempt(
    async () => {
      printRemarks(archive.remarks.map((remark) => `${file}: ${remark}`))
      const client = createClient({ base: to })
      const pushed = await pushArchive(archive, client, { ...target, onProgress: showProgress() })
      for (const { repository, tags, digest, remark } of pushed) {
        const names = tags.length > 0 ? tags.map((tag) => `${repository}:${tag}`) : [repository]
        if (remark !== undefined) printRemarks([`${names[0]}: ${remark}`])
        for (const name of names) process.stdout.write(`${name}@${digest}\n`)
      }
    },
    explainTransfer({ what, url: to, option: '--to' }),
  )
}

/** @throws RegistryError naming the file */
async function read(file: string): Promise<Archive> {
  const content = await openSliceable(file)
  const name = basename(file)
  try {
    return await readArchive(content, { name, decompress })
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError(error.code, `${name}: ${error.message}`, { cause: error })
  }
}

/** On standard error, because standard output lists what was pushed. */
const printRemarks = (remarks: readonly string[]): void => {
  process.stderr.write(remarks.map((remark) => `flotilla: ${remark}\n`).join(''))
}

/** Only in a terminal. */
function showProgress(): ((progress: ArchiveProgress) => void) | undefined {
  const { stderr } = process
  if (!stderr.isTTY) return undefined
  let shown = -1
  return ({ done, total }) => {
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100)
    if (percent === shown) return
    shown = percent
    stderr.write(`\r${percent} %${percent === 100 ? '\n' : ''}`)
  }
}

const CHUNK_BYTES = 256 * 1024

/**
 * A file of any size as a `Sliceable`; Node's own `Blob` over a file ends at 4 GiB. The file is opened for each read, and
 * must not change meanwhile.
 *
 * @throws Error that names the file and says what is wrong with it
 */
export async function openSliceable(path: string): Promise<Sliceable> {
  const stats = await stat(path)
  if (stats.isDirectory())
    throw new Error(`${path} is a folder; pack it first: tar -C ${path} -cf image.tar .`)
  if (!stats.isFile()) throw new Error(`${path} is not a regular file; copy it to one first`)
  if (stats.size === 0) throw new Error(`${path} is empty; save the image again`)
  await access(path, constants.R_OK)
  return sliceOf(path, 0, stats.size)
}

function sliceOf(path: string, start: number, end: number): Sliceable {
  const size = end - start
  const read = () => readFrom(path, start, end)
  return {
    size,
    slice: (from = 0, to = size) => sliceOf(path, start + Math.min(from, size), start + Math.min(to, size)),
    stream: () => (size > 0 ? Readable.toWeb(read()) : new Blob([]).stream()) as ReturnType<Blob['stream']>,
    arrayBuffer: async () => (size > 0 ? arrayBuffer(read()) : new ArrayBuffer()),
  }
}

/** Adds the file's name to errors, because read errors don't have it. */
function readFrom(path: string, start: number, end: number): Readable {
  const stream = createReadStream(path, { start, end: end - 1, highWaterMark: CHUNK_BYTES })
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    error.path ??= path
  })
}
