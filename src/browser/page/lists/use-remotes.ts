/** Where images may be beside this browser: the connected peers that share their lists, looked at every few seconds. */
import { useMemo } from 'preact/hooks'
import { useRegularly } from '../peers/use-regularly.ts'
import { type PeerTag, readPeers, readSettings } from '../requests/peers.ts'
import { useLoaded } from '../use-loaded.ts'

/** A peer as a place that images are at. */
export interface Remote {
  readonly id: string
  /** This page comes from it. */
  readonly serves: boolean
  /** Its tags are taken; what others name is pulled by its digest. */
  readonly isTrusted: boolean
}

/** A tag as a peer has it. */
export interface TagAt {
  readonly remote: Remote
  readonly tag: PeerTag
}

export interface Remotes {
  /** Those that share their lists, the server first. */
  readonly remotes: readonly Remote[]
  /** This page comes from a server that cannot be reached now. */
  readonly isServerAway: boolean
}

/** Milliseconds between two looks. */
const PACE = 5000

export function useRemotes(): Remotes {
  const moment = useRegularly(PACE)
  const { value } = useLoaded(
    'remotes',
    async (signal) => {
      const [peers, { trust }] = await Promise.all([readPeers({ signal }), readSettings({ signal })])
      return { ...peers, trust }
    },
    moment,
  )
  const remotes = (value?.peers ?? [])
    .filter(({ lists }) => lists)
    .map(({ id, serves = false }) => ({ id, serves, isTrusted: serves || value!.trust.includes(id) }))
    .toSorted((one, other) => Number(other.serves) - Number(one.serves))
  return {
    remotes: useMemo(() => remotes, [JSON.stringify(remotes)]), // as long as it is the same for whoever compares
    isServerAway: value?.server?.fault === 'unreachable',
  }
}
