/** What is in a tar: names checked, links noted, nothing unpacked. */
import type { TarHeader } from 'modern-tar'
import type { Cursor } from './cursor.ts'
import { invalidArchive } from './invalid-archive.ts'
import { BLOCK, readHeader } from './tar-header.ts'

export interface TarFile {
  readonly name: string
  readonly size: number
  /** Where its bytes begin in the tar, uncompressed. */
  readonly offset: number
  /** The first bytes, which tell what it is. */
  readonly head: Uint8Array<ArrayBuffer>
}

export interface TarIndex {
  readonly files: ReadonlyMap<string, TarFile>
  /** The name of a link → what it points at; `undefined` out of the tar. */
  readonly links: ReadonlyMap<string, string | undefined>
}

/** Many times as many as images with a hundred platforms and layers have. */
const MAX_ENTRIES = 20_000

const HEAD = 8

/**
 * @param visit - told of each file while the cursor stands behind its head; it may read on to the file's end
 * @throws RegistryError naming the entry that is wrong
 */
export async function indexTar(
  cursor: Cursor,
  visit: (file: TarFile) => Promise<void> = async () => {},
  signal?: AbortSignal,
): Promise<TarIndex> {
  const files = new Map<string, TarFile>()
  const links = new Map<string, string | undefined>()
  for (let count = 1; ; count++) {
    signal?.throwIfAborted()
    const header = await readHeader(cursor)
    if (!header) return { files, links }
    if (count > MAX_ENTRIES) throw invalidArchive(`the tar has more than ${MAX_ENTRIES} entries`)
    const name = nameOf(header)
    if (header.type === 'directory') continue
    if (files.has(name) || links.has(name)) throw invalidArchive(`${shown(name)} is in the tar twice`)
    if (header.type === 'file') files.set(name, await indexFile(cursor, name, header.size, visit))
    else if (header.type === 'link') links.set(name, resolve([], header.linkname ?? ''))
    else if (header.type === 'symlink') links.set(name, resolve(folderOf(name), header.linkname ?? ''))
  }
}

async function indexFile(
  cursor: Cursor,
  name: string,
  size: number,
  visit: (file: TarFile) => Promise<void>,
): Promise<TarFile> {
  const offset = cursor.position
  const file = { name, size, offset, head: await cursor.read(Math.min(size, HEAD)) }
  await visit(file)
  if (!(await cursor.skip(offset + size - cursor.position))) {
    throw invalidArchive(`the tar is cut off: ${shown(name)} should have ${size} bytes`)
  }
  await cursor.skip(-size & (BLOCK - 1))
  return file
}

function nameOf({ name }: TarHeader): string {
  const resolved = resolve([], name)
  if (resolved !== undefined) return resolved
  throw invalidArchive(`${shown(name)} leads out of the archive`)
}

const folderOf = (name: string): string[] => name.split('/').slice(0, -1)

/** A path from the root of the tar, without `.` and `..`; `undefined` where it leads out. */
function resolve(from: readonly string[], path: string): string | undefined {
  if (path.startsWith('/') || path.includes('\0')) return undefined
  const steps = [...from]
  for (const step of path.split('/')) {
    if (step === '' || step === '.') continue
    if (step !== '..') steps.push(step)
    else if (steps.pop() === undefined) return undefined
  }
  return steps.join('/')
}

/** Names are a stranger's. */
export const shown = (name: string): string => JSON.stringify(name.slice(0, 256))
