/** What is to be deleted here: how much space that gives, and the deletion itself. */
import { askJson } from './request.ts'

export interface Unwanted {
  readonly repository: string
  /** Tags that go alone. */
  readonly tags: readonly string[]
  /** Images that go with all of their tags and with what only they need. */
  readonly digests: readonly string[]
  /** In place of both: all of the repository. */
  readonly isWhole: boolean
}

export interface Freed {
  readonly bytes: number
  /** How many manifests go: images, their platforms, signatures. */
  readonly manifests: number
}

export const readFreed = (unwanted: Unwanted, waiting?: { signal?: AbortSignal }): Promise<Freed> =>
  askJson(`/flotilla/freed?${queryOf(unwanted)}`, waiting)

export const removeImages = (unwanted: Unwanted): Promise<{ readonly freed: number }> =>
  askJson(removalPath(unwanted), { method: 'DELETE' })

export const removalPath = (unwanted: Unwanted): string => `/flotilla/images?${queryOf(unwanted)}`

function queryOf({ repository, tags, digests, isWhole }: Unwanted): URLSearchParams {
  const query = new URLSearchParams({ repository })
  if (isWhole) query.set('all', '')
  else {
    for (const tag of tags) query.append('tag', tag)
    for (const digest of digests) query.append('digest', digest)
  }
  return query
}
