/**
 * What is in a layer, entry by entry, without holding any of it: a plain tar by jumps from header to header, a
 * compressed one as it is unpacked. Where the layer brings a table of contents, that is another file's work.
 */

import { invalidArchive } from '../archive/archive-error.ts'
import { compressionOf, decompressed } from '../archive/compression.ts'
import { type Cursor, createStreamCursor } from '../archive/cursor.ts'
import { type Compression, type Decompress, decompress as inJavaScript } from '../archive/decompress.ts'
import { BLOCK, type Header, readHeader } from '../archive/tar-header.ts'
import { storedSizeOf } from '../archive/tar-sparse.ts'
import type { RunningHash } from '../archive/verified.ts'
import type { Sliceable } from '../client/sliceable.ts'
import { type Entry, type Kind, pathOf } from './entry.ts'
import { createRangeCursor } from './range-cursor.ts'

export interface ReadOptions {
  /** Default: libraries in JavaScript, which run anywhere. */
  readonly decompress?: Decompress | undefined
  /** Begins the hash (SHA-256) of a file. Default: nothing is hashed, for which all of the layer would be read. */
  readonly createHash?: (() => RunningHash) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Names that lead out of the image, which nothing unpacks: they are told apart from entries. */
export interface StrangeName {
  readonly strange: string
}

/** More than any image is large. What unpacks to more is meant to keep somebody busy. */
const MAX_UNPACKED = 64 * 2 ** 30

const HASH_CHUNK = 256 * 1024

/** Letters that are kept of a hash, of hundreds of thousands of files: 128 bits. */
export const HASH_LENGTH = 32

/** How the layer is compressed. @throws RegistryError for a program whose files are not read here */
export const compressionOfLayer = async (layer: Sliceable): Promise<Compression | undefined> =>
  compressionOf(new Uint8Array(await layer.slice(0, 8).arrayBuffer()), 'the layer')

/** @throws RegistryError MANIFEST_INVALID where it is no tar, or damaged: what came before stands */
export async function* readLayer(
  layer: Sliceable,
  { decompress = inJavaScript, createHash, signal }: ReadOptions = {},
): AsyncGenerator<Entry | StrangeName> {
  const compression = await compressionOfLayer(layer)
  const stream = compression
    ? createStreamCursor(decompressed(layer, compression, 'the layer', decompress))
    : createHash && createStreamCursor(layer.stream())
  try {
    yield* readEntries(stream ?? createRangeCursor(layer), compression !== undefined, createHash, signal)
  } finally {
    await stream?.cancel().catch(() => {}) // a stream that failed has said so
  }
}

async function* readEntries(
  cursor: Cursor,
  isCompressed: boolean,
  createHash: ReadOptions['createHash'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Entry | StrangeName> {
  for (;;) {
    signal?.throwIfAborted()
    const header = await readHeader(cursor)
    if (!header) return
    const start = cursor.position
    if (start > MAX_UNPACKED)
      throw invalidArchive('the layer unpacks to more than 64 GiB; the rest is not read')
    const end = start + header.size
    const hash =
      header.type === 'file' && createHash ? await hashOf(cursor, header.size, createHash()) : undefined
    const place = isCompressed ? { start: 0, skip: start } : { start, skip: 0 }
    yield entryOf(header, { place, hash })
    if (!(await cursor.skip(end + (-header.size & (BLOCK - 1)) - cursor.position)) && header.size > 0)
      throw invalidArchive(`the layer is cut off: ${JSON.stringify(header.name.slice(0, 256))} is not whole`)
  }
}

async function hashOf(cursor: Cursor, size: number, hash: RunningHash): Promise<string> {
  for (let left = size; left > 0; ) {
    const chunk = await cursor.read(Math.min(left, HASH_CHUNK))
    if (chunk.length === 0) break
    hash.update(chunk)
    left -= chunk.length
  }
  return hash.digest('hex').slice(0, HASH_LENGTH)
}

const KINDS: Readonly<Record<string, Kind>> = {
  file: 'file',
  directory: 'folder',
  symlink: 'symlink',
  link: 'hardlink',
  fifo: 'pipe',
}

function entryOf(header: Header, { place, hash }: Pick<Entry, 'place' | 'hash'>): Entry | StrangeName {
  const { name, type = 'file', sparse, mode = 0, uid = 0, gid = 0, mtime, linkname } = header
  const path = pathOf(name)
  if (!path) return { strange: name.slice(0, 1024) }
  if (sparse && storedSizeOf(sparse) !== header.size) return { strange: name.slice(0, 1024) }
  const kind = KINDS[type] ?? 'device'
  const isFile = kind === 'file'
  return {
    path,
    kind,
    size: isFile ? (sparse?.size ?? header.size) : 0,
    mode: mode & 0o7777,
    uid,
    gid,
    modified: mtime?.getTime() ?? Number.NaN,
    ...(linkname && (kind === 'symlink' || kind === 'hardlink') && { target: linkname }),
    ...(isFile && { place }),
    ...(sparse && { sparse }),
    ...(hash !== undefined && { hash }),
  }
}
