/** Why nobody has what was asked for, as far as that can be told; apart from looking for it, which is done by then. */
import type { Reference } from '../oci/name.ts'

export type Absence =
  /** No peer is connected. */
  | { readonly reason: 'no-peer' }
  /** These have the tag, but their tags are not believed. */
  | { readonly reason: 'untrusted'; readonly peers: readonly string[] }
  /** The repository is there, without the tag; with these, at peers that are believed. */
  | { readonly reason: 'unknown-tag'; readonly tags: readonly string[] }
  /** A peer that is believed has the tag, and what it names did not come from there. */
  | { readonly reason: 'not-given'; readonly peers: readonly string[] }
  | { readonly reason: 'unknown-repository' }
  | { readonly reason: 'unknown-digest' }

/**
 * Asks peers why they did not have it. `undefined` where they are not asked for this repository. Never rejects.
 *
 * @param options.within - milliseconds that it may take
 */
export type ExplainAbsence = (
  repository: string,
  reference: Reference,
  options: { readonly within: number; readonly signal?: AbortSignal | undefined },
) => Promise<Absence | undefined>
