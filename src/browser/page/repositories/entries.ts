/** Repositories wherever they are: one entry for each name. */
import type { List } from '../lists/use-lists.ts'
import type { Remote } from '../lists/use-remotes.ts'
import type { RepositoryUse } from '../requests/owner.ts'
import type { PeerRepository } from '../requests/peers.ts'

export interface RepositoryEntry {
  readonly name: string
  readonly here: RepositoryUse | undefined
  readonly on: readonly { readonly remote: Remote; readonly listed: PeerRepository }[]
  /** For the order of the list: bytes here, else where it is. */
  readonly size: number
  /** Milliseconds since 1970; only of what is here. */
  readonly date: number | undefined
  /** Milliseconds since 1970; only of what is here. */
  readonly used: number | undefined
}

export function entriesOf(
  uses: readonly RepositoryUse[],
  remotes: readonly Remote[],
  lists: ReadonlyMap<string, List<PeerRepository>>,
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
