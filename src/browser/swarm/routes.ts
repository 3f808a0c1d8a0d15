/** `GET /flotilla/peers` in a browser, and what only a browser has: the settings, and the ids of tabs. */

import type { ApiHandlers } from '../../core/api/api.ts'
import type { Json } from '../../core/api/schemas.ts'
import { settingsSchema } from '../../core/api/settings.ts'
import { delay } from '../../core/async/delay.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import { jsonResponse, type RegistryRequest, type RegistryResponse } from '../../core/http/message.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { PeerLists } from '../../core/swarm/lookup/peer-lists.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import { readSettings, writeSettings } from '../settings.ts'
import type { LeaderStatus } from '../tab-protocol.ts'
import type { ConnectionState } from './connection-state.ts'
import { createWebSocketState, type WebSocketState } from './connection-state.ts'

/** `sent` and `received` count bytes of blobs since the worker or the tab started. */
export interface ReachedPeer {
  readonly id: PeerId
  readonly addresses: readonly string[]
  readonly sent: number
  readonly received: number
  /** Its registry by HTTP, and whether this page may push to it. */
  readonly registry?: { readonly url: string; readonly writable: boolean }
}

export interface RoutesDeps {
  /** The last status of the leading tab; `undefined` if no tab leads. */
  tab(): LeaderStatus | undefined
  /** The peers that are reached by HTTP, and which of them serves this page. */
  http(): {
    readonly origin?: { readonly id: PeerId; readonly url: string } | undefined
    readonly peers: readonly ReachedPeer[]
    /** Where the page was loaded from, and whether it is reached. */
    readonly server: { readonly url: string } & ConnectionState
    /** The state of an address of the settings; `undefined` if it is not an HTTP address. */
    stateOf(address: string): ConnectionState | undefined
  }
  /** `undefined` until the swarm has joined. */
  peerLists(): Promise<Pick<PeerLists, 'areShared'> | undefined>
}

/** Of settings, as JSON. */
const MAX_SETTINGS_BYTES = 64 * 1024

export function createRoutes(deps: RoutesDeps): Pick<ApiHandlers, 'peers' | 'settings'> {
  const socketState = createWebSocketState()
  return {
    settings: {
      GET: async () => jsonResponse(200, await readSettings()),
      PUT: putSettings,
    },
    peers: { GET: async () => jsonResponse(200, await peersOf(deps, socketState)) },
  }
}

/** For `GET /flotilla/whoami`. */
export const createClientRoute = (clientId: string): Pick<ApiHandlers, 'client'> => ({
  client: {
    async GET() {
      const client: Json<'Client'> = { id: clientId }
      return jsonResponse(200, client)
    },
  },
})

async function putSettings({ body }: RegistryRequest): Promise<RegistryResponse> {
  const parsed = settingsSchema.safeParse(await jsonIn(body))
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new RegistryError('UNSUPPORTED', problems.join('; '), { status: 400, detail: problems })
  }
  await writeSettings(parsed.data)
  return jsonResponse(200, parsed.data)
}

/** What is not known by then is known at the next request. */
const LISTS_TIMEOUT_MS = 300

/** A peer that is reached both by HTTP and by WebSocket is listed as one reached by HTTP. */
async function peersOf(
  { tab, http, peerLists }: RoutesDeps,
  socketState: WebSocketState,
): Promise<Json<'Peers'>> {
  const status = tab()
  const { origin, peers, server, stateOf } = http()
  const ids = new Set(peers.map(({ id }) => id))
  const others = status?.peers.filter(({ id }) => !ids.has(id)) ?? []
  const reached = [
    ...peers.map((peer) => ({ ...peer, protocol: 'http' as const })),
    ...others.map((peer) => ({ ...peer, protocol: 'websocket' as const })),
  ]
  const lists = within(LISTS_TIMEOUT_MS, peerLists())
  const described = reached.map(async (peer) => ({
    ...peer,
    lists: (await within(LISTS_TIMEOUT_MS, areShared(await lists, peer.id))) ?? false,
    ...(peer.id === origin?.id && { serves: true }),
  }))
  const named = (await readSettings()).peers
  return {
    ...(status?.id && { id: status.id }),
    ...(origin && { origin }),
    server,
    leader: status !== undefined,
    peers: await Promise.all(described),
    addresses: named.map((address) => ({ address, ...(stateOf(address) ?? socketState(address, status)) })),
  }
}

const areShared = async (lists: Awaited<ReturnType<RoutesDeps['peerLists']>>, id: PeerId) =>
  lists?.areShared(id)

/** `undefined` if `work` takes longer. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  const ended = new AbortController()
  try {
    return await Promise.race([work, delay(milliseconds, ended.signal)])
  } finally {
    ended.abort()
  }
}

async function jsonIn(body: Bytes | undefined): Promise<unknown> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    parts.push(chunk as Uint8Array<ArrayBuffer>)
    length += chunk.byteLength
    if (length > MAX_SETTINGS_BYTES)
      throw new RegistryError('SIZE_INVALID', `settings have at most ${MAX_SETTINGS_BYTES} bytes`, {
        status: 413,
      })
  }
  try {
    return JSON.parse(await new Blob(parts).text())
  } catch (cause) {
    throw new RegistryError('UNSUPPORTED', 'expected settings as JSON', { status: 400, cause })
  }
}
