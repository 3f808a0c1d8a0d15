/** A tar with images as it lies there, plain or compressed by gzip: its small files, and ways to its large ones. */
import type { Sliceable } from '../client/sliceable.ts'
import { MAX_MANIFEST_SIZE } from '../oci/manifest.ts'
import { createSliceCursor, createStreamCursor } from './cursor.ts'
import { gunzip } from './gunzip.ts'
import { invalidArchive } from './invalid-archive.ts'
import { indexTar, shown, type TarFile, type TarIndex } from './tar-index.ts'

export interface Tar {
  /** By its name, through links. @throws RegistryError for a link that leads out of the tar, or nowhere */
  find(name: string): TarFile | undefined
  /** The whole of a small file. */
  read(file: TarFile): Promise<Uint8Array<ArrayBuffer>>
  /**
   * The bytes of large files, in the order in which they lie in the tar. Where it is compressed they come as streams,
   * each to be read to its end, or cancelled, before the next is asked for.
   */
  contents(
    files: Iterable<TarFile>,
  ): AsyncIterable<readonly [TarFile, Sliceable | ReadableStream<Uint8Array>]>
}

/** Of all small files together: manifests and configs of hundreds of images. */
const MAX_METADATA = 64 * 1024 * 1024

/** Links that follow each other. */
const MAX_LINKS = 8

const BRACE = 0x7b
const BRACKET = 0x5b

export async function openTar(file: Sliceable, signal?: AbortSignal): Promise<Tar> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer())
  const compression = compressionOf(head)
  if (compression === 'gzip') return openCompressed(file, signal)
  if (compression) throw invalidArchive(`the archive is compressed by ${compression}; unpack it, or use gzip`)
  return openPlain(file, signal)
}

async function openPlain(file: Sliceable, signal?: AbortSignal): Promise<Tar> {
  const index = await indexTar(createSliceCursor(file), undefined, signal)
  const sliceOf = ({ offset, size }: TarFile) => file.slice(offset, offset + size)
  const spend = createBudget()
  return {
    find: (name) => find(index, name),
    async read(file) {
      spend(file)
      return new Uint8Array(await sliceOf(file).arrayBuffer())
    },
    async *contents(files) {
      for (const file of inOrder(files)) yield [file, sliceOf(file)]
    },
  }
}

/** What is compressed is read from its beginning only, so small files that may be metadata are kept from the first reading. */
async function openCompressed(file: Sliceable, signal?: AbortSignal): Promise<Tar> {
  const decompressed = () => createStreamCursor(gunzip(file))
  const kept = new Map<TarFile, Uint8Array<ArrayBuffer>>()
  const spend = createBudget()
  const cursor = decompressed()
  const keep = async (file: TarFile): Promise<void> => {
    if (!mayBeJson(file)) return
    spend(file)
    const rest = await cursor.read(file.size - file.head.length)
    kept.set(file, new Uint8Array(await new Blob([file.head, rest]).arrayBuffer()))
  }
  const letGo = () => cursor.cancel().catch(() => {}) // where the stream has failed, the index has too
  const index = await indexTar(cursor, keep, signal).finally(letGo)
  return {
    find: (name) => find(index, name),
    async read(file) {
      const bytes = kept.get(file)
      if (bytes) return bytes.slice()
      requireSmall(file)
      throw invalidArchive(`${shown(file.name)} is no JSON`)
    },
    async *contents(files) {
      const cursor = decompressed()
      try {
        for (const file of inOrder(files)) {
          await cursor.skip(file.offset - cursor.position)
          yield [file, cursor.take(file.size)]
        }
      } finally {
        await cursor.cancel()
      }
    },
  }
}

/** By which program bytes were compressed, as their beginning tells. */
export const compressionOf = (head: Uint8Array): string | undefined =>
  Object.keys(MAGIC).find((program) => MAGIC[program]!.every((byte, position) => head[position] === byte))

const MAGIC: Readonly<Record<string, readonly number[]>> = {
  gzip: [0x1f, 0x8b],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
}

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

function find({ files, links }: TarIndex, name: string): TarFile | undefined {
  let target: string | undefined = name
  for (let followed = 0; target !== undefined; followed++) {
    if (!links.has(target)) return files.get(target)
    if (followed === MAX_LINKS) throw invalidArchive(`${shown(name)} is a link to links without end`)
    target = links.get(target)
  }
  throw invalidArchive(`${shown(name)} is a link that leads out of the archive`)
}

const inOrder = (files: Iterable<TarFile>): TarFile[] =>
  [...new Set(files)].sort((one, other) => one.offset - other.offset)
