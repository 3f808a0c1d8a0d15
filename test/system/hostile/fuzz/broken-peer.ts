/** A peer that speaks libp2p up to a point, and from there on breaks what it sends: on streams, or below them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, MessageStream, Stream, StreamMuxerFactory } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { PROTOCOL } from '../../../../src/core/swarm/protocol/limits.ts'
import type { Random } from '../../faults/random.ts'
import { mutate } from './mutate.ts'
import { seedsOf } from './stream-seeds.ts'

/** Milliseconds that the other side may take to end a stream on which this one has said all. */
const PATIENCE = 45_000

export interface BrokenPeer extends AsyncDisposable {
  /** What the peer at this address says that it speaks. */
  protocols(address: string): Promise<string[]>
  /** A few broken messages on a stream of its own; whether the other side came to an end with it. */
  fuzz(address: string, protocol: string, random: Random): Promise<'ended' | 'hangs'>
}

/** @param breakFrames - breaks frames of the multiplexer, too: so often, of one */
export async function startBrokenPeer(random: Random, breakFrames = 0): Promise<BrokenPeer> {
  const libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [() => breaking(yamux()(), breakFrames, random)],
    services: { identify: identify() },
  })
  // Where its own frames are broken, this side waits for what the other never hears of.
  const patience = breakFrames > 0 ? 1000 : PATIENCE
  return {
    async protocols(address) {
      const { remotePeer } = await connect(libp2p, address)
      for (;;) {
        const { protocols } = await libp2p.peerStore.get(remotePeer)
        if (protocols.includes(PROTOCOL)) return protocols // all are known by then
        await sleep(20)
      }
    },
    fuzz: (address, protocol, random) => fuzz(libp2p, address, protocol, random, patience),
    [Symbol.asyncDispose]: async () => void (await libp2p.stop()),
  }
}

async function fuzz(
  libp2p: Libp2p,
  address: string,
  protocol: string,
  random: Random,
  patience: number,
): Promise<'ended' | 'hangs'> {
  const messages = Array.from({ length: random.integer(1, 4) }, () => mutate(seedsOf(protocol), random))
  const resets = random.chance(0.2)
  const connection = await connect(libp2p, address)
  const opening = connection.newStream(protocol, { signal: AbortSignal.timeout(patience) })
  const stream = await opening.catch(() => undefined)
  if (!stream) return 'ended' // the connection has gone with another stream
  const ended = endOf(stream, patience)
  for (const message of messages) if (stream.writeStatus === 'writable') stream.send(message)
  if (resets) stream.abort(new Error('reset'))
  else stream.close().catch(() => {})
  return ended
}

/** Again and again: a peer that comes too often is refused for a moment. */
async function connect(libp2p: Libp2p, address: string): Promise<Connection> {
  const signal = AbortSignal.timeout(PATIENCE)
  for (;;) {
    try {
      return await libp2p.dial(multiaddr(address), { signal })
    } catch (error) {
      if (signal.aborted) throw error
      await sleep(50)
    }
  }
}

async function endOf(stream: Stream, patience: number): Promise<'ended' | 'hangs'> {
  stream.addEventListener('message', () => {}) // whatever is said is read
  const deadline = Date.now() + patience
  while (stream.status === 'open' && stream.remoteWriteStatus !== 'closed') {
    if (Date.now() > deadline) {
      stream.abort(new Error('it hangs'))
      return 'hangs'
    }
    await sleep(10)
  }
  return 'ended'
}

/** The multiplexer itself is sound: what it sends is broken on its way into the encrypted connection. */
function breaking(factory: StreamMuxerFactory, often: number, random: Random): StreamMuxerFactory {
  return {
    protocol: factory.protocol,
    createStreamMuxer(connection: MessageStream) {
      const send = connection.send.bind(connection)
      connection.send = (data) => send(random.chance(often) ? mutate([data.subarray()], random) : data)
      return factory.createStreamMuxer(connection)
    },
  }
}
