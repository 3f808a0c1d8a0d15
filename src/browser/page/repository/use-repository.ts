/** The images of one repository, in this browser and at every peer that lists it. */
import { useMemo } from 'preact/hooks'
import { useLists } from '../lists/use-lists.ts'
import { type Remote, useRemotes } from '../lists/use-remotes.ts'
import { isUnknown } from '../parts/failure-text.ts'
import { isGoing, removals } from '../removal/removals-state.ts'
import { type HeldImage, readImages } from '../requests/owner.ts'
import { readPeerTags } from '../requests/peers.ts'
import { type Rows, rowsOf } from './rows.ts'

export interface Repository {
  readonly rows: Rows
  /** `undefined` until the first images of this browser have come. */
  readonly isRead: boolean
  /** Whether all of every remote has come. */
  readonly isComplete: boolean
  readonly failure: unknown
  readonly remotes: readonly Remote[]
  /** Remotes whose tags could not be read. */
  readonly failed: readonly Remote[]
  readonly isServerAway: boolean
}

const HERE = ['here']

/** Milliseconds between two looks at what others list. */
const PACE = 8000

/** In long pages: every one is a question to the peer. */
const readTags: typeof readPeerTags = (
  id,
  name,
  path = `/flotilla/peers/${id}/tags?repository=${name}&n=250`,
  waiting,
) => readPeerTags(id, name, path, waiting)

export function useRepository(name: string): Repository {
  const { remotes, isServerAway } = useRemotes()
  const here = useLists(HERE, (_, path, waiting) => readImages(name, path, waiting)).get('here')
  const ids = useMemo(() => remotes.map(({ id }) => id), [remotes])
  const lists = useLists(ids, (id, path, waiting) => readTags(id, name, path, waiting), PACE)
  const going = removals.value
  const rows = useMemo(
    () => rowsOf(withoutGoing(name, here?.entries ?? []), remotes, lists),
    [here, remotes, lists, going],
  )
  // A peer without this repository is no failure.
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

const withoutGoing = (name: string, images: readonly HeldImage[]): readonly HeldImage[] =>
  images
    .filter(({ digest }) => !isGoing(name, undefined, digest))
    .map((image) =>
      image.tags.some((tag) => isGoing(name, tag))
        ? { ...image, tags: image.tags.filter((tag) => !isGoing(name, tag)) }
        : image,
    )
