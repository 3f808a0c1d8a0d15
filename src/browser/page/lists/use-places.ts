/** Where images may be beside this browser: the connected peers that share their lists, looked at every few seconds. */
import { useMemo, useRef } from 'preact/hooks'
import { useRegularly } from '../peers/use-regularly.ts'
import { type Peer, readPeers } from '../requests/peers.ts'
import { useLoaded } from '../use-loaded.ts'

/** A peer as a place that images are at. */
export type Place = Pick<Peer, 'id' | 'lists' | 'serves'>

export interface Places {
  /** Those that share their lists, the server first. */
  readonly places: readonly Place[]
  /** This page came from a peer which is not connected now. */
  readonly isServerAway: boolean
}

/** Milliseconds between two looks. */
const PACE = 5000

/** Looks without the server before it is said to be away: the first one may come before it is found. */
const PATIENCE = 2

export function usePlaces(): Places {
  const moment = useRegularly(PACE)
  const { value } = useLoaded('places', (signal) => readPeers({ signal }), moment)
  const missed = useRef(0)
  const peers = value?.peers ?? []
  const isThere = peers.some(({ serves }) => serves)
  useMemo(() => {
    if (isThere) rememberServer()
    if (value) missed.current = isThere ? 0 : missed.current + 1
  }, [value])
  const places: readonly Place[] = peers
    .filter(({ lists }) => lists)
    .map(({ id, lists, serves = false }) => ({ id, lists, serves }))
  const key = JSON.stringify(places)
  return {
    places: useMemo(() => places.toSorted((one, other) => Number(other.serves) - Number(one.serves)), [key]),
    isServerAway: missed.current >= PATIENCE && isServerKnown(),
  }
}

const KEY = 'flotilla.served-by-peer'

/** So that a page that is opened without a network knows that there is a server, which a static host is not. */
function rememberServer(): void {
  try {
    localStorage.setItem(KEY, 'yes')
  } catch {} // where the browser stores nothing, less is said
}

function isServerKnown(): boolean {
  try {
    return localStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}
