/** Lists what is in a tar: checks names, records links, unpacks nothing. */
import type { TarHeader } from 'modern-tar'
import { invalidArchive } from '../errors.ts'
import type { Cursor } from './cursor.ts'
import { BLOCK, type Header, readHeader } from './header.ts'
import { type SparseMap, storedSizeOf } from './sparse.ts'

export interface TarFile {
  readonly name: string
  readonly size: number
  /** Where its bytes begin in the uncompressed tar. */
  readonly offset: number
  /** The first bytes, by which its type is recognised. */
  readonly head: Uint8Array<ArrayBuffer>
  /** Set for a sparse file. */
  readonly sparse?: SparseMap | undefined
}

export interface TarIndex {
  readonly files: ReadonlyMap<string, TarFile>
  /** The name of a link → its target; `undefined` if that is outside of the tar. */
  readonly links: ReadonlyMap<string, string | undefined>
}

/**
 * Bytes of memory for the index: 220,000 entries with names of 100 characters. The archive of a whole Linux distribution
 * has 25,000.
 */
const MAX_INDEX_BYTES = 128 * 1024 * 1024

/** Bytes of memory for an entry without its name, which takes two bytes per character (measured). */
const ENTRY_BYTES = 400

const HEAD_BYTES = 8

/** Links followed in a row; Linux's limit. */
const MAX_LINKS = 40

/**
 * If several entries have the same name, the last one counts, as when a tar is unpacked.
 *
 * @param visit - called for each file while the cursor is after its head; it may read up to the file's end
 * @throws RegistryError naming the invalid entry
 */
export async function indexTar(
  cursor: Cursor,
  visit: (file: TarFile) => Promise<void> = async () => {},
  signal?: AbortSignal,
): Promise<TarIndex> {
  const files = new Map<string, TarFile>()
  const links = new Map<string, string | undefined>()
  for (let left = MAX_INDEX_BYTES; ; ) {
    signal?.throwIfAborted()
    const header = await readHeader(cursor)
    if (!header) return { files, links }
    const name = nameOf(header)
    left -= ENTRY_BYTES + 2 * (name.length + (header.linkname?.length ?? 0))
    if (left < 0) throw invalidArchive(`the tar has too many entries: more than ${files.size + links.size}`)
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
  const bytes = await cursor.read(Math.min(stored, HEAD_BYTES))
  const { size, pieces } = sparse ?? { size: stored, pieces: [{ offset: 0 }] }
  const head = pieces[0]?.offset === 0 ? bytes : new Uint8Array(Math.min(size, HEAD_BYTES))
  const file = { name, size, offset, head, sparse }
  if (sparse && storedSizeOf(sparse) !== stored)
    throw invalidArchive(
      `${shown(name)} is damaged: its size does not match its map of holes; make the tar again without --sparse (-S)`,
    )
  if (!sparse) await visit(file)
  if (!(await cursor.skip(offset + stored - cursor.position))) {
    throw invalidArchive(`the tar is cut off: ${shown(name)} should have ${stored} bytes; download it again`)
  }
  await cursor.skip(-stored & (BLOCK - 1))
  return file
}

/**
 * Follows links, including those of parent folders.
 *
 * @throws RegistryError for a link that leads out of the tar or in a circle
 */
export function findFile({ files, links }: TarIndex, name: string): TarFile | undefined {
  let path = resolve([], name)
  for (let followed = 0; path !== undefined; followed++) {
    const link = prefixesOf(path).find((prefix) => links.has(prefix))
    if (link === undefined) return files.get(path)
    if (followed === MAX_LINKS) throw invalidArchive(`${shown(name)} is a link that leads in a circle`)
    const target = links.get(link)
    if (target === undefined) throw invalidArchive(`${shown(link)} is a link that leads out of the archive`)
    path = target + path.slice(link.length)
  }
  return undefined
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
const prefixesOf = (path: string): string[] =>
  path.split('/').map((_, index, steps) => steps.slice(0, index + 1).join('/'))

function nameOf({ name }: TarHeader): string {
  const resolved = resolve([], name)
  if (resolved !== undefined) return resolved
  throw invalidArchive(`${shown(name)} leads out of the archive`)
}

const folderOf = (name: string): string[] => name.split('/').slice(0, -1)

/** The path from the root of the tar, without `.` and `..`; `undefined` if it leads out of the tar. */
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

/** A name as it may be shown: quoted and cut, because names come from an untrusted file. */
export const shown = (name: string): string => JSON.stringify(name.slice(0, 256))
