/** The repositories of this browser and of every peer that lists its own. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { type List, useLists } from '../lists/use-lists.ts'
import { type Remote, useRemotes } from '../lists/use-remotes.ts'
import { isRepositoryGoing, removals } from '../removal/removals-state.ts'
import { type RepositoryUse, readUses } from '../requests/owner.ts'
import { readPeerRepositories } from '../requests/peers.ts'
import { entriesOf, type RepositoryEntry } from './entries.ts'
import { recall, remember } from './last-seen.ts'

export interface Catalog {
  readonly entries: readonly RepositoryEntry[]
  /** As it was last seen until the first page of this browser's has come; `undefined` where that is not known. */
  readonly here: List<RepositoryUse> | undefined
  /** Whether the registry has answered. */
  readonly isFresh: boolean
  readonly remotes: readonly Remote[]
  /** Remotes whose lists are still coming. */
  readonly waiting: readonly Remote[]
  /** Remotes whose lists could not be read. */
  readonly failed: readonly Remote[]
  readonly isServerAway: boolean
}

const HERE = ['here']

/** Milliseconds between two looks at what others list. */
const PACE = 8000

/** In long pages: every one is a question to the peer. */
const readRepositories: typeof readPeerRepositories = (
  id,
  path = `/flotilla/peers/${id}/repositories?n=250`,
  waiting,
) => readPeerRepositories(id, path, waiting)

export function useCatalog(): Catalog {
  const { remotes, isServerAway } = useRemotes()
  const [lastSeen] = useState(recall)
  const fresh = useLists(HERE, (_, path, waiting) => readUses(path, waiting)).get('here')
  const here = fresh ?? lastSeen
  useEffect(() => {
    if (fresh?.isComplete && fresh.failure === undefined) remember(fresh)
  }, [fresh])
  const ids = useMemo(() => remotes.map(({ id }) => id), [remotes])
  const lists = useLists(ids, readRepositories, PACE)
  const going = removals.value
  const entries = useMemo(() => {
    const uses = (here?.entries ?? []).filter(({ name }) => !isRepositoryGoing(name))
    return entriesOf(uses, remotes, lists)
  }, [here, remotes, lists, going])
  return {
    entries,
    here,
    isFresh: fresh !== undefined,
    remotes,
    waiting: remotes.filter(({ id }) => !lists.get(id)),
    failed: remotes.filter(({ id }) => lists.get(id)?.failure !== undefined),
    isServerAway,
  }
}
