/**
 * The DHT, within bounds. Apart from the library because that one keeps whatever it is told, in the datastore that it
 * is given, and answers as fast as it is asked: a single stream takes all of a process's time.
 */

import type { Connection, PeerId, Stream } from '@libp2p/interface'
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht'
import type { Ping } from '@libp2p/ping'
import type { Datastore } from 'interface-datastore'
import { createRateLimiter } from '../../async/rate-limit.ts'
import { peerFailed } from '../../oci/error.ts'
import type { Services } from '../options.ts'
import { DhtRecords } from './records.ts'

/**
 * Three questions at a time, each on a path of its own, as in Kademlia; the library's default is nine, of which most are
 * on their way in vain when the first answer names a provider.
 */
const QUERIES = { alpha: 1, disjointPaths: 3 }

/** The DHT of the public IPFS network. */
const PUBLIC_DHT = '/ipfs/kad/1.0.0'

/** Messages of one peer, and of all: each costs a fifth of a millisecond. An honest one tells two records a second. */
const RATE_OF_PEER = { perSecond: 50, burst: 200 }
const RATE = { perSecond: 400, burst: 400 }

/** Bytes that a stream may carry, and as many more for each second: twice what could be answered at that rate. */
const BYTES = 64 * 1024
const BYTES_PER_SECOND = 16 * 1024

/** What is needed of the library's object, of which its types tell nothing. */
interface Answerer {
  onIncomingStream(stream: Stream, connection: Connection): Promise<void>
  handleMessage(peer: PeerId, message: unknown): Promise<unknown>
}

/**
 * In our own DHT every peer that listens keeps records, as peers of one network reach each other by private addresses.
 * The public one has stricter manners, and nothing reaches it unless the configuration says so.
 */
export function dhtOf(protocol: string, listens: boolean): Services[string] {
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
    setBounds((dht as unknown as { rpc: Answerer }).rpc)
    return dht
  }
}

type Components = Parameters<ReturnType<typeof kadDHT>>[0]

const withDatastore = (components: Components, datastore: Datastore): Components =>
  new Proxy(components, {
    get: (target, name) => (name === 'datastore' ? datastore : Reflect.get(target, name)),
  })

/** @throws TypeError where the library is made otherwise now: better no DHT than one without bounds */
function setBounds(answerer: Answerer): void {
  const onIncomingStream = answerer.onIncomingStream.bind(answerer)
  const handleMessage = answerer.handleMessage.bind(answerer)
  const pace = createRateLimiter(RATE_OF_PEER, RATE)
  answerer.onIncomingStream = (stream, connection) => {
    watch(stream, connection)
    return onIncomingStream(stream, connection)
  }
  answerer.handleMessage = async (peer, message) => {
    await pace(peer.toString())
    return handleMessage(peer, message)
  }
}

/** Whoever sends much more than he can be answered does not want answers, and goes. */
function watch(stream: Stream, connection: Connection): void {
  const begun = performance.now()
  let bytes = 0
  stream.addEventListener('message', ({ data }) => {
    bytes += data.byteLength
    const most = BYTES + (BYTES_PER_SECOND * (performance.now() - begun)) / 1000
    if (bytes > most) connection.abort(peerFailed('the peer says too much to the DHT'))
  })
}
