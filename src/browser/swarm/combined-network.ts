/** Joins the service worker's two networks: HTTP to peers that it reaches, the leading tab to all others. */
import type { Network, PeerId, PeerResponse } from '../../core/swarm/ports.ts'
import type { HttpNetwork } from './http/network.ts'
import type { TabNetwork } from './tab/network.ts'

export interface CombinedNetwork extends Network {
  /** Resolves when both networks know which peers they reach, or when the signal aborts. */
  refresh(options: { readonly signal: AbortSignal }): Promise<void>
}

export function createCombinedNetwork(
  http: Pick<HttpNetwork, keyof Network | 'refresh'>,
  tab: Pick<TabNetwork, keyof Network | 'refresh'>,
): CombinedNetwork {
  const networksTo = (peer: PeerId) => [http, tab].filter((network) => network.peers().includes(peer))

  /** Tries the second network if the first one fails. If a response breaks off, its reader asks for the rest. */
  async function request(
    peer: PeerId,
    message: unknown,
    options: { signal: AbortSignal },
  ): Promise<PeerResponse> {
    const [first = tab, second] = networksTo(peer)
    try {
      return await first.request(peer, message, options)
    } catch (error) {
      options.signal.throwIfAborted()
      if (!second) throw error
      return second.request(peer, message, options)
    }
  }

  return {
    get self() {
      return tab.self
    },
    peers: () => [...new Set([...http.peers(), ...tab.peers()])],
    request,
    findProviders: http.findProviders,
    async provide() {},
    sign: tab.sign,
    verify: http.verify,
    refresh: async (options) => void (await Promise.all([http.refresh(options), tab.refresh(options)])),
  }
}
