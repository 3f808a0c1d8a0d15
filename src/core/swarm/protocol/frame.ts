/**
 * One JSON value on a stream: its length as an unsigned varint, then its UTF-8 text. The length is checked before
 * anything is kept, as whoever sends it may be hostile.
 *
 * @see https://github.com/multiformats/unsigned-varint
 */

import { varint } from 'multiformats'
import { peerFailed } from '../../oci/error.ts'

/** Reads a stream at the speed of whoever calls. */
export interface Receiver {
  /**
   * At least one byte and at most `most`; `undefined` at the end of the stream. One call at a time. Nobody writes to the
   * memory any more, which libp2p may have cut into several chunks.
   *
   * @throws what the stream was aborted with, or UNAVAILABLE where the peer broke off
   */
  read(most: number): Promise<Uint8Array | undefined>
}

/** Bytes of an answer, without those that follow it. */
const MAX_ANSWER = 1024 * 1024

export function encodeFrame(value: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value))
  const prefix = varint.encodingLength(text.byteLength)
  const frame = new Uint8Array(prefix + text.byteLength)
  varint.encodeTo(text.byteLength, frame)
  frame.set(text, prefix)
  return frame
}

/** @param most - bytes of text @throws UNAVAILABLE for what is too long, ends early or is no JSON */
export async function readFrame(receiver: Receiver, most: number): Promise<unknown> {
  const text = await readWhole(receiver, await readLength(receiver, most))
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch (error) {
    throw peerFailed('the peer sent what is no JSON', error)
  }
}

/** What a peer answers, without the bytes that follow. @throws UNAVAILABLE where it is no answer */
export async function readAnswer(receiver: Receiver): Promise<unknown> {
  const frame = await readFrame(receiver, MAX_ANSWER)
  if (typeof frame === 'object' && frame && 'ok' in frame) return frame.ok
  throw peerFailed('the peer sent what is no answer')
}

/** @param first - its first byte, where that has been read @throws UNAVAILABLE for more than `most` */
export async function readLength(receiver: Receiver, most: number, first?: number): Promise<number> {
  let length = 0
  for (let shift = 0; length <= most && shift <= 21; shift += 7) {
    const [byte] = shift === 0 && first !== undefined ? [first] : await readSome(receiver, 1)
    length += (byte! & 0x7f) << shift
    if (byte! < 0x80) {
      if (length <= most) return length
      break
    }
  }
  throw peerFailed('the peer sent a message that is too long')
}

/** So many bytes. @throws UNAVAILABLE where they end before */
export async function readWhole(receiver: Receiver, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  for (let filled = 0; filled < length; ) {
    const chunk = await readSome(receiver, length - filled)
    bytes.set(chunk, filled)
    filled += chunk.byteLength
  }
  return bytes
}

async function readSome(receiver: Receiver, most: number): Promise<Uint8Array> {
  const chunk = await receiver.read(most)
  if (chunk) return chunk
  throw peerFailed('the peer broke off in the middle of a message')
}
