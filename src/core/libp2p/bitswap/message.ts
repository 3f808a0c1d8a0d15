/**
 * Bitswap messages in Protocol Buffers: wants, blocks, and the presence of blocks. The sender may be hostile, so decoding
 * costs no more than the length of the message.
 *
 * @see https://specs.ipfs.tech/bitswap-protocol/#bitswap-1-2-0-wire-format
 */
import { varint } from 'multiformats'

/** The name of the protocol, for libp2p. */
export const BITSWAP = '/ipfs/bitswap/1.2.0'

export interface Want {
  readonly cid: Uint8Array
  /** The block is no longer wanted. */
  readonly isCancelled: boolean
  /** The peer only wants to know whether the block is here (`want-have`). */
  readonly isPresenceOnly: boolean
  /** The peer wants a response also if the block is not here. */
  readonly sendAbsence: boolean
}

export interface Message {
  readonly wants: readonly Want[]
  /** Unverified. */
  readonly blocks: readonly Uint8Array[]
  readonly absent: readonly Uint8Array[]
}

/** Of all lists in a message; several are allowed. */
const MAX_WANTS = 4096

const EMPTY = new Uint8Array()

/** @throws RangeError if the bytes are not a message */
export function decodeMessage(bytes: Uint8Array): Message {
  const wants: Want[] = []
  const blocks: Uint8Array[] = []
  const absent: Uint8Array[] = []
  for (const { number, bytes: part } of fieldsOf(bytes)) {
    if (wants.length > MAX_WANTS) throw new RangeError('too many wants')
    if (number === 1) wants.push(...wantsOf(part))
    if (number === 3) blocks.push(partsOf(part)[2]?.bytes ?? EMPTY)
    if (number === 4) {
      const parts = partsOf(part)
      if (parts[2]?.value) absent.push(parts[1]?.bytes ?? EMPTY)
    }
  }
  return { wants, blocks, absent }
}

const wantsOf = (list: Uint8Array) =>
  [...fieldsOf(list)].filter(({ number }) => number === 1).map(({ bytes }) => decodeWant(bytes))

function decodeWant(bytes: Uint8Array): Want {
  const parts = partsOf(bytes)
  return {
    cid: parts[1]?.bytes ?? EMPTY,
    isCancelled: Boolean(parts[3]?.value),
    isPresenceOnly: Boolean(parts[4]?.value),
    sendAbsence: Boolean(parts[5]?.value),
  }
}

const partsOf = (bytes: Uint8Array) =>
  Object.fromEntries([...fieldsOf(bytes)].map((field) => [field.number, field]))

/** A want list with one entry. */
export const encodeWant = (cid: Uint8Array, isCancelled = false): Uint8Array =>
  whole(1, whole(1, bytesOf(1, cid), numberOf(2, 1), numberOf(3, isCancelled ? 1 : 0), numberOf(5, 1)))

/**
 * The empty want list. A message must not lack it, because Kubo 0.34 crashes with a nil pointer.
 */
export const NO_WANTS = Uint8Array.of(8 + 2, 0)

export const encodePresence = (cid: Uint8Array, isHere: boolean): Uint8Array =>
  whole(4, bytesOf(1, cid), numberOf(2, isHere ? 0 : 1))

/** What precedes the bytes of a block, so that they need no copy. @param prefix - its CID without the hash */
export function encodeBlockHead(prefix: Uint8Array, size: number): Uint8Array {
  const head = joined(bytesOf(1, prefix), headOf(2, size))
  return joined(headOf(3, head.length + size), head)
}

/** Precedes each message. */
export function encodeLength(length: number): Uint8Array {
  return varint.encodeTo(length, new Uint8Array(varint.encodingLength(length)))
}

const headOf = (number: number, length: number) => joined(encodeLength(8 * number + 2), encodeLength(length))
const bytesOf = (number: number, bytes: Uint8Array) => joined(headOf(number, bytes.length), bytes)
const whole = (number: number, ...parts: Uint8Array[]) => bytesOf(number, joined(...parts))
const numberOf = (number: number, value: number) => joined(encodeLength(8 * number), encodeLength(value))

function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

export interface Field {
  readonly number: number
  /** Of a numeric field; inexact beyond 2^53. */
  readonly value: number
  /** Of any other field, as a view. */
  readonly bytes: Uint8Array
}

/** Bytes of the longest varint. */
const MAX_VARINT_BYTES = 10

/** More fields would only waste memory. */
const MAX_FIELDS = 4096

const NOTHING = new Uint8Array()

/** The fields of a message. @throws RangeError if the bytes are not fields */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0

  function readNumber(): number {
    let value = 0
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** (7 * count)
      if (byte < 0x80) return value
    }
    throw new RangeError('a number is cut off')
  }

  function readBytes(length: number): Uint8Array {
    if (length > bytes.length - at) throw new RangeError('a field is cut off')
    at += length
    return bytes.subarray(at - length, at)
  }

  for (let count = 0; at < bytes.length; count++) {
    if (count === MAX_FIELDS) throw new RangeError('too many fields')
    const tag = readNumber()
    const number = Math.floor(tag / 8)
    const type = tag % 8
    if (type === 0) yield { number, value: readNumber(), bytes: NOTHING }
    else if (type === 2) yield { number, value: 0, bytes: readBytes(readNumber()) }
    else if (type === 1) readBytes(8)
    else if (type === 5) readBytes(4)
    else throw new RangeError(`a field has the unknown wire type ${type}`)
  }
}
