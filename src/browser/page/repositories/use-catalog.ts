/** The repositories of this browser and of every peer that lists its own. */
import { useMemo } from 'preact/hooks'
import { type List, useLists } from '../lists/use-lists.ts'
import { type Place, usePlaces } from '../lists/use-places.ts'
import { isRepositoryGoing, removals } from '../removal/removals-state.ts'
import { type RepositoryUse, readUses } from '../requests/owner.ts'
import { readPeerRepositories } from '../requests/peers.ts'
import { entriesOf, type RepositoryEntry } from './entries.ts'

export interface Catalog {
  readonly entries: readonly RepositoryEntry[]
  /** `undefined` until the first page of this browser's has come. */
  readonly here: List<RepositoryUse> | undefined
  readonly places: readonly Place[]
  /** Places whose lists are still coming. */
  readonly waiting: readonly Place[]
  /** Places whose lists could not be read. */
  readonly failed: readonly Place[]
  readonly isServerAway: boolean
}

const HERE = ['here']

/** Milliseconds between two looks at what others list. */
const PACE = 30_000

/** In long pages: every one is a question to the peer. */
const readRepositories: typeof readPeerRepositories = (
  id,
  path = `/flotilla/peers/${id}/repositories?n=250`,
  waiting,
) => readPeerRepositories(id, path, waiting)

export function useCatalog(): Catalog {
  const { places, isServerAway } = usePlaces()
  const here = useLists(HERE, (_, path, waiting) => readUses(path, waiting)).get('here')
  const ids = useMemo(() => places.map(({ id }) => id), [places])
  const lists = useLists(ids, readRepositories, PACE)
  const going = removals.value
  const entries = useMemo(() => {
    const uses = (here?.entries ?? []).filter(({ name }) => !isRepositoryGoing(name))
    return entriesOf(uses, places, lists)
  }, [here, places, lists, going])
  return {
    entries,
    here,
    places,
    waiting: places.filter(({ id }) => !lists.get(id)),
    failed: places.filter(({ id }) => lists.get(id)?.failure !== undefined),
    isServerAway,
  }
}
