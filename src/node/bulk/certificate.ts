/**
 * The certificate under which a peer serves blobs by HTTPS, and the TLS settings of both ends. It is self-signed: a peer
 * tells its fingerprint over libp2p. It lives as long as the process and isn't stored. It is encoded here, because libraries
 * for certificates take more memory than everything else that HTTPS between peers needs.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 * @see https://www.itu.int/rec/T-REC-X.690 (DER: 8.1 and 10)
 */
import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'
import { promisify } from 'node:util'

/** DER's times and our name are ASCII. */
const encoder = new TextEncoder()

export const sequence = (...parts: Uint8Array[]): Buffer => value(0x30, ...parts)

export const set = (...parts: Uint8Array[]): Buffer => value(0x31, ...parts)

/** @param bytes - big-endian, the first below 0x80 and not 0 */
export const integer = (bytes: Uint8Array): Buffer => value(0x02, bytes)

/** @param hex - the encoded content, as standards print it */
export const objectIdentifier = (hex: string): Buffer => value(0x06, Buffer.from(hex, 'hex'))

export const utf8String = (text: string): Buffer => value(0x0c, encoder.encode(text))

/** For dates until 2049, such as 000101000000Z. */
export const utcTime = (text: string): Buffer => value(0x17, encoder.encode(text))

/** For dates from 2050 on, such as 99991231235959Z. */
export const generalizedTime = (text: string): Buffer => value(0x18, encoder.encode(text))

/** A bit string of whole bytes. */
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

export interface Certificate {
  /** PKCS #8, as PEM. */
  readonly key: string
  /** X.509, as PEM. */
  readonly certificate: string
  /** The sha-256 of its DER form, in hexadecimal. */
  readonly fingerprint: string
}

/** RFC 5758, 3.2. Every TLS library supports it, and with P-256 it is the fastest to sign with. */
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('2a8648ce3d040302'))

/** X.509 version 3 is encoded as 2. */
const VERSION = explicit(0, integer(Uint8Array.of(2)))

/** commonName */
const NAME = sequence(set(sequence(objectIdentifier('550403'), utf8String('flotilla'))))

/** Unlimited: peers don't check the dates, and their clocks differ. */
const VALIDITY = sequence(utcTime('000101000000Z'), generalizedTime('99991231235959Z'))

export async function createCertificate(): Promise<Certificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const subject = publicKey.export({ type: 'spki', format: 'der' })
  const toSign = sequence(VERSION, serialNumber(), ECDSA_WITH_SHA256, NAME, VALIDITY, NAME, subject)
  const signature = sign('sha256', toSign, privateKey)
  const certificate = sequence(toSign, ECDSA_WITH_SHA256, bitString(signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${linesOf(certificate)}\n-----END CERTIFICATE-----\n`,
    fingerprint: createHash('sha256').update(certificate).digest('hex'),
  }
}

/** A positive integer of constant length. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return integer(bytes)
}

/** @see https://www.rfc-editor.org/rfc/rfc7468#section-2 */
const linesOf = (bytes: Buffer): string => bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n')

/** AES-128-GCM comes first, because it is the fastest TLS 1.3 cipher on processors with AES instructions. */
export const TLS: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  ca: [], // none: peers are verified by fingerprint, and the default certificate authorities would take memory
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384',
}
