/** A tar with images as it lies there, plain or compressed: its small files, and ways to its large ones. */
import type { Sliceable } from '../client/sliceable.ts'
import { MAX_MANIFEST_SIZE } from '../oci/manifest.ts'
import { invalidArchive } from './archive-error.ts'
import { type Content, compressionOf, decompressed } from './compression.ts'
import { createSliceCursor, createStreamCursor } from './cursor.ts'
import { type Compression, type Decompress, decompress as inJavaScript } from './decompress.ts'
import { findFile, indexTar, shown, type TarFile } from './tar-index.ts'
import { storedSizeOf, withHoles } from './tar-sparse.ts'

export interface Tar {
  /** By its name, through links. @throws RegistryError for a link that leads out of the tar, or round and round */
  find(name: string): TarFile | undefined
  /** The whole of a small file. */
  read(file: TarFile): Promise<Uint8Array<ArrayBuffer>>
  /**
   * The bytes of large files, in the order in which they lie in the tar. Where it is compressed they come as streams,
   * each to be read to its end, or cancelled, before the next is asked for.
   */
  contents(files: Iterable<TarFile>): AsyncIterable<readonly [TarFile, Content]>
  /** What is inside of a file that is compressed itself; `content` is what `contents` gave. */
  unpack(file: TarFile, content: Content): ReadableStream<Uint8Array<ArrayBuffer>>
}

export interface OpenTarOptions {
  /** Default: libraries in JavaScript, which run anywhere. */
  readonly decompress?: Decompress | undefined
  readonly signal?: AbortSignal | undefined
}

/** Of all small files together that are read: manifests and configs of hundreds of images. */
const MAX_METADATA = 64 * 1024 * 1024

/** Of small files of a compressed tar that are kept, since they may be asked for. */
const MAX_KEPT = 64 * 1024 * 1024

/** None takes more than this part of the room that is left, so that the smallest, manifests among them, find some. */
const LARGEST_SHARE = 16

const BRACE = 0x7b
const BRACKET = 0x5b

const WHOLE = 'the archive'

/** By its first bytes: how it is compressed, if it is. @throws RegistryError for what is not read here */
export const compressionIn = ({ head, name }: TarFile): Compression | undefined =>
  compressionOf(head, shown(name))

export async function openTar(
  file: Sliceable,
  { decompress = inJavaScript, signal }: OpenTarOptions = {},
): Promise<Tar> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer())
  const compression = compressionOf(head, WHOLE)
  const unpack: Tar['unpack'] = (file, content) =>
    decompressed(content, compressionIn(file)!, shown(file.name), decompress)
  if (!compression) return { ...(await openPlain(file, signal)), unpack }
  const open = () => decompressed(file, compression, WHOLE, decompress)
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
 * What is compressed is read from its beginning only, so small files that may be metadata are kept from the first
 * reading, which goes to the very end: only there it is known that nothing is damaged.
 */
async function openCompressed(
  open: () => ReadableStream<Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): Promise<Omit<Tar, 'unpack'>> {
  const kept = new Map<TarFile, Uint8Array<ArrayBuffer>>()
  const spend = createBudget()
  const cursor = createStreamCursor(open())
  let room = MAX_KEPT
  const keep = async (file: TarFile): Promise<void> => {
    if (!mayBeJson(file) || file.size * LARGEST_SHARE > room) return
    room -= file.size
    const rest = await cursor.read(file.size - file.head.length)
    kept.set(file, new Uint8Array(await new Blob([file.head, rest]).arrayBuffer()))
  }
  const letGo = () => cursor.cancel().catch(() => {}) // where the stream has failed, the index has too
  const readAll = async () => {
    const index = await indexTar(cursor, keep, signal)
    await cursor.skip(Number.POSITIVE_INFINITY)
    return index
  }
  const index = await readAll().finally(letGo)
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
      if (!mayBeJson(file)) throw invalidArchive(`${shown(file.name)} is no JSON`)
      for await (const [, stream] of contents([file])) return bytesOf(stream)
      throw invalidArchive(`${shown(file.name)} is gone`)
    },
    contents,
  }
}

const bytesOf = async (content: Content): Promise<Uint8Array<ArrayBuffer>> =>
  content instanceof ReadableStream
    ? new Response(content as ReadableStream<Uint8Array<ArrayBuffer>>).bytes()
    : new Uint8Array(await content.arrayBuffer())

const mayBeJson = ({ size, head }: TarFile): boolean =>
  size <= MAX_MANIFEST_SIZE && (head[0] === BRACE || head[0] === BRACKET)

/** @throws RegistryError where a file is too large to be metadata, or all of them are together */
function createBudget(): (file: TarFile) => void {
  let left = MAX_METADATA
  return (file) => {
    requireSmall(file)
    left -= file.size
    if (left < 0) throw invalidArchive('the archive has too many manifests and configs')
  }
}

function requireSmall({ name, size }: TarFile): void {
  if (size > MAX_MANIFEST_SIZE) throw invalidArchive(`${shown(name)} is too large: ${size} bytes`)
}

const inOrder = (files: Iterable<TarFile>): TarFile[] =>
  [...new Set(files)].sort((one, other) => one.offset - other.offset)
