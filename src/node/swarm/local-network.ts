/** Finds peers on the local network by multicast DNS, and is found there: for registries that are open to the network. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type PeerDiscovery, type PeerInfo, peerDiscoverySymbol } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isRelayed } from '../../core/libp2p/multiaddrs.ts'
import type { Libp2pParts } from '../../core/libp2p/options.ts'
import type { Log } from '../../core/log.ts'

/** Ours, so that other software of libp2p on the same network is left in peace. */
const SERVICE = '_flotilla._udp.local'

/** https://www.rfc-editor.org/rfc/rfc6762#section-3 */
const GROUP = '224.0.0.251'
const PORT = 5353

/**
 * Milliseconds after the first question until those that follow it, as either it or an answer may be lost. Later the
 * library asks every ten seconds. Each question is heard by whoever sends it too, and so answered by an announcement.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6762#section-5.2
 */
const ASK_AGAIN = [1000, 3000]

/** Milliseconds from one answer to the next: https://www.rfc-editor.org/rfc/rfc6762#section-6 */
const SPACING = 1000

/** What is announced, and all that is believed: IP addresses of local networks (RFC 1918, 3927, 4193, 4291, 6598). */
const LOCAL =
  /^\/(ip4\/(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|ip6\/(f[cd]|fe[89ab]))/i

/** More of one peer are not looked at. */
const MAX_ADDRESSES = 16

type Discovery = Libp2pParts['discovery'][number]
type Components = Parameters<Discovery>[0]

/** What the library's service has besides what its type says. */
interface Service extends PeerDiscovery {
  start(): Promise<void>
  stop(): Promise<void>
  readonly mdns?: { query(packet: object): void; respond(records: unknown): void }
}

/** The log tells where it cannot work: nothing is found then, and nothing fails. */
export async function localNetwork(log: Log): Promise<Libp2pParts['discovery']> {
  if (await hasRoute()) return [(components) => new LocalNetwork(components) as never]
  log.warn(
    'no route for multicast: peers on the local network will not be found; swarm.bootstrap can name them',
  )
  return []
}

/** Sends nothing: the system looks for a route when a socket is connected. */
async function hasRoute(): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.connect(PORT, GROUP)
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}

const isLocal = (address: Multiaddr): boolean => LOCAL.test(`${address}`) && !isRelayed(`${address}`)

/** The library's, but for addresses of loopback, which mean another machine to each who hears them. */
class LocalNetwork extends EventTarget {
  readonly [peerDiscoverySymbol] = this
  readonly #service: Service
  #timers: ReturnType<typeof setTimeout>[] = []

  constructor({ logger, addressManager }: Components) {
    super()
    const getAddresses = () => addressManager.getAddresses().filter(isLocal)
    this.#service = mdns({ serviceTag: SERVICE })({
      logger,
      addressManager: { getAddresses } as never,
    }) as Service
    this.#service.addEventListener('peer', ({ detail }) => this.#tell(detail))
  }

  async start(): Promise<void> {
    await this.#service.start()
    const { mdns } = this.#service
    if (!mdns) return
    mdns.respond = spaced(mdns.respond, SPACING)
    const ask = () => mdns.query({ questions: [{ name: SERVICE, type: 'PTR' }] })
    this.#timers = ASK_AGAIN.map((delay) => setTimeout(ask, delay))
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#service.stop()
  }

  #tell({ id, multiaddrs }: PeerInfo): void {
    const local = multiaddrs.filter(isLocal).slice(0, MAX_ADDRESSES)
    const detail: PeerInfo = { id, multiaddrs: local }
    if (local.length > 0) this.dispatchEvent(new CustomEvent('peer', { detail }))
  }
}

/** Calls that come too soon after the last are one call, later, with what the latest of them had to say. */
function spaced<Value>(call: (value: Value) => void, spacing: number): (value: Value) => void {
  let last = Number.NEGATIVE_INFINITY
  let next: { value: Value } | undefined
  const perform = (value: Value): void => {
    last = performance.now()
    next = undefined
    call(value)
  }
  return (value) => {
    const wait = last + spacing - performance.now()
    if (next) next.value = value
    else if (wait <= 0) perform(value)
    else {
      next = { value }
      setTimeout(() => perform(next!.value), wait).unref()
    }
  }
}
