/** The images of one repository, in this browser and at every peer that lists it. */
import { useMemo } from 'preact/hooks'
import { useLists } from '../lists/use-lists.ts'
import { type Place, usePlaces } from '../lists/use-places.ts'
import { isUnknown } from '../parts/failure-text.ts'
import { isGoing, removals } from '../removal/removals-state.ts'
import { type HeldImage, readImages } from '../requests/owner.ts'
import { readPeerTags } from '../requests/peers.ts'
import { type Rows, rowsOf } from './rows.ts'

export interface Repository {
  readonly rows: Rows
  /** `undefined` until the first images of this browser have come. */
  readonly isRead: boolean
  /** Whether all of every place has come. */
  readonly isComplete: boolean
  readonly failure: unknown
  readonly places: readonly Place[]
  /** Places whose tags could not be read. */
  readonly failed: readonly Place[]
  readonly isServerAway: boolean
}

const HERE = ['here']

/** Milliseconds between two looks at what others list. */
const PACE = 30_000

/** In long pages: every one is a question to the peer. */
const readTags: typeof readPeerTags = (
  id,
  name,
  path = `/flotilla/peers/${id}/tags?repository=${name}&n=250`,
  waiting,
) => readPeerTags(id, name, path, waiting)

export function useRepository(name: string): Repository {
  const { places, isServerAway } = usePlaces()
  const here = useLists(HERE, (_, path, waiting) => readImages(name, path, waiting)).get('here')
  const ids = useMemo(() => places.map(({ id }) => id), [places])
  const lists = useLists(ids, (id, path, waiting) => readTags(id, name, path, waiting), PACE)
  const going = removals.value
  const rows = useMemo(
    () => rowsOf(withoutGoing(name, here?.entries ?? []), places, lists),
    [here, places, lists, going],
  )
  // A peer without this repository is no failure.
  const failed = places.filter(({ id }) => {
    const failure = lists.get(id)?.failure
    return failure !== undefined && !isUnknown(failure)
  })
  return {
    rows,
    isRead: here !== undefined,
    isComplete: (here?.isComplete ?? false) && places.every(({ id }) => lists.get(id)?.isComplete),
    failure: here?.failure,
    places,
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
