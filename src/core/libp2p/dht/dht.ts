/**
 * The DHT with limits. The library alone stores everything that it is sent, in the datastore that it is given, and
 * responds as fast as it is asked: a single stream could take all of a process's time.
 */

import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import type { Ping } from '@libp2p/ping'
import type { Datastore } from 'interface-datastore'
import { createRateLimiter } from '../../async/rate-limit.ts'
import { peerFailed } from '../../oci/error.ts'
import type { Libp2pServices } from '../options.ts'
import { DhtRecords } from './records.ts'

/**
 * Three requests at a time on disjoint paths, as in Kademlia. The library's default is nine, most of which are wasted when
 * the first response names a provider.
 */
const QUERIES = { alpha: 1, disjointPaths: 3 }

/** The DHT of the public IPFS network. */
const PUBLIC_DHT = '/ipfs/kad/1.0.0'

/** Of messages: each costs a fifth of a millisecond. An honest peer announces two records a second. */
const PEER_RATE = { perSecond: 50, burst: 200 }
const TOTAL_RATE = { perSecond: 400, burst: 400 }

/** What a stream may carry, and how much more each second: twice what could be responded to at that rate. */
const MAX_STREAM_BYTES = 64 * 1024
const MAX_BYTES_PER_SECOND = 16 * 1024

/** The private object of the library that receives messages. */
interface Rpc {
  onIncomingStream(stream: Stream, connection: Connection): Promise<void>
  handleMessage(peer: PeerId, message: unknown): Promise<unknown>
}

/**
 * In our own DHT every peer that listens keeps records, because peers of one network reach each other by private
 * addresses. The public DHT has stricter rules, and is only used if the configuration says so.
 */
export function dhtOf(protocol: string, listens: boolean): Libp2pServices[string] {
  const create = kadDHT(
    protocol === PUBLIC_DHT
      ? { protocol, peerInfoMapper: removePrivateAddressesMapper }
      : {
          protocol,
          peerInfoMapper: passthroughMapper,
          clientMode: !listens,
          initialQuerySelfInterval: 100,
          ...QUERIES,
        },
  )
  return (components) => {
    const datastore = new DhtRecords(components.peerId.toString())
    const dht = create(withDatastore(components as typeof components & { ping: Ping }, datastore))
    setLimits((dht as unknown as { rpc: Rpc }).rpc)
    return dht
  }
}

type Components = Parameters<ReturnType<typeof kadDHT>>[0]

const withDatastore = (components: Components, datastore: Datastore): Components =>
  new Proxy(components, {
    get: (target, name) => (name === 'datastore' ? datastore : Reflect.get(target, name)),
  })

/** @throws TypeError if the library has changed: no DHT is better than one without limits */
function setLimits(rpc: Rpc): void {
  const onIncomingStream = rpc.onIncomingStream.bind(rpc)
  const handleMessage = rpc.handleMessage.bind(rpc)
  const limitRate = createRateLimiter(PEER_RATE, TOTAL_RATE)
  rpc.onIncomingStream = (stream, connection) => {
    limitBytes(stream, connection)
    return onIncomingStream(stream, connection)
  }
  rpc.handleMessage = async (peer, message) => {
    await limitRate(peer.toString())
    return handleMessage(peer, message)
  }
}

/** Disconnects a peer that sends much more than could be responded to. */
function limitBytes(stream: Stream, connection: Connection): void {
  const startedAt = performance.now()
  let bytes = 0
  stream.addEventListener('message', ({ data }) => {
    bytes += data.byteLength
    const max = MAX_STREAM_BYTES + (MAX_BYTES_PER_SECOND * (performance.now() - startedAt)) / 1000
    if (bytes > max) connection.abort(peerFailed('the peer sends too much to the DHT'))
  })
}
