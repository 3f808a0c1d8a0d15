/**
 * As much of DER as a certificate of ours needs: values of which each is a tag, a length and a content.
 *
 * @see https://www.itu.int/rec/T-REC-X.690 (8.1 and 10)
 */

/** ASCII, that is: the letters of DER's times and names. */
const encoder = new TextEncoder()

export const sequence = (...parts: Uint8Array[]): Buffer => value(0x30, ...parts)

export const set = (...parts: Uint8Array[]): Buffer => value(0x31, ...parts)

/** @param bytes - big-endian, the first below 0x80 and not 0 */
export const integer = (bytes: Uint8Array): Buffer => value(0x02, bytes)

/** @param hex - its content, as standards print it */
export const objectIdentifier = (hex: string): Buffer => value(0x06, Buffer.from(hex, 'hex'))

export const utf8String = (text: string): Buffer => value(0x0c, encoder.encode(text))

/** Until 2049, such as 000101000000Z. */
export const utcTime = (text: string): Buffer => value(0x17, encoder.encode(text))

/** From 2050 on, such as 99991231235959Z. */
export const generalizedTime = (text: string): Buffer => value(0x18, encoder.encode(text))

/** Of whole bytes. */
export const bitString = (bytes: Uint8Array): Buffer => value(0x03, Uint8Array.of(0), bytes)

/** `[number] EXPLICIT` */
export const explicit = (number: number, part: Uint8Array): Buffer => value(0xa0 + number, part)

function value(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content.length), content])
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  return length < 0x100 ? Uint8Array.of(0x81, length) : Uint8Array.of(0x82, length >> 8, length & 0xff)
}
