/** Where images may be beside this browser: the connected peers that share their lists, looked at every few seconds. */
import { useMemo } from 'preact/hooks'
import { useRegularly } from '../peers/use-regularly.ts'
import { type Peer, readPeers } from '../requests/peers.ts'
import { useLoaded } from '../use-loaded.ts'

/** A peer as a place that images are at. */
export type Remote = Pick<Peer, 'id' | 'serves'>

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
  const { value } = useLoaded('remotes', (signal) => readPeers({ signal }), moment)
  const remotes = (value?.peers ?? [])
    .filter(({ lists }) => lists)
    .map(({ id, serves = false }) => ({ id, serves }))
    .toSorted((one, other) => Number(other.serves) - Number(one.serves))
  return {
    remotes: useMemo(() => remotes, [JSON.stringify(remotes)]), // as long as it is the same for whoever compares
    isServerAway: value?.server?.fault === 'unreachable',
  }
}
