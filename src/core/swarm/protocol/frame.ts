/**
 * One JSON value on a stream: its length as an unsigned varint, then its UTF-8 text. The length is checked before any of
 * it is read into memory, because the sender may be hostile.
 *
 * @see https://github.com/multiformats/unsigned-varint
 */

import { varint } from 'multiformats'
import { peerFailed } from '../../oci/error.ts'

/** Reads a stream with back-pressure. */
export interface Receiver {
  /**
   * At least one byte and at most `maxBytes`; `undefined` at the end of the stream. One call at a time. The memory may
   * be shared with other chunks, but nobody writes to it any more.
   *
   * @throws what the stream was aborted with, or UNAVAILABLE if the peer closed it too early
   */
  read(maxBytes: number): Promise<Uint8Array | undefined>
}

/** Without the bytes that follow it. */
const MAX_RESPONSE_BYTES = 1024 * 1024

export function encodeFrame(value: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value))
  const prefixLength = varint.encodingLength(text.byteLength)
  const frame = new Uint8Array(prefixLength + text.byteLength)
  varint.encodeTo(text.byteLength, frame)
  frame.set(text, prefixLength)
  return frame
}

/** @throws UNAVAILABLE if the text is longer than `maxBytes`, ends early or is not JSON */
export async function readFrame(receiver: Receiver, maxBytes: number): Promise<unknown> {
  const text = await readWhole(receiver, await readLength(receiver, maxBytes))
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch (error) {
    throw peerFailed('the peer sent a message that is not JSON', error)
  }
}

/** The value of a response, without the bytes that follow. @throws UNAVAILABLE if it is not a response */
export async function readResponse(receiver: Receiver): Promise<unknown> {
  const frame = await readFrame(receiver, MAX_RESPONSE_BYTES)
  if (typeof frame === 'object' && frame && 'ok' in frame) return frame.ok
  throw peerFailed('the peer sent a message that is not a response')
}

/** @param first - the first byte, if it has been read already @throws UNAVAILABLE for more than `maxBytes` */
export async function readLength(receiver: Receiver, maxBytes: number, first?: number): Promise<number> {
  let length = 0
  for (let shift = 0; length <= maxBytes && shift <= 21; shift += 7) {
    const [byte] = shift === 0 && first !== undefined ? [first] : await readSome(receiver, 1)
    length += (byte! & 0x7f) << shift
    if (byte! < 0x80) {
      if (length <= maxBytes) return length
      break
    }
  }
  throw peerFailed(`the peer sent a message of more than ${maxBytes} bytes`)
}

/** Exactly so many bytes. @throws UNAVAILABLE if the stream ends before */
export async function readWhole(receiver: Receiver, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  for (let filled = 0; filled < length; ) {
    const chunk = await readSome(receiver, length - filled)
    bytes.set(chunk, filled)
    filled += chunk.byteLength
  }
  return bytes
}

async function readSome(receiver: Receiver, maxBytes: number): Promise<Uint8Array> {
  const chunk = await receiver.read(maxBytes)
  if (chunk) return chunk
  throw peerFailed('the peer closed the stream in the middle of a message')
}
