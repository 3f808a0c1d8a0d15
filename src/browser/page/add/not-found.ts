/** Why a manifest was not found: the `detail` of the registry's error, validated because peers contribute to it. */
import { isObject } from '../../../core/oci/descriptor.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import { isTag } from '../../../core/oci/name.ts'

export type NotFoundDetail =
  | { readonly reason: 'unknown-tag'; readonly tags: readonly string[] }
  | { readonly reason: 'untrusted' | 'not-given'; readonly peers: readonly string[] }
  | { readonly reason: 'no-peer' | 'deleted' | 'unknown-repository' | 'unknown-digest' }

const PLAIN = ['no-peer', 'deleted', 'unknown-repository', 'unknown-digest'] as const

const PEER_ID = /^[1-9A-HJ-NP-Za-km-z]{46,62}$/

/** `undefined` if the registry gives no reason. */
export function notFoundDetail(failure: unknown): NotFoundDetail | undefined {
  const detail = failure instanceof RegistryError && isObject(failure.detail) ? failure.detail : {}
  const { reason, tags, peers } = detail
  if (reason === 'unknown-tag') return { reason, tags: textsIn(tags, isTag) }
  if (reason === 'untrusted' || reason === 'not-given')
    return { reason, peers: textsIn(peers, (text) => PEER_ID.test(text)) }
  const plain = PLAIN.find((known) => known === reason)
  return plain && { reason: plain }
}

const textsIn = (list: unknown, isOne: (text: string) => boolean): readonly string[] =>
  Array.isArray(list) ? list.filter((text): text is string => typeof text === 'string' && isOne(text)) : []
