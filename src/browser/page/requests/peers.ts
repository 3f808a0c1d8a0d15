/** Requests for the peers of this browser and its settings: addresses, trusted peers, budget. */

import { signal } from '@preact/signals'
import { nextOf, type Page } from './pages.ts'
import { type AbortOptions, request, requestJson } from './request.ts'

export interface Settings {
  readonly budget: number | null
  readonly peers: readonly string[]
  readonly trust: readonly string[]
  /** Milliseconds for which a pulled tag is used without asking peers again. */
  readonly tagAge: number
}

export interface Peer {
  readonly id: string
  readonly protocol: 'http' | 'websocket'
  readonly addresses: readonly string[]
  readonly sent: number
  readonly received: number
  /** Whether it lists its images. */
  readonly lists: boolean
  /** Whether this page was loaded from it. */
  readonly serves?: boolean
  /** Its registry over HTTP, and whether this page may push to it. */
  readonly registry?: { readonly url: string; readonly writable: boolean }
}

export interface PeerRepository {
  readonly name: string
  readonly tags: number
  /** Bytes that the peer has of it. */
  readonly bytes: number
}

export interface PeerTag {
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  /** Bytes that the peer has of the image. */
  readonly bytes: number
  /** Milliseconds since 1970 at which the tag was set. */
  readonly at?: number
}

/** Why no peer is reached at an address. */
export type AddressFault = 'unreachable' | 'no-peer' | 'private' | 'alone' | 'another' | 'unproved'

/** The state of the connection to an address. */
export interface AddressStatus {
  readonly state: 'connecting' | 'connected' | 'unreachable'
  readonly id?: string
  readonly fault?: AddressFault
  /** Milliseconds since 1970 at which the connection was lost. */
  readonly since?: number
}

export interface PeerAddress extends AddressStatus {
  /** As in the settings. */
  readonly address: string
}

export interface Peers {
  readonly id?: string
  /** The server that this page was loaded from. */
  readonly server?: { readonly url: string } & AddressStatus
  /** The addresses in the settings. */
  readonly addresses?: readonly PeerAddress[]
  readonly origin?: { readonly id: string; readonly url: string }
  /** Whether a tab of this browser keeps the WebSocket connections. */
  readonly leader: boolean
  readonly peers: readonly Peer[]
}

export const readSettings = (options?: AbortOptions): Promise<Settings> =>
  requestJson('/flotilla/settings', options)

type Change = Partial<Settings> | ((before: Settings) => Partial<Settings>)

let lastChange: Promise<unknown> = Promise.resolve()

/** Changes are written one after the other, each based on the result of the one before. */
export const changeSettings = (change: Change): Promise<void> => {
  const changed = lastChange.then(() => writeChange(change))
  lastChange = changed.catch(() => {})
  return changed
}

async function writeChange(change: Change): Promise<void> {
  const before = await readSettings()
  const settings = { ...before, ...(typeof change === 'function' ? change(before) : change) }
  const body = new Blob([JSON.stringify(settings)], { type: 'application/json' })
  await request('/flotilla/settings', { method: 'PUT', body })
}

export const readPeers = async (options?: AbortOptions): Promise<Peers> => {
  const peers = await requestJson<Peers>('/flotilla/peers', options)
  isServerAway.value = peers.server?.fault === 'unreachable'
  return peers
}

/** The repositories that a peer lists. @param path - of a page after the first */
export const readPeerRepositories = async (
  id: string,
  path = `/flotilla/peers/${id}/repositories`,
  options?: AbortOptions,
): Promise<Page<PeerRepository>> => {
  const response = await request(path, options)
  const { repositories } = (await response.json()) as { repositories: PeerRepository[] }
  return { entries: repositories, next: nextOf(response) }
}

/** @param path - of a page after the first */
export const readPeerTags = async (
  id: string,
  repository: string,
  path = `/flotilla/peers/${id}/tags?repository=${repository}`,
  options?: AbortOptions,
): Promise<Page<PeerTag>> => {
  const response = await request(path, options)
  const { tags } = (await response.json()) as { tags: PeerTag[] }
  return { entries: tags, next: nextOf(response) }
}

export const isServerAway = signal(false)
