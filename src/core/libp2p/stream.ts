/**
 * Reads and writes libp2p streams with back-pressure. libp2p's own ways to iterate a stream take everything that a peer
 * sends into memory, and mistake a lost connection for the end of the stream.
 */
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import type { Bytes } from '../blobs/ports.ts'
import { peerFailed } from '../oci/error.ts'
import type { Receiver } from '../swarm/protocol/frame.ts'

/** Chunks that wait for the reader, however small they are. */
const MAX_CHUNKS = 1024

/** What libp2p may buffer of a paused stream: more than a peer may send before it is told to continue. */
const MAX_PAUSED_BYTES = 8 * 1024 * 1024

/** @param maxAhead - bytes that may wait here for the reader before the peer is made to wait */
export const createReceiver = (stream: Stream, maxAhead: number): Receiver =>
  new StreamReceiver(stream, maxAhead)

class StreamReceiver implements Receiver {
  readonly #stream: Stream
  readonly #maxAhead: number
  #chunks: Uint8Array[] = []
  #length = 0
  #isPaused = false
  #hasEnded: boolean
  #failure: unknown
  #wake = (): void => {}

  constructor(stream: Stream, maxAhead: number) {
    this.#stream = stream
    this.#maxAhead = maxAhead
    this.#hasEnded = stream.remoteWriteStatus === 'closed'
    this.#failure = stream.status === 'open' ? undefined : peerFailed('the stream is closed')
    stream.maxReadBufferLength = MAX_PAUSED_BYTES
    stream.addEventListener('remoteCloseWrite', () => this.#onEnd())
    stream.addEventListener('close', (event) => this.#onClose(event))
    stream.addEventListener('message', (event) => this.#onMessage(event))
  }

  async read(maxBytes: number): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure
      if (this.#length > 0) return this.#take(maxBytes)
      if (this.#hasEnded && this.#stream.readBufferLength === 0) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(maxBytes: number): Uint8Array {
    const first = this.#chunks.shift()!
    const chunk = first.subarray(0, maxBytes)
    if (chunk.byteLength < first.byteLength) this.#chunks.unshift(first.subarray(chunk.byteLength))
    this.#length -= chunk.byteLength
    if (this.#isPaused && this.#length <= this.#maxAhead / 2) this.#resume()
    return chunk
  }

  #resume(): void {
    this.#isPaused = false
    try {
      this.#stream.resume()
    } catch {
      // The stream was closed meanwhile. libp2p has passed on what it still held before it threw.
    }
  }

  #onMessage({ data }: StreamMessageEvent): void {
    for (const chunk of data instanceof Uint8Array ? [data] : data) this.#chunks.push(chunk)
    this.#length += data.byteLength
    const isFull = this.#length > this.#maxAhead || this.#chunks.length > MAX_CHUNKS
    if (isFull && !this.#isPaused) {
      this.#isPaused = true
      this.#stream.pause()
    }
    this.#wake()
  }

  #onEnd(): void {
    this.#hasEnded = true
    this.#wake()
  }

  #onClose({ error }: StreamCloseEvent): void {
    // Closed without an error and without its end: the connection was lost.
    if (error || !this.#hasEnded) {
      this.#failure = error ?? peerFailed('the connection is lost')
      this.#chunks = []
    }
    this.#wake()
  }
}

/** Sent at once: smaller pieces cost a frame each, and libp2p's windows cut larger ones anyway. */
const PIECE_BYTES = 256 * 1024

/** A stream is aborted if the peer reads nothing for this long. */
const STALL_MS = 30_000

/**
 * Sends no faster than the peer reads, so nothing piles up in memory.
 *
 * @throws the error that the stream was closed with, also if the peer closed it
 */
export async function sendAll(stream: Stream, bytes: Bytes, onSent: (bytes: number) => void): Promise<void> {
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.byteLength; start += PIECE_BYTES) {
      const piece = chunk.subarray(start, start + PIECE_BYTES)
      if (!stream.send(piece)) await waitForDrain(stream)
      onSent(piece.byteLength)
    }
  }
}

/** Replaces `stream.onDrain()`, which resolves at once after the first time. */
async function waitForDrain(stream: Stream): Promise<void> {
  while (stream.writableNeedsDrain) await nextDrain(stream)
}

function nextDrain(stream: Stream): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      clearTimeout(timer)
      stream.removeEventListener('drain', onDrain)
      stream.removeEventListener('close', onClose)
      if (error) reject(error)
      else resolve()
    }
    const onDrain = (): void => settle()
    const onClose = ({ error }: { error?: Error }): void =>
      settle(error ?? peerFailed('the connection is lost'))
    const timer = setTimeout(() => stream.abort(peerFailed('the peer stopped reading')), STALL_MS)
    stream.addEventListener('drain', onDrain)
    stream.addEventListener('close', onClose)
    if (stream.status !== 'open') settle(peerFailed('the stream is closed'))
  })
}
