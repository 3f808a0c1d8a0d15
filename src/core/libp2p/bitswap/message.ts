/**
 * Messages of Bitswap, in Protocol Buffers: what is wanted, blocks, and who has what without sending it. Whoever sends
 * one may be hostile, so reading one costs no more than its length.
 *
 * @see https://specs.ipfs.tech/bitswap-protocol/#bitswap-1-2-0-wire-format
 */
import { varint } from 'multiformats'
import { fieldsOf } from './fields.ts'

/** The name of the protocol, for libp2p. */
export const BITSWAP = '/ipfs/bitswap/1.2.0'

export interface Want {
  readonly cid: Uint8Array
  /** It is wanted no more. */
  readonly isCancelled: boolean
  /** Not the block is wanted, but whether it is there. */
  readonly isQuestion: boolean
  /** An answer is wanted too where the block is not there. */
  readonly sendAbsence: boolean
}

export interface Message {
  readonly wants: readonly Want[]
  /** Their bytes; what they are, only their hash proves. */
  readonly blocks: readonly Uint8Array[]
  readonly absent: readonly Uint8Array[]
}

/** Several lists of them are not forbidden. */
const MAX_WANTS = 4096

const EMPTY = new Uint8Array()

/** @throws RangeError for what is no message */
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
    isQuestion: Boolean(parts[4]?.value),
    sendAbsence: Boolean(parts[5]?.value),
  }
}

const partsOf = (bytes: Uint8Array) =>
  Object.fromEntries([...fieldsOf(bytes)].map((field) => [field.number, field]))

/** A list of one block that is wanted, or wanted no more. */
export const encodeWant = (cid: Uint8Array, isCancelled = false): Uint8Array =>
  whole(1, whole(1, bytesOf(1, cid), numberOf(2, 1), numberOf(3, isCancelled ? 1 : 0), numberOf(5, 1)))

/**
 * The empty list, which must stand in a message that wants nothing: Kubo 0.34 stops with a nil pointer where there is
 * none.
 */
export const NO_WANTS = Uint8Array.of(8 + 2, 0)

export const encodePresence = (cid: Uint8Array, isHere: boolean): Uint8Array =>
  whole(4, bytesOf(1, cid), numberOf(2, isHere ? 0 : 1))

/** What stands before the bytes of a block, which are not copied for it. @param prefix - its CID without the hash */
export function encodeBlockHead(prefix: Uint8Array, size: number): Uint8Array {
  const head = joined(bytesOf(1, prefix), headOf(2, size))
  return joined(headOf(3, head.length + size), head)
}

/** How long the message is stands before it. */
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
