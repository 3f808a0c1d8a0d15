/** Reads DER (X.690), as far as certificates and keys need it. */

export interface DerValue {
  readonly tag: number
  /** The content. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The encoded value, with its tag and length. */
  readonly whole: Uint8Array<ArrayBuffer>
}

export const SEQUENCE = 0x30
export const OID = 0x06
export const BIT_STRING = 0x03
export const OCTET_STRING = 0x04

/** Reads a sequence of values. @throws Error if one is cut off */
export function readDer(bytes: Uint8Array<ArrayBuffer>): DerValue[] {
  const values: DerValue[] = []
  for (let start = 0; start < bytes.length; ) {
    const [length, header] = lengthAt(bytes, start + 1)
    const end = start + 1 + header + length
    if (end > bytes.length) throw new Error('cut off')
    values.push({
      tag: bytes[start]!,
      bytes: bytes.subarray(start + 1 + header, end),
      whole: bytes.subarray(start, end),
    })
    start = end
  }
  return values
}

function lengthAt(bytes: Uint8Array, position: number): [length: number, header: number] {
  const first = bytes[position]
  if (first === undefined) throw new Error('cut off')
  if (first < 0x80) return [first, 1]
  const count = first & 0x7f
  if (count === 0 || count > 4) throw new Error('the length is not valid DER')
  let length = 0
  for (let index = 1; index <= count; index++) length = length * 256 + (bytes[position + index] ?? 0)
  return [length, 1 + count]
}

/** `1.2.840.113549` */
export function oidText({ bytes }: DerValue): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [first = 0, ...rest] = numbers
  const top = Math.min(Math.floor(first / 40), 2)
  return [top, first - 40 * top, ...rest].join('.')
}

/** UTCTime or GeneralizedTime, as RFC 3339 (RFC 5280, section 4.1.2.5). */
export function timeText({ tag, bytes }: DerValue): string | undefined {
  const text = new TextDecoder('latin1').decode(bytes)
  const [, year = '', month, day, hour, minute, second] =
    /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(text) ?? []
  if (!month) return undefined
  const full = tag === 0x17 ? `${Number(year) < 50 ? '20' : '19'}${year}` : year
  return `${full}-${month}-${day}T${hour}:${minute}:${second}Z`
}

const BMP_STRING = 0x1e

export const stringText = ({ tag, bytes }: DerValue): string =>
  tag === BMP_STRING
    ? String.fromCharCode(...bytes.subarray(0, 2048).filter((_, index) => index % 2 === 1))
    : new TextDecoder().decode(bytes)
