/** The part of `/flotilla/` that only a browser has: what the user sets, and the peers it leads to. */

import { delay } from '../../core/async/delay.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import { NO_RIGHTS, refuseForeign } from '../../core/http/cors.ts'
import { failureResponse } from '../../core/http/failure.ts'
import { jsonResponse, type RegistryRequest, type RegistryResponse } from '../../core/http/message.ts'
import { createRouter, operationOf, type Route } from '../../core/http/route.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { PeerLists } from '../../core/swarm/lookup/peer-lists.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import { readSettings, settingsSchema, writeSettings } from '../settings.ts'
import type { Status } from '../tab-protocol.ts'
import type { PlaceState } from './place-state.ts'
import { createSocketState, type SocketState } from './socket-state.ts'

/** Bytes of blobs since the worker or the tab began. */
export interface ReachedPeer {
  readonly id: PeerId
  readonly addresses: readonly string[]
  readonly sent: number
  readonly received: number
  /** By HTTP, and whether this page may push to it. */
  readonly registry?: { readonly url: string; readonly writable: boolean }
}

export interface RoutesParts {
  /** What the leading tab said last; `undefined` without one. */
  tab(): Status | undefined
  /** The peers in reach by HTTP, and which of them serves this page. */
  http(): {
    readonly origin?: { readonly id: PeerId; readonly url: string } | undefined
    readonly peers: readonly ReachedPeer[]
    /** Where the page comes from, and how it stands with that. */
    readonly server: { readonly url: string } & PlaceState
    /** How it stands with an address of the settings; `undefined` for one that is not by HTTP. */
    stateOf(address: string): PlaceState | undefined
  }
  /** `undefined` where the swarm is not joined yet. */
  peerLists(): Promise<Pick<PeerLists, 'areShared'> | undefined>
  readonly log: Log
}

/** Bytes of settings, as JSON. */
const MAX_SETTINGS = 64 * 1024

/** Gives `undefined` for a path of others. It never throws; what goes wrong is in the response. */
export function createRoutes(
  parts: RoutesParts,
): (request: RegistryRequest) => Promise<RegistryResponse | undefined> {
  const find = createRouter(routesOf(parts))
  return async (request) => {
    const match = find(request.target.split('?', 1)[0]!)
    if (!match) return undefined
    try {
      refuseForeign(request, NO_RIGHTS)
      const response = await operationOf(request.method, match).handle(request)
      return { ...response, headers: { 'Cache-Control': 'no-store', ...response.headers } }
    } catch (error) {
      return failureResponse(error, request, parts.log)
    }
  }
}

/** For `GET /flotilla/whoami`: by which id the worker knows the tab that asks. */
export const whoAmI = (clientId: string): RegistryResponse =>
  jsonResponse(200, { id: clientId }, { 'Cache-Control': 'no-store' })

const routesOf = (parts: RoutesParts, socketState = createSocketState()): Route<RegistryRequest>[] => [
  {
    name: 'settings',
    path: '/flotilla/settings',
    operations: {
      GET: {
        handle: async () => jsonResponse(200, await readSettings()),
        summary: 'What the user has set',
        statuses: [200],
        errors: [],
      },
      PUT: { handle: putSettings, summary: 'Sets all of it', statuses: [200], errors: ['UNSUPPORTED'] },
    },
  },
  {
    name: 'peers',
    path: '/flotilla/peers',
    operations: {
      GET: {
        handle: async () => jsonResponse(200, await peersOf(parts, socketState)),
        summary: 'The peers in reach, and by which protocol',
        statuses: [200],
        errors: [],
      },
    },
  },
]

async function putSettings({ body }: RegistryRequest): Promise<RegistryResponse> {
  const parsed = settingsSchema.safeParse(await jsonIn(body))
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new RegistryError('UNSUPPORTED', problems.join('; '), { status: 400, detail: problems })
  }
  await writeSettings(parsed.data)
  return jsonResponse(200, parsed.data)
}

/** Milliseconds that it may take to find out who tells what he has: the next look knows it. */
const LISTS_TIMEOUT = 300

/** A peer that is reached both ways is reached by HTTP. `lists`: it tells what it has. `serves`: the page comes from it. */
async function peersOf({ tab, http, peerLists }: RoutesParts, socketState: SocketState) {
  const status = tab()
  const { origin, peers, server, stateOf } = http()
  const ids = new Set(peers.map(({ id }) => id))
  const others = status?.peers.filter(({ id }) => !ids.has(id)) ?? []
  const reached = [
    ...peers.map((peer) => ({ ...peer, protocol: 'http' })),
    ...others.map((peer) => ({ ...peer, protocol: 'websocket' })),
  ]
  const lists = within(LISTS_TIMEOUT, peerLists())
  const described = reached.map(async (peer) => ({
    ...peer,
    lists: (await within(LISTS_TIMEOUT, areShared(await lists, peer.id))) ?? false,
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

const areShared = async (lists: Awaited<ReturnType<RoutesParts['peerLists']>>, id: PeerId) =>
  lists?.areShared(id)

/** `undefined` when it takes longer than so many milliseconds. */
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
    if (length > MAX_SETTINGS)
      throw new RegistryError('SIZE_INVALID', 'settings are smaller', { status: 413 })
  }
  try {
    return JSON.parse(await new Blob(parts).text())
  } catch (cause) {
    throw new RegistryError('UNSUPPORTED', 'settings are JSON', { status: 400, cause })
  }
}
