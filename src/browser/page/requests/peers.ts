/** The peers of this browser, and what its owner has set: whom to connect to, whom to trust, how much to hold. */
import { isServerAway } from '../peers/server-state.ts'
import { ask, askJson, nextOf, type Page } from './request.ts'

export interface Settings {
  readonly budget: number | null
  readonly peers: readonly string[]
  readonly trust: readonly string[]
  /** Milliseconds for which a tag that was pulled is not asked for again. */
  readonly tagAge: number
}

export interface Peer {
  readonly id: string
  readonly protocol: 'http' | 'websocket'
  readonly addresses: readonly string[]
  readonly sent: number
  readonly received: number
  /** It tells what it has. */
  readonly lists: boolean
  /** This page comes from it. */
  readonly serves?: boolean
  /** Its registry by HTTP, and whether this page may push to it. */
  readonly registry?: { readonly url: string; readonly writable: boolean }
}

export interface PeerRepository {
  readonly name: string
  readonly tags: number
  /** What the peer has of it, in bytes. */
  readonly bytes: number
}

export interface PeerTag {
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  /** What the peer has of the image, in bytes. */
  readonly bytes: number
  /** Milliseconds since 1970 at which the tag was set. */
  readonly at?: number
}

/** Why nobody is reached at an address. */
export type Fault = 'unreachable' | 'no-peer' | 'private' | 'alone' | 'another' | 'unproved'

/** How it stands with a place where a peer is looked for. */
export interface PlaceState {
  readonly state: 'connecting' | 'connected' | 'unreachable'
  readonly id?: string
  readonly fault?: Fault
  /** Milliseconds since 1970 from which on nobody was reached. */
  readonly since?: number
}

export interface Place extends PlaceState {
  /** As it stands in the settings. */
  readonly address: string
}

export interface Peers {
  readonly id?: string
  /** Where this page comes from. */
  readonly server?: { readonly url: string } & PlaceState
  /** Of the settings. */
  readonly addresses?: readonly Place[]
  readonly origin?: { readonly id: string; readonly url: string }
  /** Whether a tab of this browser has the connections. */
  readonly leader: boolean
  readonly peers: readonly Peer[]
}

interface Waiting {
  readonly signal?: AbortSignal
}

export const readSettings = (waiting?: Waiting): Promise<Settings> => askJson('/flotilla/settings', waiting)

type Change = Partial<Settings> | ((before: Settings) => Partial<Settings>)

let lastChange: Promise<unknown> = Promise.resolve()

/** One after the other: each begins with what the one before has set. */
export const changeSettings = (change: Change): Promise<void> => {
  const changed = lastChange.then(() => writeChange(change))
  lastChange = changed.catch(() => {})
  return changed
}

async function writeChange(change: Change): Promise<void> {
  const before = await readSettings()
  const settings = { ...before, ...(typeof change === 'function' ? change(before) : change) }
  const body = new Blob([JSON.stringify(settings)], { type: 'application/json' })
  await ask('/flotilla/settings', { method: 'PUT', body })
}

export const readPeers = async (waiting?: Waiting): Promise<Peers> => {
  const peers = await askJson<Peers>('/flotilla/peers', waiting)
  isServerAway.value = peers.server?.fault === 'unreachable'
  return peers
}

/** What a peer has, as it tells it now. @param path - of a page that follows the first */
export const readPeerRepositories = async (
  id: string,
  path = `/flotilla/peers/${id}/repositories`,
  waiting?: Waiting,
): Promise<Page<PeerRepository>> => {
  const response = await ask(path, waiting)
  const { repositories } = (await response.json()) as { repositories: PeerRepository[] }
  return { entries: repositories, next: nextOf(response) }
}

/** @param path - of a page that follows the first */
export const readPeerTags = async (
  id: string,
  repository: string,
  path = `/flotilla/peers/${id}/tags?repository=${repository}`,
  waiting?: Waiting,
): Promise<Page<PeerTag>> => {
  const response = await ask(path, waiting)
  const { tags } = (await response.json()) as { tags: PeerTag[] }
  return { entries: tags, next: nextOf(response) }
}
