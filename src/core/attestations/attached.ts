/** Reads a document that is attached to an image, in any supported form: unwraps it, and says who signed it and what it says. */
import { parseJson } from '../oci/json.ts'
import { at, digestsIn, type Json, objectIn, objectsIn, textIn } from './loose-json.ts'
import { type Provenance, readProvenance } from './provenance.ts'
import { readSbom, type Sbom } from './sbom.ts'
import {
  cosignSignature,
  type Envelope,
  readBundle,
  readEnvelope,
  readNotation,
  type Signature,
} from './signature.ts'
import { readVex, type Vex } from './vex.ts'

export type AttestationContent = Sbom | Provenance | Vex

export interface AttachedDocument {
  /** What the document says that it is about. */
  readonly subjects: readonly Subject[]
  /** The type of an attestation's predicate. */
  readonly predicateType: string | undefined
  /** `undefined` if the type of the document is not supported. */
  readonly content: AttestationContent | undefined
  readonly signatures: readonly Signature[]
  /** Name-value pairs that the signer added. */
  readonly remarks: readonly (readonly [name: string, value: string])[]
  /** The document without its envelope. */
  readonly document: unknown
}

export interface Subject {
  readonly name: string | undefined
  /** `algorithm:hex` */
  readonly digests: readonly string[]
}

/** `undefined` if it isn't JSON, such as a COSE signature. */
export function readAttached(
  bytes: Uint8Array<ArrayBuffer>,
  annotations: Readonly<Record<string, string>> = {},
): AttachedDocument | undefined {
  const document = documentIn(bytes)
  if (!document) return undefined
  const signature = cosignSignature(bytes, annotations)
  const notation = readNotation(document)
  if (notation) return fromNotation(notation)
  const bundle = readBundle(document)
  const envelope = bundle ? bundle.envelope : readEnvelope(document)
  if (envelope)
    return fromEnvelope(envelope, [...(bundle?.signatures ?? envelope.signatures), ...withClaims(signature)])
  const signatures = bundle?.signatures ?? (signature ? [signature] : [])
  if (document['critical'] !== undefined) return fromSimpleSigning(document, signatures)
  return fromStatement(document, signatures)
}

/** For an envelope, cosign puts the signer's certificate in annotations, while the signature is in the envelope. */
const withClaims = (signature: Signature | undefined): readonly Signature[] =>
  signature?.certificate || signature?.logIndex ? [signature] : []

function documentIn(bytes: Uint8Array): Json | undefined {
  try {
    const document = parseJson(bytes)
    return typeof document === 'object' && document !== null && !Array.isArray(document)
      ? (document as Json)
      : undefined
  } catch {
    return undefined
  }
}

const fromEnvelope = ({ payload }: Envelope, signatures: readonly Signature[]): AttachedDocument =>
  fromStatement(documentIn(payload) ?? {}, signatures)

/** An in-toto statement, or the bare document. */
function fromStatement(document: Json, signatures: readonly Signature[]): AttachedDocument {
  const predicateType = textIn(document['predicateType'])
  const subjects = objectsIn(document['subject']).map(({ name, digest }) => ({
    name: textIn(name),
    digests: digestsIn(digest),
  }))
  const inner = predicateType === undefined ? document : predicateOf(document['predicate'])
  const says =
    (predicateType && readProvenance(predicateType, inner)) || readVex(inner) || readSbom(inner) || undefined
  return { subjects, predicateType, content: says, signatures, remarks: [], document }
}

/** cosign stores some documents as text in the predicate. */
function predicateOf(predicate: unknown): Json {
  const { Data: data } = objectIn(predicate)
  if (typeof data === 'string') return documentIn(new TextEncoder().encode(data)) ?? objectIn(predicate)
  return objectIn(data ?? predicate)
}

function fromSimpleSigning(document: Json, signatures: readonly Signature[]): AttachedDocument {
  const { critical, optional } = document
  const digest = textIn(at(critical, 'image', 'docker-manifest-digest'))
  const remarks = Object.entries(objectIn(optional)).map(
    ([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  )
  return {
    subjects: [
      {
        name: textIn(at(critical, 'identity', 'docker-reference')),
        digests: digest === undefined ? [] : [digest],
      },
    ],
    predicateType: undefined,
    content: undefined,
    signatures,
    remarks,
    document,
  }
}

function fromNotation({ payload, signature }: { payload: Json; signature: Signature }): AttachedDocument {
  const digest = textIn(at(payload, 'targetArtifact', 'digest'))
  const annotations = objectIn(at(payload, 'targetArtifact', 'annotations'))
  return {
    subjects: digest === undefined ? [] : [{ name: undefined, digests: [digest] }],
    predicateType: undefined,
    content: undefined,
    signatures: [signature],
    remarks: Object.entries(annotations).map(([name, value]) => [name, String(value)]),
    document: payload,
  }
}
