/** Where a layer is: one answer, whoever asks. */
import type { HeldBlob } from '../requests/owner.ts'
import type { Origins } from './use-origins.ts'

export type LayerPlace =
  /** What pulls from this browser get. */
  | { readonly is: 'here'; readonly blob: HeldBlob }
  /** Its bytes are here, for other repositories: this one serves it once it has been pulled for it. */
  | { readonly is: 'other'; readonly repositories: readonly string[] }
  | { readonly is: 'away' }

/** `undefined` before it is known. */
export function layerPlace(origins: Origins, repository: string, digest: string): LayerPlace | undefined {
  const blob = origins.get(digest)
  if (blob === undefined) return undefined
  if (blob === null) return { is: 'away' }
  const { repositories } = blob
  return repositories.includes(repository) ? { is: 'here', blob } : { is: 'other', repositories }
}
