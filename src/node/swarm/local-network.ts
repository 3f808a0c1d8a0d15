/** Finds peers on the local network by multicast DNS, for registries that are open to the network. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type PeerDiscovery, type PeerInfo, peerDiscoverySymbol } from '@libp2p/interface'
import { mdns } from '@libp2p/mdns'
import type { Multiaddr } from '@multiformats/multiaddr'
import { isRelayed } from '../../core/libp2p/multiaddrs.ts'
import type { Libp2pInit } from '../../core/libp2p/options.ts'
import type { Log } from '../../core/log.ts'

/** Our own service name, so that other libp2p software on the network isn't disturbed. */
const SERVICE = '_flotilla._udp.local'

/** https://www.rfc-editor.org/rfc/rfc6762#section-3 */
const GROUP = '224.0.0.251'
const PORT = 5353

/**
 * When the first query is repeated, because it or a response may be lost. Later the library queries every ten seconds. A
 * sender also receives its own query, and announces itself in response.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6762#section-5.2
 */
const REPEAT_QUERY_MS = [1000, 3000]

/** Between two responses: https://www.rfc-editor.org/rfc/rfc6762#section-6 */
const RESPONSE_INTERVAL_MS = 1000

/** Only addresses of local networks are announced and accepted (RFC 1918, 3927, 4193, 4291, 6598). */
const LOCAL =
  /^\/(ip4\/(10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|ip6\/(f[cd]|fe[89ab]))/i

/** Addresses that are accepted of one peer. */
const MAX_ADDRESSES = 16

type Discovery = Libp2pInit['discovery'][number]
type Components = Parameters<Discovery>[0]

/** Members of the library's service that its type lacks. */
interface Service extends PeerDiscovery {
  start(): Promise<void>
  stop(): Promise<void>
  readonly mdns?: { query(packet: object): void; respond(records: unknown): void }
}

/** If multicast doesn't work, that is logged, and no peers are found. */
export async function localNetwork(log: Log): Promise<Libp2pInit['discovery']> {
  if (await hasRoute()) return [(components) => new LocalNetwork(components) as never]
  log.warn(
    'there is no route for multicast, so peers on the local network will not be found; name them in swarm.bootstrap',
  )
  return []
}

/** Connecting a UDP socket sends nothing, but the system looks for a route. */
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

/** The library's service without loopback addresses, which mean a different machine to each receiver. */
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
    this.#service.addEventListener('peer', ({ detail }) => this.#emit(detail))
  }

  async start(): Promise<void> {
    await this.#service.start()
    const { mdns } = this.#service
    if (!mdns) return
    mdns.respond = throttle(mdns.respond, RESPONSE_INTERVAL_MS)
    const query = () => mdns.query({ questions: [{ name: SERVICE, type: 'PTR' }] })
    this.#timers = REPEAT_QUERY_MS.map((delay) => setTimeout(query, delay))
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    await this.#service.stop()
  }

  #emit({ id, multiaddrs }: PeerInfo): void {
    const local = multiaddrs.filter(isLocal).slice(0, MAX_ADDRESSES)
    const detail: PeerInfo = { id, multiaddrs: local }
    if (local.length > 0) this.dispatchEvent(new CustomEvent('peer', { detail }))
  }
}

/** Combines calls that come too soon after the last one into one later call, with the latest value. */
function throttle<Value>(call: (value: Value) => void, spacing: number): (value: Value) => void {
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
