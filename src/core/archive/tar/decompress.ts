/**
 * Decompresses in any JavaScript engine, by libraries that are loaded when they are first needed. `DecompressionStream`
 * won't do: it accepts one gzip member, where pigz, bgzip and eStargz write many, and doesn't support zstd. Platforms with
 * something faster pass in their own.
 */
import { RegistryError } from '../../oci/error.ts'

/** The compressions that can be read. */
export type Compression = 'gzip' | 'zstd'

/** Fails with {@link DamagedError}, with UNSUPPORTED for {@link tooLargeWindow}, and as `bytes` does. */
export type Decompress = (
  compression: Compression,
  bytes: AsyncIterable<Uint8Array<ArrayBuffer>>,
) => AsyncIterable<Uint8Array<ArrayBuffer>>

/** The compressed bytes are invalid or cut off. */
export class DamagedError extends Error {}

/** Files written by `zstd --long` and `--ultra` may need gigabytes of memory. */
export const tooLargeWindow = (): RegistryError =>
  new RegistryError('UNSUPPORTED', 'needs too much memory to unpack; compress it without --long or --ultra')

export const decompress: Decompress = (compression, bytes) =>
  compression === 'gzip' ? gunzip(bytes) : unzstd(bytes)

/** Size of the chunks that are passed on. */
const CHUNK_BYTES = 64 * 1024

/** zlib's `windowBits`: any window, with the header and the checksum of gzip. */
const GZIP = 16 + 15

/** A file is a sequence of members and nothing else (RFC 1952, section 2.2). */
async function* gunzip(bytes: AsyncIterable<Uint8Array<ArrayBuffer>>) {
  const { inflate, isAtEnd } = await openInflate()
  for await (const chunk of bytes) yield* inflate(chunk)
  if (!isAtEnd()) throw new DamagedError('unexpected end')
}

async function openInflate() {
  const { ZStream, zlibInflate, zlibInflateInit2, zlibInflateReset, Z_NO_FLUSH, Z_BUF_ERROR, Z_STREAM_END } =
    await import('pako') // named imports, so that a build leaves out the compressor
  const stream = new ZStream()
  zlibInflateInit2(stream, GZIP)
  let isBetween = false

  const step = (): void => {
    if (isBetween) zlibInflateReset(stream)
    const status = zlibInflate(stream, Z_NO_FLUSH)
    if (status < 0 && status !== Z_BUF_ERROR) throw new DamagedError(stream.msg)
    isBetween = status === Z_STREAM_END
  }

  /** Collects the output of small members: there may be one for each of a thousand files. */
  function* inflate(input: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    Object.assign(stream, { input, next_in: 0, avail_in: input.length })
    for (let isPending = true; isPending; ) {
      Object.assign(stream, { output: new Uint8Array(CHUNK_BYTES), next_out: 0, avail_out: CHUNK_BYTES })
      while (stream.avail_in > 0 && stream.avail_out > 0) step()
      if (stream.avail_in === 0 && stream.avail_out > 0 && !isBetween) step() // flush what is left
      if (stream.next_out > 0) yield stream.output.subarray(0, stream.next_out)
      isPending = stream.avail_out === 0
    }
  }
  return { inflate, isAtEnd: () => isBetween }
}

/** Four compressed bytes may become two million, and all output of one push is in memory. */
const PIECE_BYTES = 64

/** What every decoder should support (RFC 8878, section 3.1.1.1.2). fzstd moves the whole window with each block. */
const MAX_WINDOW_BYTES = 8 * 1024 * 1024

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
    if (isFirst && windowOf(chunk) > MAX_WINDOW_BYTES) throw tooLargeWindow()
    isFirst = false
    for (let start = 0; start < chunk.length; start += PIECE_BYTES)
      yield* push(chunk.subarray(start, start + PIECE_BYTES))
  }
  yield* push(new Uint8Array(), true)
}

/** The window size of a frame, from its descriptor; without one, it is the size of the content. */
function windowOf(frame: Uint8Array): number {
  if (frame.length < 18 || frame[3] !== 0xfd) return 0 // too short to have one, or a skippable frame
  const [descriptor = 0, window = 0] = frame.subarray(4)
  if ((descriptor & 0x20) === 0) return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8)
  const size = 5 + [0, 1, 2, 4][descriptor & 3]!
  return descriptor >> 6 < 2 ? 0 : new DataView(frame.buffer, frame.byteOffset).getUint32(size, true)
}
