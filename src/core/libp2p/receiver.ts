/**
 * Reads a stream of libp2p at the reader's own speed. Apart because libp2p's own ways to iterate a stream take all that
 * a peer sends into memory, and take a connection that is lost for the end of the stream.
 */

import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'
import { peerFailed } from '../oci/error.ts'
import type { Receiver } from '../swarm/protocol/frame.ts'

/** Pieces that wait for the reader, however small they are. */
const MAX_PIECES = 1024

/** Bytes that libp2p itself may hold of a paused stream: more than a peer may send before it is told to go on. */
const MAX_PAUSED = 8 * 1024 * 1024

/** @param ahead - bytes that may wait here for the reader before the peer is made to wait */
export function createReceiver(stream: Stream, ahead: number): Receiver {
  let waiting: Uint8Array[] = []
  let length = 0
  let isPaused = false
  let hasEnded = stream.remoteWriteStatus === 'closed'
  let failure: unknown = stream.status === 'open' ? undefined : peerFailed('the stream is closed')
  let wake = (): void => {}

  const onMessage = ({ data }: StreamMessageEvent): void => {
    for (const part of data instanceof Uint8Array ? [data] : data) waiting.push(part)
    length += data.byteLength
    if ((length > ahead || waiting.length > MAX_PIECES) && !isPaused) {
      isPaused = true
      stream.pause()
    }
    wake()
  }
  const onEnd = (): void => {
    hasEnded = true
    wake()
  }
  const onClose = ({ error }: StreamCloseEvent): void => {
    // Without an error and without its end, it was the connection that went away.
    if (error || !hasEnded) {
      failure = error ?? peerFailed('the connection is lost')
      waiting = []
    }
    wake()
  }
  stream.maxReadBufferLength = MAX_PAUSED
  stream.addEventListener('remoteCloseWrite', onEnd)
  stream.addEventListener('close', onClose)
  stream.addEventListener('message', onMessage)

  const goOn = (): void => {
    isPaused = false
    try {
      stream.resume()
    } catch {
      // It was closed meanwhile; what libp2p still held of it has been handed over before this was thrown.
    }
  }

  return {
    async read(most) {
      for (;;) {
        if (failure) throw failure
        if (length > 0) break
        if (hasEnded && stream.readBufferLength === 0) return undefined
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const first = waiting.shift()!
      const chunk = first.subarray(0, most)
      if (chunk.byteLength < first.byteLength) waiting.unshift(first.subarray(chunk.byteLength))
      length -= chunk.byteLength
      if (isPaused && length <= ahead / 2) goOn()
      return chunk
    },
  }
}
