/**
 * What was compressed, as it was before: in any JavaScript, by libraries that are loaded when the first such file is met.
 * `DecompressionStream` will not do: it takes one member of gzip, where pigz, bgzip and eStargz write many, and knows no
 * zstd. Platforms that have something faster bring it along.
 */
import { RegistryError } from '../oci/error.ts'

/** Programs whose files can be read. */
export type Compression = 'gzip' | 'zstd'

/** Fails with {@link DamagedError}, with UNSUPPORTED for {@link tooLargeWindow}, and as `bytes` does. */
export type Decompress = (
  compression: Compression,
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
) => AsyncIterable<Uint8Array<ArrayBuffer>>

/** Bytes that the program that they claim to be of has not written, or not to their end. */
export class DamagedError extends Error {}

/** What `zstd --long` and `--ultra` write may need gigabytes to be read. */
export const tooLargeWindow = (): RegistryError =>
  new RegistryError(
    'UNSUPPORTED',
    'takes too much memory to unpack here; compress it without --long or --ultra',
  )

export const decompress: Decompress = (compression, bytes) =>
  compression === 'gzip' ? gunzip(bytes) : unzstd(bytes)

/** Bytes that are handed on at a time. */
const CHUNK = 64 * 1024

/** zlib's `windowBits`: any window, with the header and the checksum of gzip. */
const GZIP = 16 + 15

/** Members follow each other until the end, and nothing else does (RFC 1952, section 2.2). */
async function* gunzip(bytes: AsyncIterable<Uint8Array<ArrayBuffer>>) {
  const { inflate, isAtEnd } = await openInflate()
  for await (const chunk of bytes) yield* inflate(chunk)
  if (!isAtEnd()) throw new DamagedError('unexpected end')
}

async function openInflate() {
  const { ZStream, zlibInflate, zlibInflateInit2, zlibInflateReset, Z_NO_FLUSH, Z_BUF_ERROR, Z_STREAM_END } =
    await import('pako') // by name, so that a build leaves out what compresses
  const stream = new ZStream()
  zlibInflateInit2(stream, GZIP)
  let isBetween = false

  const step = (): void => {
    if (isBetween) zlibInflateReset(stream)
    const status = zlibInflate(stream, Z_NO_FLUSH)
    if (status < 0 && status !== Z_BUF_ERROR) throw new DamagedError(stream.msg)
    isBetween = status === Z_STREAM_END
  }

  /** What is small waits for more of the same input: there may be a member for each of a thousand files. */
  function* inflate(input: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    Object.assign(stream, { input, next_in: 0, avail_in: input.length })
    for (let isPending = true; isPending; ) {
      Object.assign(stream, { output: new Uint8Array(CHUNK), next_out: 0, avail_out: CHUNK })
      while (stream.avail_in > 0 && stream.avail_out > 0) step()
      if (stream.avail_in === 0 && stream.avail_out > 0 && !isBetween) step() // what is left from before
      if (stream.next_out > 0) yield stream.output.subarray(0, stream.next_out)
      isPending = stream.avail_out === 0
    }
  }
  return { inflate, isAtEnd: () => isBetween }
}

/** Four bytes may stand for two million: what comes of so many waits in memory. */
const PIECE = 64

/** What every decoder should take (RFC 8878, section 3.1.1.1.2). fzstd moves all of it with each block. */
const MAX_WINDOW = 8 * 1024 * 1024

async function* unzstd(bytes: AsyncIterable<Uint8Array<ArrayBuffer>>) {
  const { Decompress } = await import('fzstd')
  const unpacked: Uint8Array<ArrayBuffer>[] = []
  const engine = new Decompress((chunk) => unpacked.push(chunk as Uint8Array<ArrayBuffer>))
  const push = (piece: Uint8Array, isLast = false) => {
    try {
      engine.push(piece, isLast)
      return unpacked.splice(0)
    } catch (error) {
      throw new DamagedError((error as Error).message)
    }
  }
  let isFirst = true
  for await (const chunk of bytes) {
    if (isFirst && windowOf(chunk) > MAX_WINDOW) throw tooLargeWindow()
    isFirst = false
    for (let start = 0; start < chunk.length; start += PIECE)
      yield* push(chunk.subarray(start, start + PIECE))
  }
  yield* push(new Uint8Array(), true)
}

/** Of the frame that begins there: its descriptor says it, or it is as large as the content. */
function windowOf(frame: Uint8Array): number {
  if (frame.length < 18 || frame[3] !== 0xfd) return 0 // too short for any, or to be skipped
  const [descriptor = 0, window = 0] = frame.subarray(4)
  if ((descriptor & 0x20) === 0) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)
  const size = 5 + [0, 1, 2, 4][descriptor & 3]!
  return descriptor >> 6 < 2 ? 0 : new DataView(frame.buffer, frame.byteOffset).getUint32(size, true)
}
