/** What is in a tar: names checked, links noted, nothing unpacked. */
import type { TarHeader } from 'modern-tar'
import { invalidArchive } from './archive-error.ts'
import type { Cursor } from './cursor.ts'
import { BLOCK, type Header, readHeader } from './tar-header.ts'
import { type SparseMap, storedSizeOf } from './tar-sparse.ts'

export interface TarFile {
  readonly name: string
  readonly size: number
  /** Where its bytes begin in the tar, uncompressed. */
  readonly offset: number
  /** The first bytes, which tell what it is. */
  readonly head: Uint8Array<ArrayBuffer>
  /** Where it has holes, which are left out of the tar. */
  readonly sparse?: SparseMap | undefined
}

export interface TarIndex {
  readonly files: ReadonlyMap<string, TarFile>
  /** The name of a link → what it points at; `undefined` out of the tar. */
  readonly links: ReadonlyMap<string, string | undefined>
}

/**
 * Of memory for the index, in bytes: 220,000 entries with names of 100 letters, where bundles of a whole distribution
 * have 25,000.
 */
const MAX_INDEX = 128 * 1024 * 1024

/** Of an entry beside its name, which is kept in two bytes a letter: measured. */
const ENTRY = 400

const HEAD = 8

/** Links that follow each other; Linux's limit. */
const MAX_LINKS = 40

/**
 * Of entries of one name the last one counts, as when they are unpacked one after the other.
 *
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
  for (let room = MAX_INDEX; ; ) {
    signal?.throwIfAborted()
    const header = await readHeader(cursor)
    if (!header) return { files, links }
    const name = nameOf(header)
    room -= ENTRY + 2 * (name.length + (header.linkname?.length ?? 0))
    if (room < 0) throw invalidArchive(`the tar has too many entries: ${files.size + links.size}`)
    if (header.type === 'directory') continue
    files.delete(name)
    links.delete(name)
    if (header.type === 'file') files.set(name, await indexFile(cursor, name, header, visit))
    else if (header.type === 'link') links.set(name, resolve([], header.linkname ?? ''))
    else if (header.type === 'symlink') links.set(name, resolve(folderOf(name), header.linkname ?? ''))
  }
}

async function indexFile(
  cursor: Cursor,
  name: string,
  { size: stored, sparse }: Header,
  visit: (file: TarFile) => Promise<void>,
): Promise<TarFile> {
  const offset = cursor.position
  const bytes = await cursor.read(Math.min(stored, HEAD))
  const { size, pieces } = sparse ?? { size: stored, pieces: [{ offset: 0 }] }
  const head = pieces[0]?.offset === 0 ? bytes : new Uint8Array(Math.min(size, HEAD))
  const file = { name, size, offset, head, sparse }
  if (sparse && storedSizeOf(sparse) !== stored)
    throw invalidArchive(`${shown(name)} is damaged: its holes do not fit`)
  if (!sparse) await visit(file)
  if (!(await cursor.skip(offset + stored - cursor.position))) {
    throw invalidArchive(`the tar is cut off: ${shown(name)} should have ${stored} bytes`)
  }
  await cursor.skip(-stored & (BLOCK - 1))
  return file
}

/**
 * Through links, also where folders on the way are some.
 *
 * @throws RegistryError for a link that leads out of the tar or round and round
 */
export function findFile({ files, links }: TarIndex, name: string): TarFile | undefined {
  let path = resolve([], name)
  for (let followed = 0; path !== undefined; followed++) {
    const link = beginningsOf(path).find((beginning) => links.has(beginning))
    if (link === undefined) return files.get(path)
    if (followed === MAX_LINKS) throw invalidArchive(`${shown(name)} is a link to links without end`)
    const target = links.get(link)
    if (target === undefined) throw invalidArchive(`${shown(link)} is a link that leads out of the archive`)
    path = target + path.slice(link.length)
  }
  return undefined
}

/** `a`, `a/b`, `a/b/c` of the last. */
const beginningsOf = (path: string): string[] =>
  path.split('/').map((_, index, steps) => steps.slice(0, index + 1).join('/'))

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
