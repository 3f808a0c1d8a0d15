/** Opens a tar with images, plain or compressed: reads its small files, and streams its large ones. */

import { readAll } from '../../blobs/streams.ts'
import type { Sliceable } from '../../client/sliceable.ts'
import { MAX_MANIFEST_SIZE } from '../../oci/manifest.ts'
import { invalidArchive } from '../errors.ts'
import { type Content, compressionOf, decompressed } from './compression.ts'
import { createSliceCursor, createStreamCursor } from './cursor.ts'
import { type Compression, type Decompress, decompress as inJavaScript } from './decompress.ts'
import { storedSizeOf, withHoles } from './sparse.ts'
import { findFile, indexTar, shown, type TarFile } from './tar-index.ts'

export interface Tar {
  /** Finds a file by its name, following links. @throws RegistryError for a link out of the tar or in a circle */
  find(name: string): TarFile | undefined
  /** Reads a small file into memory. */
  read(file: TarFile): Promise<Uint8Array<ArrayBuffer>>
  /**
   * The bytes of large files, in the order of the tar. In a compressed tar they are streams, each of which must be read to
   * its end or cancelled before the next is requested.
   */
  contents(files: Iterable<TarFile>): AsyncIterable<readonly [TarFile, Content]>
  /** Decompresses a file that is itself compressed. @param content - from `contents` */
  unpack(file: TarFile, content: Content): ReadableStream<Uint8Array<ArrayBuffer>>
}

export interface OpenTarOptions {
  /** Default: libraries in JavaScript, which run everywhere. */
  readonly decompress?: Decompress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Bytes of all small files that are read: manifests and configs of hundreds of images. */
const MAX_METADATA_BYTES = 64 * 1024 * 1024

/** Bytes of small files of a compressed tar that are kept in memory, because they may be read later. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024

/** A file may take 1/16 of the memory that is left, so that the smallest files, such as manifests, always fit. */
const MAX_SHARE = 16

const BRACE = 0x7b
const BRACKET = 0x5b

const ARCHIVE = 'the archive'

/** How a file is compressed, judged by its first bytes. @throws RegistryError for an unsupported compression */
export const compressionIn = ({ head, name }: TarFile): Compression | undefined =>
  compressionOf(head, shown(name))

export async function openTar(
  file: Sliceable,
  { decompress = inJavaScript, signal }: OpenTarOptions = {},
): Promise<Tar> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer())
  const compression = compressionOf(head, ARCHIVE)
  const unpack: Tar['unpack'] = (file, content) =>
    decompressed(content, compressionIn(file)!, shown(file.name), decompress)
  if (!compression) return { ...(await openPlain(file, signal)), unpack }
  const open = () => decompressed(file, compression, ARCHIVE, decompress)
  return { ...(await openCompressed(open, signal)), unpack }
}

async function openPlain(file: Sliceable, signal?: AbortSignal): Promise<Omit<Tar, 'unpack'>> {
  const index = await indexTar(createSliceCursor(file), undefined, signal)
  const open = ({ offset, size, sparse }: TarFile): Content => {
    const slice = file.slice(offset, offset + (sparse ? storedSizeOf(sparse) : size))
    return sparse ? withHoles(slice.stream(), sparse) : slice
  }
  const spend = createBudget()
  return {
    find: (name) => findFile(index, name),
    async read(file) {
      spend(file)
      return bytesOf(open(file))
    },
    async *contents(files) {
      for (const file of inOrder(files)) yield [file, open(file)]
    },
  }
}

/**
 * A compressed tar can only be read from its beginning, so the first pass keeps small files that may be metadata. It reads
 * to the very end, because only the checksum there shows that nothing is damaged.
 */
async function openCompressed(
  open: () => ReadableStream<Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): Promise<Omit<Tar, 'unpack'>> {
  const kept = new Map<TarFile, Uint8Array<ArrayBuffer>>()
  const spend = createBudget()
  const cursor = createStreamCursor(open())
  let left = MAX_KEPT_BYTES
  const keep = async (file: TarFile): Promise<void> => {
    if (!mayBeJson(file) || file.size * MAX_SHARE > left) return
    left -= file.size
    const rest = await cursor.read(file.size - file.head.length)
    kept.set(file, new Uint8Array(await new Blob([file.head, rest]).arrayBuffer()))
  }
  const cancel = () => cursor.cancel().catch(() => {}) // a failure of the stream fails the index, too
  const readIndex = async () => {
    const index = await indexTar(cursor, keep, signal)
    await cursor.skip(Number.POSITIVE_INFINITY)
    return index
  }
  const index = await readIndex().finally(cancel)
  async function* contents(files: Iterable<TarFile>) {
    const cursor = createStreamCursor(open())
    try {
      for (const file of inOrder(files)) {
        await cursor.skip(file.offset - cursor.position)
        const { size, sparse } = file
        const content = sparse ? withHoles(cursor.take(storedSizeOf(sparse)), sparse) : cursor.take(size)
        yield [file, content] as const
      }
    } finally {
      await cursor.cancel()
    }
  }
  return {
    find: (name) => findFile(index, name),
    async read(file) {
      spend(file)
      const bytes = kept.get(file)
      if (bytes) return bytes.slice()
      if (!mayBeJson(file)) throw invalidArchive(`${shown(file.name)} is not valid JSON`)
      for await (const [, stream] of contents([file])) return bytesOf(stream)
      throw invalidArchive(`${shown(file.name)} has disappeared from the archive`)
    },
    contents,
  }
}

const bytesOf = async (content: Content): Promise<Uint8Array<ArrayBuffer>> =>
  content instanceof ReadableStream
    ? readAll(content, MAX_MANIFEST_SIZE)
    : new Uint8Array(await content.arrayBuffer())

const mayBeJson = ({ size, head }: TarFile): boolean =>
  size <= MAX_MANIFEST_SIZE && (head[0] === BRACE || head[0] === BRACKET)

/** @throws RegistryError if a file is too large to be metadata, or all of them together are */
function createBudget(): (file: TarFile) => void {
  let left = MAX_METADATA_BYTES
  return (file) => {
    requireSmall(file)
    left -= file.size
    if (left < 0) throw invalidArchive('the archive has too many manifests and configs')
  }
}

function requireSmall({ name, size }: TarFile): void {
  if (size > MAX_MANIFEST_SIZE)
    throw invalidArchive(`${shown(name)} is too large for a manifest or config: ${size} bytes`)
}

const inOrder = (files: Iterable<TarFile>): TarFile[] =>
  [...new Set(files)].sort((one, other) => one.offset - other.offset)
