/** The repositories of this browser and of all peers that list theirs, one entry for each name. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { deletions, isRepositoryDeleted } from '../deletion/pending.ts'
import { type Remote, useRemotes } from '../lists/remotes.ts'
import { type RepositoryUse, readUses } from '../requests/admin.ts'
import { type PeerRepository, readPeerRepositories } from '../requests/peers.ts'
import { type PagedList, usePagedLists } from '../requests/use-paged-lists.ts'
import { recall, remember } from './last-seen.ts'

export interface Catalog {
  readonly entries: readonly RepositoryEntry[]
  /** The list of this browser, as last shown until it has been read; `undefined` if neither is known. */
  readonly here: PagedList<RepositoryUse> | undefined
  /** Whether `here` has been read from the registry. */
  readonly isFresh: boolean
  readonly remotes: readonly Remote[]
  /** Peers whose lists could not be read. */
  readonly failed: readonly Remote[]
  readonly isServerAway: boolean
}

const THIS_BROWSER = ['here']

/** Milliseconds between two updates of peers' lists. */
const POLL_MS = 8000

/** Reads long pages, because each page is a request to the peer. */
const readRepositories: typeof readPeerRepositories = (
  id,
  path = `/flotilla/peers/${id}/repositories?n=250`,
  options,
) => readPeerRepositories(id, path, options)

export function useCatalog(): Catalog {
  const { remotes, isServerAway } = useRemotes()
  const [lastSeen] = useState(recall)
  const fresh = usePagedLists(THIS_BROWSER, (_, path, options) => readUses(path, options)).get('here')
  const here = fresh ?? lastSeen
  useEffect(() => {
    if (fresh?.isComplete && fresh.failure === undefined) remember(fresh)
  }, [fresh])
  const ids = useMemo(() => remotes.map(({ id }) => id), [remotes])
  const lists = usePagedLists(ids, readRepositories, POLL_MS)
  const pending = deletions.value
  const entries = useMemo(() => {
    const uses = (here?.entries ?? []).filter(({ name }) => !isRepositoryDeleted(name))
    return entriesOf(uses, remotes, lists)
  }, [here, remotes, lists, pending])
  return {
    entries,
    here,
    isFresh: fresh !== undefined,
    remotes,
    failed: remotes.filter(({ id }) => lists.get(id)?.failure !== undefined),
    isServerAway,
  }
}

export interface RepositoryEntry {
  readonly name: string
  readonly here: RepositoryUse | undefined
  readonly on: readonly { readonly remote: Remote; readonly listed: PeerRepository }[]
  /** Bytes in this browser, otherwise at the peer that has most. */
  readonly size: number
  /** Milliseconds since 1970; only for repositories in this browser. */
  readonly date: number | undefined
  /** Milliseconds since 1970; only for repositories in this browser. */
  readonly used: number | undefined
}

export function entriesOf(
  uses: readonly RepositoryUse[],
  remotes: readonly Remote[],
  lists: ReadonlyMap<string, PagedList<PeerRepository>>,
): readonly RepositoryEntry[] {
  const found = new Map<string, { here?: RepositoryUse; on: RepositoryEntry['on'][number][] }>()
  for (const here of uses) if (here.manifests > 0) found.set(here.name, { here, on: [] })
  for (const remote of remotes)
    for (const listed of lists.get(remote.id)?.entries ?? []) {
      const entry = found.get(listed.name) ?? { on: [] }
      entry.on.push({ remote, listed })
      found.set(listed.name, entry)
    }
  return [...found].map(([name, { here, on }]) => ({
    name,
    here,
    on,
    size: here?.bytes ?? Math.max(0, ...on.map(({ listed }) => listed.bytes)),
    date: here?.changedAt,
    used: here?.lastUsed,
  }))
}

export type Where = 'all' | 'here' | 'server' | 'peers'

export const isAt = ({ here, on }: Pick<RepositoryEntry, 'here' | 'on'>, where: Where): boolean => {
  if (where === 'here') return here !== undefined
  if (where === 'server') return on.some(({ remote }) => remote.serves)
  if (where === 'peers') return on.some(({ remote }) => !remote.serves)
  return true
}
