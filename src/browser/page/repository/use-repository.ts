/** The images of a repository, in this browser and at all peers that list it. */
import { useMemo } from 'preact/hooks'
import { isUnknown } from '../components/failure-text.ts'
import { deletions, isDeleted } from '../deletion/pending.ts'
import { type Remote, useRemotes } from '../lists/remotes.ts'
import { readImages, type StoredImage } from '../requests/admin.ts'
import { readPeerTags } from '../requests/peers.ts'
import { usePagedLists } from '../requests/use-paged-lists.ts'
import { type Rows, rowsOf } from './rows.ts'

export interface Repository {
  readonly rows: Rows
  /** Whether the first images of this browser have been read. */
  readonly isRead: boolean
  /** Whether all lists have been read. */
  readonly isComplete: boolean
  readonly failure: unknown
  readonly remotes: readonly Remote[]
  /** Peers whose tags could not be read. */
  readonly failed: readonly Remote[]
  readonly isServerAway: boolean
}

const THIS_BROWSER = ['here']

/** Milliseconds between two updates of peers' lists. */
const POLL_MS = 8000

/** Reads long pages, because each page is a request to the peer. */
const readTags: typeof readPeerTags = (
  id,
  name,
  path = `/flotilla/peers/${id}/tags?repository=${name}&n=250`,
  options,
) => readPeerTags(id, name, path, options)

export function useRepository(name: string): Repository {
  const { remotes, isServerAway } = useRemotes()
  const here = usePagedLists(THIS_BROWSER, (_, path, options) => readImages(name, path, options)).get('here')
  const ids = useMemo(() => remotes.map(({ id }) => id), [remotes])
  const lists = usePagedLists(ids, (id, path, options) => readTags(id, name, path, options), POLL_MS)
  const pending = deletions.value
  const rows = useMemo(
    () => rowsOf(withoutDeleted(name, here?.entries ?? []), remotes, lists),
    [here, remotes, lists, pending],
  )
  // It is not a failure if a peer does not have the repository.
  const failed = remotes.filter(({ id }) => {
    const failure = lists.get(id)?.failure
    return failure !== undefined && !isUnknown(failure)
  })
  return {
    rows,
    isRead: here !== undefined,
    isComplete: (here?.isComplete ?? false) && remotes.every(({ id }) => lists.get(id)?.isComplete),
    failure: here?.failure,
    remotes,
    failed,
    isServerAway,
  }
}

const withoutDeleted = (name: string, images: readonly StoredImage[]): readonly StoredImage[] =>
  images
    .filter(({ digest }) => !isDeleted(name, undefined, digest))
    .map((image) =>
      image.tags.some((tag) => isDeleted(name, tag))
        ? { ...image, tags: image.tags.filter((tag) => !isDeleted(name, tag)) }
        : image,
    )
