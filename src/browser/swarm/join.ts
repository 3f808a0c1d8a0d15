/** Joins the swarm: the registry of this browser, between the peers that it reaches by HTTP and by the leading tab. */
import type { Assembly } from '../../core/assemble.ts'
import type { Log } from '../../core/log.ts'
import type { HashLeaf } from '../../core/swarm/ports.ts'
import type { Swarm } from '../../core/swarm/swarm.ts'
import { type Settings, watchSettings } from '../settings.ts'
import { createCombinedNetwork } from './combined-network.ts'
import { createHttpNetwork, type HttpNetwork } from './http/network.ts'
import type { RoutesParts } from './routes.ts'
import type { TabNetwork } from './tab/network.ts'

export interface SwarmParts {
  readonly assembly: Pick<Assembly, 'join'>
  readonly tab: TabNetwork
  /** Where the page comes from. */
  readonly origin: string
  /** What the user set, as it is now. */
  settings(): Promise<Settings>
  readonly log: Log
}

export interface JoinedSwarm {
  /** Who is reached by HTTP now. */
  http: RoutesParts['http']
  /** Where the registry of a peer is, by HTTP; waits until it is known who is reached. */
  registryOf(peer: string): Promise<string | undefined>
  /** Before the assembly is closed. */
  close(): void
}

/** Milliseconds that a worker which has just begun may take to learn whom it reaches. */
const REFRESH_TIMEOUT = 1500

/** Milliseconds that questions wait for that, and for what it takes to begin. */
export const JOIN_TIMEOUT = 2 * REFRESH_TIMEOUT

/** Returns at once: the registry answers meanwhile, and is joined when it is known who can be reached. */
export function joinSwarm({ assembly, tab, origin, settings, log }: SwarmParts): JoinedSwarm {
  const http = createHttpNetwork({ origin, settings, log })
  const network = createCombinedNetwork(http, tab)
  let trusted = new Set<string>()
  let age = 0
  let lastOrigin: string | undefined
  let isClosed = false
  let swarm: Swarm | undefined

  /** What the peer that serves the page once said also counts while it is away: see the sightings of tags. */
  function trusts(peer: string): boolean {
    lastOrigin = http.origin?.id ?? lastOrigin
    return trusted.has(peer) || peer === lastOrigin
  }

  async function readTrust(): Promise<void> {
    const before = trusted
    const { trust, tagAge } = await settings()
    trusted = new Set(trust)
    age = tagAge
    const gone = [...before].filter((peer) => !trusts(peer))
    if (gone.length > 0) await swarm?.forgetTagsOf(gone)
  }

  /** Never rejects. */
  async function refresh(): Promise<void> {
    try {
      await readTrust()
      await network.refresh({ signal: AbortSignal.timeout(REFRESH_TIMEOUT) })
    } catch (error) {
      log.warn('peers could not be looked for', { err: error })
    }
  }

  async function join(): Promise<void> {
    await refresh()
    if (!isClosed) swarm = assembly.join({ network, hashLeaf, trusts, tagAge: () => age })
  }

  const unwatch = watchSettings(() => void refresh())
  const joined = join()
  return {
    http: () => statusOf(http, origin),
    async registryOf(peer) {
      await joined
      const find = () => http.known.find(({ id }) => id === peer)?.url
      if (find() === undefined) await http.refresh({ signal: AbortSignal.timeout(REFRESH_TIMEOUT) }) // it may be back
      return find()
    },
    close() {
      isClosed = true
      unwatch()
      http.close()
    },
  }
}

const hashLeaf: HashLeaf = async (leaf) => {
  const hash = await crypto.subtle.digest('SHA-256', leaf as Uint8Array<ArrayBuffer>)
  return { leaf, hash: new Uint8Array(hash) }
}

function statusOf(network: HttpNetwork, url: string): ReturnType<RoutesParts['http']> {
  network.peers() // looks for those that were away
  const { origin, known } = network
  return {
    server: { url, ...network.stateOf(url)! },
    stateOf: network.stateOf,
    ...(origin && { origin: { id: origin.id, url: origin.url } }),
    peers: known.map(({ id, url, received, writable = url === origin?.url }) => {
      const registry = { url, writable }
      return { id, addresses: [url], sent: 0, received, registry }
    }),
  }
}
