/**
 * What a peer says that no digest proves: who it is, what a tag names, what refers to a manifest. It signs that together
 * with the nonce of the requester, so nobody can say it in its place or replay it later, over whatever transport.
 */
import type { Digest } from '../../oci/digest.ts'
import type { Network, PeerId } from '../ports.ts'
import { fromBase64Url, toBase64Url } from './nonce.ts'

export interface Statement {
  /** The kind and its version, which are signed too, so that a statement of one kind never passes for another. */
  readonly kind: 'peer-1' | 'tag-record-2' | 'referrers-1'
  readonly nonce: string
  readonly fields: readonly (string | number)[]
}

export const peerStatement = (nonce: string): Statement => ({ kind: 'peer-1', nonce, fields: [] })

export const tagStatement = (
  nonce: string,
  { repository, tag, digest, taggedAt }: Readonly<Record<'repository' | 'tag', string>> & Tagged,
): Statement => ({ kind: 'tag-record-2', nonce, fields: [repository, tag, digest, taggedAt] })

interface Tagged {
  readonly digest: Digest
  readonly taggedAt: number
}

export const referrersStatement = (
  nonce: string,
  subject: Digest,
  digests: readonly Digest[],
): Statement => ({ kind: 'referrers-1', nonce, fields: [subject, ...digests] })

/** @returns the signature, in base64url */
export const signStatement = async (
  { self, sign }: Pick<Network, 'self' | 'sign'>,
  statement: Statement,
): Promise<string> => toBase64Url(await sign(bytesOf(self, statement)))

export async function isStatedBy(
  peer: PeerId,
  statement: Statement,
  signature: string,
  verify: Network['verify'],
): Promise<boolean> {
  const bytes = fromBase64Url(signature)
  return bytes !== undefined && verify(peer, bytesOf(peer, statement), bytes)
}

/** The bytes that are signed. */
const bytesOf = (peer: PeerId, { kind, nonce, fields }: Statement): Uint8Array =>
  new TextEncoder().encode(JSON.stringify([`flotilla-${kind}`, nonce, peer, ...fields]))
