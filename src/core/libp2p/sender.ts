/** Writes to a stream of libp2p no faster than the peer takes it, so that nothing piles up in memory. */

import type { Stream } from '@libp2p/interface'
import type { Bytes } from '../blobs/ports.ts'
import { peerFailed } from '../oci/error.ts'

/** Bytes handed to libp2p at once. Smaller ones cost a frame each, larger ones are cut by its windows anyway. */
const PIECE = 256 * 1024

/** A peer that takes nothing for this long is let go, in milliseconds. */
const STALL = 30_000

/** @throws what the stream was closed with, also where it was the peer that let go */
export async function sendAll(stream: Stream, bytes: Bytes, onSent: (bytes: number) => void): Promise<void> {
  for await (const chunk of bytes) {
    for (let start = 0; start < chunk.byteLength; start += PIECE) {
      const piece = chunk.subarray(start, start + PIECE)
      if (!stream.send(piece)) await drained(stream)
      onSent(piece.byteLength)
    }
  }
}

/** Not `stream.onDrain()`, which resolves at once after the first time. */
async function drained(stream: Stream): Promise<void> {
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
    const timer = setTimeout(() => stream.abort(peerFailed('the peer takes no more')), STALL)
    stream.addEventListener('drain', onDrain)
    stream.addEventListener('close', onClose)
    if (stream.status !== 'open') settle(peerFailed('the stream is closed'))
  })
}
