/** The service worker's two networks as one: HTTP where a peer can be reached by it, else the tab that leads. */
import type { Network, PeerId, Response } from '../../core/swarm/ports.ts'
import type { HttpNetwork } from './http/network.ts'
import type { TabNetwork } from './tab/network.ts'

export interface CombinedNetwork extends Network {
  /** Resolves when both know whom they reach, or with the signal. */
  refresh(options: { readonly signal: AbortSignal }): Promise<void>
}

export function createCombinedNetwork(
  http: Pick<HttpNetwork, keyof Network | 'refresh'>,
  tab: Pick<TabNetwork, keyof Network | 'refresh'>,
): CombinedNetwork {
  const waysTo = (peer: PeerId) => [http, tab].filter((network) => network.peers().includes(peer))

  /** The other way is tried where the first one fails. Of an answer that breaks off, the rest is the asker's affair. */
  async function ask(peer: PeerId, question: unknown, options: { signal: AbortSignal }): Promise<Response> {
    const [first = tab, second] = waysTo(peer)
    try {
      return await first.request(peer, question, options)
    } catch (error) {
      options.signal.throwIfAborted()
      if (!second) throw error
      return second.request(peer, question, options)
    }
  }

  return {
    get self() {
      return tab.self
    },
    peers: () => [...new Set([...http.peers(), ...tab.peers()])],
    request: ask,
    findProviders: http.findProviders,
    async provide() {},
    sign: tab.sign,
    verify: http.verify,
    refresh: async (options) => void (await Promise.all([http.refresh(options), tab.refresh(options)])),
  }
}
