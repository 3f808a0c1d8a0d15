/** Recognises compressed bytes and decompresses them. */

import { streamOf } from '../../blobs/streams.ts'
import type { Sliceable } from '../../client/sliceable.ts'
import { RegistryError } from '../../oci/error.ts'
import { invalidArchive } from '../errors.ts'
import { type Compression, DamagedError, type Decompress } from './decompress.ts'

/** A file, or its bytes as a stream. */
export type Content = Sliceable | ReadableStream<Uint8Array>

const MAGIC_BYTES: readonly (readonly [program: string, ...bytes: number[]])[] = [
  ['gzip', 0x1f, 0x8b],
  ['zstd', 0x28, 0xb5, 0x2f, 0xfd],
  ['zstd', 0x50, 0x2a, 0x4d, 0x18], // begins with a skippable frame, as pzstd writes
  ['bzip2', 0x42, 0x5a, 0x68],
  ['xz', 0xfd, 0x37, 0x7a, 0x58, 0x5a],
  ['lz4', 0x04, 0x22, 0x4d, 0x18],
]

/** The program that compressed a file with these first bytes; `undefined` if it isn't compressed. */
export const programOf = (head: Uint8Array): string | undefined =>
  MAGIC_BYTES.find(([, ...bytes]) => bytes.every((byte, at) => head[at] === byte))?.[0]

/** @throws RegistryError naming `what`, for an unsupported compression */
export function compressionOf(head: Uint8Array, what: string): Compression | undefined {
  const program = programOf(head)
  if (program === undefined || program === 'gzip' || program === 'zstd') return program
  throw invalidArchive(
    `${what} is compressed with ${program}, which is not supported; unpack it, or use gzip or zstd`,
  )
}

/** The decompressed bytes. The stream fails with a RegistryError that names `what`, or as `content` does. */
export function decompressed(
  content: Content,
  compression: Compression,
  what: string,
  decompress: Decompress,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const stream = content instanceof ReadableStream ? content : content.stream()
  return streamOf(naming(what, decompress(compression, stream as ReadableStream<Uint8Array<ArrayBuffer>>)))
}

async function* naming<T>(what: string, chunks: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* chunks
  } catch (error) {
    throw failureOf(error, what)
  }
}

function failureOf(error: unknown, what: string): unknown {
  if (error instanceof DamagedError) {
    return invalidArchive(`${what} is damaged or cut off (${error.message}); download it again`, error)
  }
  if (!(error instanceof RegistryError)) return error
  return new RegistryError(error.code, `${what} ${error.message}`, { cause: error })
}
