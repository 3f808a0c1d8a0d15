/** The part of `/flotilla/` that only a browser has: what the user sets, and the peers it leads to. */
import type { Bytes } from '../../core/blobs/ports.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { NO_RIGHTS, refuseForeign } from '../../core/registry/cors.ts'
import { failureResponse } from '../../core/registry/failure.ts'
import { jsonResponse, type RegistryRequest, type RegistryResponse } from '../../core/registry/http.ts'
import { createRouter, operationOf, type Route } from '../../core/registry/route.ts'
import type { PeerLists } from '../../core/swarm/peer-lists.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import { readSettings, settingsSchema, writeSettings } from '../settings.ts'
import type { Status } from './port.ts'

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
  }
  /** `undefined` where the swarm is not joined yet. */
  peerLists(): Promise<Pick<PeerLists, 'areShared'> | undefined>
  readonly log: Log
}

/** Bytes of settings, as JSON. */
const MOST_SETTINGS = 64 * 1024

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

const routesOf = (parts: RoutesParts): Route<RegistryRequest>[] => [
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
        handle: async () => jsonResponse(200, await peersOf(parts)),
        summary: 'The peers in reach, and by which road',
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

/** A peer that is reached both ways is reached by HTTP. `lists`: it tells what it has. `serves`: the page comes from it. */
async function peersOf({ tab, http, peerLists }: RoutesParts) {
  const status = tab()
  const { origin, peers } = http()
  const ids = new Set(peers.map(({ id }) => id))
  const others = status?.peers.filter(({ id }) => !ids.has(id)) ?? []
  const reached = [
    ...peers.map((peer) => ({ ...peer, road: 'http' })),
    ...others.map((peer) => ({ ...peer, road: 'websocket' })),
  ]
  const lists = await peerLists()
  const described = reached.map(async (peer) => ({
    ...peer,
    lists: (await lists?.areShared(peer.id)) ?? false,
    ...(peer.id === origin?.id && { serves: true }),
  }))
  return {
    ...(status?.id && { id: status.id }),
    ...(origin && { origin }),
    leader: status !== undefined,
    peers: await Promise.all(described),
  }
}

async function jsonIn(body: Bytes | undefined): Promise<unknown> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  for await (const chunk of body ?? []) {
    parts.push(chunk as Uint8Array<ArrayBuffer>)
    length += chunk.byteLength
    if (length > MOST_SETTINGS)
      throw new RegistryError('SIZE_INVALID', 'settings are smaller', { status: 413 })
  }
  try {
    return JSON.parse(await new Blob(parts).text())
  } catch (cause) {
    throw new RegistryError('UNSUPPORTED', 'settings are JSON', { status: 400, cause })
  }
}
