/** What is to be deleted here: how much space that gives, and the deletion itself. */
import { HANDED_OVER, type HandedOver } from '../../worker-messages.ts'
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

/**
 * Deletes though the page goes: a message gets to the worker in every engine, where Firefox ends a `fetch` with its page,
 * even one with `keepalive`. Nobody is there to be told how it went.
 */
export function removeOnLeaving(unwanted: Unwanted): void {
  const url = new URL(removalPath(unwanted), location.href).href
  const message: HandedOver = {
    type: HANDED_OVER,
    lock: `flotilla-removal-${crypto.randomUUID()}`,
    request: { url, method: 'DELETE', headers: [] },
    body: new Blob([]),
  }
  navigator.serviceWorker.controller?.postMessage(message, [new MessageChannel().port2])
}

const removalPath = (unwanted: Unwanted): string => `/flotilla/images?${queryOf(unwanted)}`

function queryOf({ repository, tags, digests, isWhole }: Unwanted): URLSearchParams {
  const query = new URLSearchParams({ repository })
  if (isWhole) query.set('all', '')
  else {
    for (const tag of tags) query.append('tag', tag)
    for (const digest of digests) query.append('digest', digest)
  }
  return query
}
