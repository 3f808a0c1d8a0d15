/** Joins this browser's registry to the swarm of the peers that it reaches by HTTP and through the leading tab. */

import type { Assembly } from '../../core/assemble.ts'
import type { Log } from '../../core/log.ts'
import type { HashLeaf } from '../../core/swarm/ports.ts'
import type { Swarm } from '../../core/swarm/swarm.ts'
import { type Settings, watchSettings } from '../settings.ts'
import { createCombinedNetwork } from './combined-network.ts'
import { createHttpNetwork, type HttpNetwork } from './http/network.ts'
import type { RoutesDeps } from './routes.ts'
import type { TabNetwork } from './tab/network.ts'

export interface SwarmDeps {
  readonly assembly: Pick<Assembly, 'join'>
  readonly tab: TabNetwork
  /** The page's origin. */
  readonly origin: string
  /** Reads the user's current settings. */
  settings(): Promise<Settings>
  readonly log: Log
}

export interface JoinedSwarm {
  /** The peers that are connected by HTTP now. */
  http: RoutesDeps['http']
  /** Returns the URL of a peer's registry; waits until the first probes have ended. */
  registryOf(peer: string): Promise<string | undefined>
  /** Must be called before the assembly is closed. */
  close(): void
}

/** How long a worker that has just started may take to find out which peers it reaches. */
const REFRESH_TIMEOUT_MS = 1500

/** How long lookups wait until the swarm is joined. */
export const JOIN_TIMEOUT_MS = 2 * REFRESH_TIMEOUT_MS

/** Returns at once. The registry works meanwhile, and joins when it is known which peers it reaches. */
export function joinSwarm({ assembly, tab, origin, settings, log }: SwarmDeps): JoinedSwarm {
  const http = createHttpNetwork({ origin, settings, log })
  const network = createCombinedNetwork(http, tab)
  let trusted = new Set<string>()
  let age = 0
  let lastOrigin: string | undefined
  let isClosed = false
  let swarm: Swarm | undefined

  /** The peer that served the page stays trusted while it is away, so that tags it named remain valid. */
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
      await network.refresh({ signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS) })
    } catch (error) {
      log.warn('peers could not be probed', { err: error })
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
      if (find() === undefined) await http.refresh({ signal: AbortSignal.timeout(REFRESH_TIMEOUT_MS) }) // it may have come back
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

function statusOf(network: HttpNetwork, url: string): ReturnType<RoutesDeps['http']> {
  network.peers() // probes those that were away
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
