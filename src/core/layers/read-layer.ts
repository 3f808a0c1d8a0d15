/**
 * Reads the entries of a layer without keeping its content: jumps from header to header in a plain tar, and decompresses a
 * compressed one. `table-of-contents.ts` reads layers that have a table.
 */
import { invalidArchive } from '../archive/errors.ts'
import type { RunningHash } from '../archive/export/verified.ts'
import { compressionOf, decompressed } from '../archive/tar/compression.ts'
import { type Cursor, createStreamCursor } from '../archive/tar/cursor.ts'
import { type Compression, type Decompress, decompress as inJavaScript } from '../archive/tar/decompress.ts'
import { BLOCK, type Header, readHeader } from '../archive/tar/header.ts'
import { storedSizeOf } from '../archive/tar/sparse.ts'
import type { Sliceable } from '../client/sliceable.ts'
import { type Entry, type Kind, pathOf } from './entry.ts'

export interface ReadOptions {
  /** Default: libraries in JavaScript, which run everywhere. */
  readonly decompress?: Decompress | undefined
  /** Starts a SHA-256 hash of a file. Default: files aren't hashed, which would require reading the whole layer. */
  readonly createHash?: (() => RunningHash) | undefined
  readonly signal?: AbortSignal | undefined
}

/** A name that leads out of the image, and that nothing unpacks. */
export interface InvalidName {
  readonly strange: string
}

/** More than any real image; protects from decompression bombs. */
const MAX_UNPACKED_BYTES = 64 * 2 ** 30

const HASH_CHUNK_BYTES = 256 * 1024

/** Hexadecimal digits kept of each hash: 128 bits, because there may be hundreds of thousands of files. */
export const HASH_LENGTH = 32

/** How the layer is compressed. @throws RegistryError for an unsupported compression */
export const compressionOfLayer = async (layer: Sliceable): Promise<Compression | undefined> =>
  compressionOf(new Uint8Array(await layer.slice(0, 8).arrayBuffer()), 'the layer')

/** @throws RegistryError MANIFEST_INVALID if it isn't a tar, or damaged; the entries before that are valid */
export async function* readLayer(
  layer: Sliceable,
  { decompress = inJavaScript, createHash, signal }: ReadOptions = {},
): AsyncGenerator<Entry | InvalidName> {
  const compression = await compressionOfLayer(layer)
  const stream = compression
    ? createStreamCursor(decompressed(layer, compression, 'the layer', decompress))
    : createHash && createStreamCursor(layer.stream())
  try {
    yield* readEntries(stream ?? createRangeCursor(layer), compression !== undefined, createHash, signal)
  } finally {
    await stream?.cancel().catch(() => {}) // reading has reported the failure
  }
}

async function* readEntries(
  cursor: Cursor,
  isCompressed: boolean,
  createHash: ReadOptions['createHash'],
  signal: AbortSignal | undefined,
): AsyncGenerator<Entry | InvalidName> {
  for (;;) {
    signal?.throwIfAborted()
    const header = await readHeader(cursor)
    if (!header) return
    const start = cursor.position
    if (start > MAX_UNPACKED_BYTES)
      throw invalidArchive('the layer unpacks to more than 64 GiB; the rest is not read')
    const end = start + header.size
    const hash =
      header.type === 'file' && createHash ? await hashOf(cursor, header.size, createHash()) : undefined
    const offset = isCompressed ? { start: 0, skip: start } : { start, skip: 0 }
    yield entryOf(header, { offset, hash })
    if (!(await cursor.skip(end + (-header.size & (BLOCK - 1)) - cursor.position)) && header.size > 0)
      throw invalidArchive(
        `the layer is cut off: ${JSON.stringify(header.name.slice(0, 256))} is incomplete; pull the image again`,
      )
  }
}

async function hashOf(cursor: Cursor, size: number, hash: RunningHash): Promise<string> {
  for (let left = size; left > 0; ) {
    const chunk = await cursor.read(Math.min(left, HASH_CHUNK_BYTES))
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

function entryOf(header: Header, { offset, hash }: Pick<Entry, 'offset' | 'hash'>): Entry | InvalidName {
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
    ...(isFile && { offset }),
    ...(sparse && { sparse }),
    ...(hash !== undefined && { hash }),
  }
}

/**
 * Bytes requested after a jump. Reads by range requests have a latency, so small gaps are read over, with requests that
 * grow, and large gaps are jumped.
 */
const MIN_READ_BYTES = 32 * 1024

/** Bytes requested at once where files are close to each other. */
const MAX_READ_BYTES = 1024 * 1024

export function createRangeCursor(file: Sliceable): Cursor {
  let position = 0
  let start = 0
  let wanted = MIN_READ_BYTES / 2
  let ahead = new Uint8Array()
  const readAhead = async (length: number) => {
    const gap = position - (start + ahead.length)
    wanted = gap >= 0 && gap < MAX_READ_BYTES ? Math.min(2 * wanted, MAX_READ_BYTES) : MIN_READ_BYTES
    start = position
    ahead = new Uint8Array(await file.slice(start, start + Math.max(length, wanted)).arrayBuffer())
  }
  return {
    get position() {
      return position
    },
    async read(length) {
      if (position < start || position + length > start + ahead.length) await readAhead(length)
      const bytes = ahead.slice(position - start, position - start + length)
      position += bytes.length
      return bytes
    },
    async skip(length) {
      position += length
      return position <= file.size
    },
  }
}
