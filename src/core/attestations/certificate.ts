/**
 * Reads what a certificate claims. Its signature isn't verified, so the claims may be false.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5280
 * @see https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
 */

import { type DerValue, oidText, readDer, SEQUENCE, stringText, timeText } from './der.ts'
import { bytesOf } from './loose-json.ts'

export interface Certificate {
  /** `CN=…, O=…`; empty if it has none, as in Fulcio's certificates. */
  readonly subject: string
  readonly issuer: string
  /** Subject alternative names: e-mail addresses and URIs. */
  readonly names: readonly string[]
  /** For Fulcio: who authenticated the signer, such as `https://accounts.google.com`. */
  readonly identityProvider: string | undefined
  readonly notBefore: string | undefined
  readonly notAfter: string | undefined
}

/** `undefined` if it isn't a certificate. @param text - PEM, of which the first certificate is read, or its base64 */
export function readCertificate(text: string): Certificate | undefined {
  const [, inside = text] = /-----BEGIN CERTIFICATE-----([\s\S]*?)-----END/.exec(text) ?? []
  const bytes = bytesOf(inside)
  try {
    return bytes && fromDer(bytes)
  } catch {
    return undefined
  }
}

const VERSION = 0xa0
const EXTENSIONS = 0xa3

function fromDer(bytes: Uint8Array<ArrayBuffer>): Certificate | undefined {
  const [certificate] = readDer(bytes)
  const [signed] = certificate?.tag === SEQUENCE ? readDer(certificate.bytes) : []
  if (signed?.tag !== SEQUENCE) return undefined
  const fields = readDer(signed.bytes).filter(({ tag }) => tag !== VERSION)
  const [, , issuer, validity, subject] = fields
  if (!issuer || !validity || !subject) return undefined
  const [notBefore, notAfter] = readDer(validity.bytes).map(timeText)
  const extensions = extensionsIn(fields.find(({ tag }) => tag === EXTENSIONS))
  return {
    subject: nameText(subject),
    issuer: nameText(issuer),
    names: alternativeNames(extensions.get('2.5.29.17')),
    identityProvider: providerIn(extensions),
    notBefore,
    notAfter,
  }
}

const ATTRIBUTES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
}

/** Attributes of a name that are shown. */
const MAX_ATTRIBUTES = 16

const nameText = ({ bytes }: DerValue): string =>
  readDer(bytes)
    .flatMap((set) => readDer(set.bytes))
    .slice(0, MAX_ATTRIBUTES)
    .map((pair) => {
      const [type, value] = readDer(pair.bytes)
      if (!type || !value) return ''
      return `${ATTRIBUTES[oidText(type)] ?? oidText(type)}=${stringText(value)}`
    })
    .filter(Boolean)
    .join(', ')

/** By object identifier: the content of the extension's octet string. */
function extensionsIn(field: DerValue | undefined): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const [list] = field ? readDer(field.bytes) : []
  const entries = list ? readDer(list.bytes).map(({ bytes }) => readDer(bytes)) : []
  return new Map(
    entries.flatMap((entry) => (entry.length > 1 ? [[oidText(entry[0]!), entry.at(-1)!.bytes]] : [])),
  )
}

const MAIL = 0x81
const DNS = 0x82
const URI = 0x86

function alternativeNames(extension: Uint8Array<ArrayBuffer> | undefined): readonly string[] {
  const [list] = extension ? readDer(extension) : []
  if (!list) return []
  return readDer(list.bytes)
    .filter(({ tag }) => [MAIL, DNS, URI].includes(tag))
    .slice(0, MAX_ATTRIBUTES)
    .map(stringText)
}

/** The newer extension holds a DER string, the older one raw text. */
function providerIn(extensions: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): string | undefined {
  const newer = extensions.get('1.3.6.1.4.1.57264.1.8')
  const older = extensions.get('1.3.6.1.4.1.57264.1.1')
  const [value] = newer ? readDer(newer) : []
  if (value) return stringText(value)
  return older && new TextDecoder().decode(older)
}
