/** What is attached to an image, whatever its form: taken out of its wrappings, with who signed it and what it says. */
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

export type Says = Sbom | Provenance | Vex

export interface Attached {
  /** What it is about, as it says itself. */
  readonly subjects: readonly Subject[]
  /** Of an attestation: which kind of thing is said. */
  readonly predicateType: string | undefined
  /** `undefined` where it is of no kind that is known here. */
  readonly says: Says | undefined
  readonly signatures: readonly Signature[]
  /** What a signer added, as name and value. */
  readonly remarks: readonly (readonly [name: string, value: string])[]
  /** Out of its wrappings. */
  readonly document: unknown
}

export interface Subject {
  readonly name: string | undefined
  /** `algorithm:hex` */
  readonly digests: readonly string[]
}

/** `undefined` for what is no JSON, such as a signature in COSE. */
export function readAttached(
  bytes: Uint8Array<ArrayBuffer>,
  annotations: Readonly<Record<string, string>> = {},
): Attached | undefined {
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

/** cosign says in annotations who signed an envelope, in which the signature itself is. */
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

const fromEnvelope = ({ payload }: Envelope, signatures: readonly Signature[]): Attached =>
  fromStatement(documentIn(payload) ?? {}, signatures)

/** A statement of in-toto, or the document by itself. */
function fromStatement(document: Json, signatures: readonly Signature[]): Attached {
  const predicateType = textIn(document['predicateType'])
  const subjects = objectsIn(document['subject']).map(({ name, digest }) => ({
    name: textIn(name),
    digests: digestsIn(digest),
  }))
  const inner = predicateType === undefined ? document : predicateOf(document['predicate'])
  const says =
    (predicateType && readProvenance(predicateType, inner)) || readVex(inner) || readSbom(inner) || undefined
  return { subjects, predicateType, says, signatures, remarks: [], document }
}

/** cosign writes some documents as a text within the predicate. */
function predicateOf(predicate: unknown): Json {
  const { Data: data } = objectIn(predicate)
  if (typeof data === 'string') return documentIn(new TextEncoder().encode(data)) ?? objectIn(predicate)
  return objectIn(data ?? predicate)
}

function fromSimpleSigning(document: Json, signatures: readonly Signature[]): Attached {
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
    says: undefined,
    signatures,
    remarks,
    document,
  }
}

function fromNotation({ payload, signature }: { payload: Json; signature: Signature }): Attached {
  const digest = textIn(at(payload, 'targetArtifact', 'digest'))
  const annotations = objectIn(at(payload, 'targetArtifact', 'annotations'))
  return {
    subjects: digest === undefined ? [] : [{ name: undefined, digests: [digest] }],
    predicateType: undefined,
    says: undefined,
    signatures: [signature],
    remarks: Object.entries(annotations).map(([name, value]) => [name, String(value)]),
    document: payload,
  }
}
