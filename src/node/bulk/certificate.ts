/**
 * The certificate under which a peer serves blobs by HTTPS. Nobody else signs it: whoever connects knows its
 * fingerprint from the peer itself, over libp2p. It lives as long as the process and is stored nowhere. It is put together
 * here: libraries for certificates of all kinds take more memory than all else that HTTPS between peers needs.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
import { createHash, generateKeyPair, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'
import {
  bitString,
  explicit,
  generalizedTime,
  integer,
  objectIdentifier,
  sequence,
  set,
  utcTime,
  utf8String,
} from './der.ts'

export interface Certificate {
  /** PKCS #8, as PEM. */
  readonly key: string
  /** X.509, as PEM. */
  readonly certificate: string
  /** The sha-256 of its DER form, in hexadecimal. */
  readonly fingerprint: string
}

/** RFC 5758, 3.2: what every TLS library has, and, over P-256, the fastest to sign with. */
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('2a8648ce3d040302'))

/** 2 for version 3. */
const VERSION = explicit(0, integer(Uint8Array.of(2)))

/** commonName */
const NAME = sequence(set(sequence(objectIdentifier('550403'), utf8String('flotilla'))))

/** No one looks at the dates, and the clocks of peers differ. */
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

/** Positive, and of one length. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return integer(bytes)
}

/** @see https://www.rfc-editor.org/rfc/rfc7468#section-2 */
const linesOf = (bytes: Buffer): string => bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
