/** The fields of a message in Protocol Buffers. @see https://protobuf.dev/programming-guides/encoding/ */

export interface Field {
  readonly number: number
  /** Of a field that is a number, as far as JavaScript can count. */
  readonly value: number
  /** Of any other; a view. */
  readonly bytes: Uint8Array
}

/** Bytes of the longest number. */
const MAX_BYTES = 10

/** More of them than this are no message, but an attempt to have memory taken for each. */
const MAX_FIELDS = 4096

const NOTHING = new Uint8Array()

/** @throws RangeError where there are none in these bytes */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  let at = 0

  function readNumber(): number {
    let value = 0
    for (let count = 0; count < MAX_BYTES; count++) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** (7 * count)
      if (byte < 0x80) return value
    }
    throw new RangeError('a number that does not end')
  }

  function readBytes(length: number): Uint8Array {
    if (length > bytes.length - at) throw new RangeError('a field that does not end')
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
    else throw new RangeError(`a field of the unknown type ${type}`)
  }
}
