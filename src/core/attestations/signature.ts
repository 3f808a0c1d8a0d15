/**
 * Reads signatures of images in the common formats: what was signed, when, and by whom, according to the signature.
 *
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 * @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
 * @see https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md
 */
import { type Certificate, readCertificate } from './certificate.ts'
import { at, bytesOf, type Json, objectIn, objectsIn, textIn } from './loose-json.ts'
import type { Signed } from './verify.ts'

export interface Signature {
  readonly format: 'cosign' | 'DSSE' | 'Sigstore bundle' | 'Notation'
  readonly certificate?: Certificate | undefined
  /** The signer's name for the key. */
  readonly key?: string | undefined
  /** RFC 3339. */
  readonly time?: string | undefined
  /** The source of the time. */
  readonly timeBy?: 'transparency log' | 'signer' | undefined
  /** Index of the entry in the transparency log. */
  readonly logIndex?: string | undefined
  /** Absent if a key alone isn't enough to verify it. */
  readonly signed?: Signed | undefined
}

const COSIGN = 'dev.cosignproject.cosign/signature'

/** A cosign signature, which is in the annotations of the layer that it signs. */
export function cosignSignature(
  bytes: Uint8Array<ArrayBuffer>,
  annotations: Readonly<Record<string, string>>,
): Signature | undefined {
  const signature = bytesOf(annotations[COSIGN])
  const certificate = annotations['dev.sigstore.cosign/certificate']
  if (!signature && certificate === undefined) return undefined
  const entry = at(jsonOf(annotations['dev.sigstore.cosign/bundle']), 'Payload')
  return {
    format: 'cosign',
    certificate: certificate === undefined ? undefined : readCertificate(certificate),
    ...loggedAt(at(entry, 'integratedTime'), at(entry, 'logIndex')),
    signed: signature && { bytes, signature, isRaw: false },
  }
}

export interface Envelope {
  readonly payload: Uint8Array<ArrayBuffer>
  readonly payloadType: string
  readonly signatures: readonly Signature[]
}

/** `undefined` if it isn't a DSSE envelope. */
export function readEnvelope(document: Json): Envelope | undefined {
  const payload = bytesOf(document['payload'])
  const payloadType = textIn(document['payloadType'])
  if (!payload || payloadType === undefined) return undefined
  const bytes = preAuthentication(payloadType, payload)
  const signatures = objectsIn(document['signatures']).map(({ sig, keyid, cert }): Signature => {
    const signature = bytesOf(sig)
    return {
      format: 'DSSE',
      key: textIn(keyid),
      certificate: typeof cert === 'string' ? readCertificate(cert) : undefined,
      signed: signature && { bytes, signature, isRaw: false },
    }
  })
  return { payload, payloadType, signatures }
}

/** DSSE's pre-authentication encoding, which is signed instead of the payload. */
function preAuthentication(type: string, payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const typeBytes = new TextEncoder().encode(type)
  const head = new TextEncoder().encode(`DSSEv1 ${typeBytes.length} ${type} ${payload.length} `)
  const bytes = new Uint8Array(head.length + payload.length)
  bytes.set(head)
  bytes.set(payload, head.length)
  return bytes
}

/** A Sigstore bundle holds an envelope, or a signature of a message that isn't in the bundle. */
export function readBundle(
  document: Json,
): { envelope: Envelope | undefined; signatures: readonly Signature[] } | undefined {
  const material = document['verificationMaterial']
  if (material === undefined) return undefined
  const raw =
    at(material, 'certificate', 'rawBytes') ??
    objectsIn(at(material, 'x509CertificateChain', 'certificates'))[0]?.['rawBytes']
  const [entry] = objectsIn(at(material, 'tlogEntries'))
  const claims = {
    format: 'Sigstore bundle' as const,
    certificate: typeof raw === 'string' ? readCertificate(raw) : undefined,
    key: textIn(at(material, 'publicKey', 'hint')),
    ...loggedAt(entry?.['integratedTime'], entry?.['logIndex']),
  }
  const envelope = readEnvelope(objectIn(document['dsseEnvelope']))
  const signatures = envelope ? envelope.signatures.map(({ signed }) => ({ ...claims, signed })) : [claims]
  return { envelope, signatures }
}

/** A Notation signature, as a JWS. */
export function readNotation(document: Json): { payload: Json; signature: Signature } | undefined {
  const { payload, protected: head, signature } = document
  const signatureBytes = bytesOf(signature)
  if (typeof payload !== 'string' || typeof head !== 'string' || !signatureBytes) return undefined
  const header = objectIn(jsonOf(textOf(bytesOf(head))))
  const [certificate] = (at(document, 'header', 'x5c') as readonly unknown[] | undefined) ?? []
  return {
    payload: objectIn(jsonOf(textOf(bytesOf(payload)))),
    signature: {
      format: 'Notation',
      certificate: typeof certificate === 'string' ? readCertificate(certificate) : undefined,
      time: textIn(header['io.cncf.notary.signingTime']),
      timeBy: 'signer',
      signed: {
        bytes: new TextEncoder().encode(`${head}.${payload}`),
        signature: signatureBytes,
        isRaw: true,
      },
    },
  }
}

/** @param seconds - since 1970, as a number or text */
function loggedAt(seconds: unknown, index: unknown): Pick<Signature, 'time' | 'timeBy' | 'logIndex'> {
  const date = new Date(Number(seconds ?? Number.NaN) * 1000)
  const logIndex = /^\d+$/.test(String(index)) ? String(index) : undefined
  return Number.isNaN(date.getTime())
    ? { logIndex }
    : { time: date.toISOString(), timeBy: 'transparency log', logIndex }
}

const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes)

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}
