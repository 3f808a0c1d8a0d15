/** Requests that delete images, and preview how much space that frees. */
import { HANDED_OVER, type HandedOver } from '../../worker-messages.ts'
import { type AbortOptions, requestJson } from './request.ts'

export interface DeletionRequest {
  readonly repository: string
  /** Tags to delete without their images. */
  readonly tags: readonly string[]
  /** Images to delete with all their tags and everything that only they need. */
  readonly digests: readonly string[]
  /** Instead of both: the whole repository. */
  readonly isWhole: boolean
}

export interface DeletionPreview {
  readonly bytes: number
  /** Number of manifests that are deleted: images, their platforms, signatures. */
  readonly manifests: number
}

export const previewDeletion = (request: DeletionRequest, options?: AbortOptions): Promise<DeletionPreview> =>
  requestJson(`/flotilla/freed?${queryOf(request)}`, options)

export const deleteImages = (request: DeletionRequest): Promise<{ readonly freed: number }> =>
  requestJson(deletionPath(request), { method: 'DELETE' })

/**
 * Deletes while the page is being unloaded: every engine delivers a message to the worker, whereas Firefox aborts a
 * `fetch` with its page, even with `keepalive`. The result is not reported.
 */
export function deleteOnUnload(request: DeletionRequest): void {
  const url = new URL(deletionPath(request), location.href).href
  const message: HandedOver = {
    type: HANDED_OVER,
    lock: `flotilla-removal-${crypto.randomUUID()}`,
    request: { url, method: 'DELETE', headers: [] },
    body: new Blob([]),
  }
  navigator.serviceWorker.controller?.postMessage(message, [new MessageChannel().port2])
}

const deletionPath = (request: DeletionRequest): string => `/flotilla/images?${queryOf(request)}`

function queryOf({ repository, tags, digests, isWhole }: DeletionRequest): URLSearchParams {
  const query = new URLSearchParams({ repository })
  if (isWhole) query.set('all', '')
  else {
    for (const tag of tags) query.append('tag', tag)
    for (const digest of digests) query.append('digest', digest)
  }
  return query
}
