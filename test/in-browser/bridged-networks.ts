/** Peers in this window. The first is the service worker's network, which reaches the others through a leading tab. */
import { createTabNetwork } from '../../src/browser/swarm/tab/network.ts'
import { lead } from '../../src/browser/tab/lead.ts'
import { abortable, raceSignal } from '../../src/core/async/abortable.ts'
import type { Bytes } from '../../src/core/blobs/ports.ts'
import type { Network } from '../../src/core/swarm/ports.ts'
import type { RequestHandler } from '../../src/core/swarm/serve/handler.ts'
import type { OpenedNetworks } from '../contract/network.ts'
import { createFakeTabs, type FakeTabs, holdLead } from './fake-tabs.ts'

export interface Swarm {
  /** Handlers by the id of the requester. */
  askAs(self: string): Network['request']
  peers(): string[]
  answerWith(peer: string, answer: RequestHandler): void
  leave(peer: string): void
}

interface Member {
  answer: RequestHandler
  readonly life: AbortController
}

export function createSwarm(ids: readonly string[], onChange: () => void = () => {}): Swarm {
  const answerNull: RequestHandler = async () => ({ value: null })
  const members = new Map<string, Member>(
    ids.map((id) => [id, { answer: answerNull, life: new AbortController() }]),
  )
  return {
    askAs:
      (self) =>
      async (peer, question, { signal }) => {
        const member = members.get(peer)
        if (!member) throw new Error('no such peer')
        const ending = AbortSignal.any([signal, member.life.signal])
        const answering = member.answer(structuredClone(question), self, { signal: ending })
        const { value, body } = await raceSignal(answering, ending)
        return { value: structuredClone(value), bytes: abortable(body ?? nothing(), ending) }
      },
    peers: () => [...members.keys()],
    answerWith: (peer, answer) => {
      members.get(peer)!.answer = answer
    },
    leave(peer) {
      members.get(peer)!.life.abort(new Error('connection lost'))
      members.delete(peer)
      onChange()
    },
  }
}

export interface LeadingTab {
  /** As when it is closed. */
  close(): void
}

/** Opens a leading tab with this id in this swarm. `receive` belongs to the worker. */
export async function openLeadingTab(
  id: string,
  tabs: FakeTabs,
  swarm: Swarm,
  receive: (event: { data: unknown; source: unknown }) => void,
): Promise<LeadingTab & { changed(): void }> {
  const release = await holdLead(id)
  const closing = new AbortController()
  const worker = { postMessage: (data: unknown) => receive({ data: structuredClone(data), source: { id } }) }
  let listener: (event: unknown) => void = () => {}
  let changed = () => {}
  tabs.add(id, (data, ports) => listener({ data: structuredClone(data), source: worker, ports }))
  void lead({
    worker: {
      addEventListener: (_type: string, added: unknown) => {
        listener = added as typeof listener
      },
      removeEventListener: () => {
        listener = () => {}
      },
      controller: worker as unknown as ServiceWorker,
    },
    settings: tabs.deps.settings,
    watchSettings: () => () => {},
    openPeer: async (onChange) => {
      changed = onChange
      const peers = () => swarm.peers().map((id) => ({ id, addresses: [], received: 0, sent: 0 }))
      return {
        request: swarm.askAs(id),
        connect: async () => {},
        status: () => ({ id, isSettled: true, peers: peers() }),
        close: async () => {},
      }
    },
    signal: closing.signal,
  })
  return {
    changed: () => changed(),
    close() {
      closing.abort(new Error('closed'))
      tabs.remove(id)
      release()
    },
  }
}

export async function openBridgedNetworks(count: number): Promise<OpenedNetworks> {
  const ids = Array.from({ length: count - 1 }, () => `peer-${crypto.randomUUID()}`)
  const self = `tab-${crypto.randomUUID()}`
  const tabs = createFakeTabs()
  const swarm: Swarm = createSwarm(ids, () => tab.changed())
  const bridged = createTabNetwork({ ...tabs.deps, verify: async () => false })
  const tab = await openLeadingTab(self, tabs, swarm, bridged.receive)
  await bridged.refresh({ signal: AbortSignal.timeout(30_000) })
  const others = ids.map(
    (id): Network => ({ ...bridged, self: id, peers: () => [self, ...ids].filter((other) => other !== id) }),
  )
  return {
    networks: [bridged, ...others],
    answerWith: (network, answer) => swarm.answerWith(network.self, answer),
    leave: async (network) => swarm.leave(network.self),
    close: async () => tab.close(),
  }
}

async function* nothing(): Bytes & AsyncGenerator<Uint8Array> {}
