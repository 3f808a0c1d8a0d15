/** The connected peers that list their images, polled every few seconds. */
import { useMemo } from 'preact/hooks'
import { type PeerTag, readPeers, readSettings } from '../requests/peers.ts'
import { useQuery, useTicks } from '../requests/use-query.ts'

/** A connected peer that lists its images. */
export interface Remote {
  readonly id: string
  /** Whether this page was loaded from it. */
  readonly serves: boolean
  /** Whether its tags are trusted; images of other peers are pulled by digest. */
  readonly isTrusted: boolean
}

/** A tag at a peer. */
export interface RemoteTag {
  readonly remote: Remote
  readonly tag: PeerTag
}

export interface Remotes {
  /** The server first. */
  readonly remotes: readonly Remote[]
  /** Whether the server that this page was loaded from is unreachable. */
  readonly isServerAway: boolean
}

/** Milliseconds between two updates. */
const POLL_MS = 5000

export function useRemotes(): Remotes {
  const tick = useTicks(POLL_MS)
  const { value } = useQuery(
    'remotes',
    async (signal) => {
      const [peers, { trust }] = await Promise.all([readPeers({ signal }), readSettings({ signal })])
      return { ...peers, trust }
    },
    tick,
  )
  const remotes = (value?.peers ?? [])
    .filter(({ lists }) => lists)
    .map(({ id, serves = false }) => ({ id, serves, isTrusted: serves || value!.trust.includes(id) }))
    .toSorted((one, other) => Number(other.serves) - Number(one.serves))
  return {
    remotes: useMemo(() => remotes, [JSON.stringify(remotes)]), // the same array while the content is the same
    isServerAway: value?.server?.fault === 'unreachable',
  }
}
