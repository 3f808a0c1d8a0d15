/** The peers of this browser, and what its owner has set: whom to connect to, whom to trust, how much to hold. */
import { ask, askJson } from './request.ts'

export interface Settings {
  readonly budget: number | null
  readonly peers: readonly string[]
  readonly trust: readonly string[]
}

export interface Peer {
  readonly id: string
  readonly road: 'http' | 'websocket'
  readonly addresses: readonly string[]
  readonly sent: number
  readonly received: number
}

export interface Peers {
  readonly id?: string
  readonly origin?: { readonly id: string; readonly url: string }
  /** Whether a tab of this browser has the connections. */
  readonly leader: boolean
  readonly peers: readonly Peer[]
}

interface Waiting {
  readonly signal?: AbortSignal
}

export const readSettings = (waiting?: Waiting): Promise<Settings> => askJson('/flotilla/settings', waiting)

export const changeSettings = async (change: Partial<Settings>): Promise<void> => {
  const settings = { ...(await readSettings()), ...change }
  const body = new Blob([JSON.stringify(settings)], { type: 'application/json' })
  await ask('/flotilla/settings', { method: 'PUT', body })
}

export const readPeers = (waiting?: Waiting): Promise<Peers> => askJson('/flotilla/peers', waiting)
