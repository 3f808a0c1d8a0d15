/** The port `Network` over a node of libp2p: a stream for each question, and the DHT for who has what. */

import type { Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Bytes } from '../blobs/ports.ts'
import { peerFailed } from '../oci/error.ts'
import type { Network, PeerId, Response } from '../swarm/ports.ts'
import { encodeFrame, type Receiver, readAnswer } from '../swarm/protocol/frame.ts'
import { PROTOCOL } from '../swarm/protocol/limits.ts'
import type { Providers } from './content-routing.ts'
import { createReceiver } from './receiver.ts'
import { STREAM_PROTOCOL, type Traffic } from './traffic.ts'

/** Bytes that are taken from a peer ahead of the reader. */
const AHEAD = 1024 * 1024

/** Bytes of a chunk, at most; there are as many in most as libp2p decrypts at once, which is less. */
const CHUNK = 256 * 1024

export interface NetworkParts {
  readonly libp2p: Libp2p
  readonly privateKey: PrivateKey
  readonly providers: Providers
  readonly traffic: Traffic
  /** Told when a peer has come or gone. */
  onChange?(): void
}

/** `close` only stops watching who comes and goes; the node is the caller's. */
export interface OpenNetwork extends Network {
  close(): void
}

export async function openNetwork({
  libp2p,
  privateKey,
  providers,
  traffic,
  onChange,
}: NetworkParts): Promise<OpenNetwork> {
  const peers = new Set<PeerId>()
  const topology = await libp2p.register(PROTOCOL, {
    notifyOnLimitedConnection: true,
    onConnect(peer) {
      peers.add(peer.toString())
      onChange?.()
    },
    onDisconnect(peer) {
      peers.delete(peer.toString())
      onChange?.()
    },
  })

  async function ask(
    peer: PeerId,
    question: unknown,
    { signal }: { signal: AbortSignal },
  ): Promise<Response> {
    const stream = await open(libp2p, peer, signal)
    try {
      const receiver = createReceiver(stream, AHEAD)
      stream.send(encodeFrame(question))
      stream.close({ signal }).catch(() => {})
      const value = await readAnswer(receiver)
      const count = (bytes: number) => traffic.add(peer, STREAM_PROTOCOL, 'received', bytes)
      return { value, bytes: bytesOf(stream, receiver, count) }
    } catch (error) {
      stream.abort(error as Error)
      signal.throwIfAborted()
      throw error
    }
  }

  return {
    self: libp2p.peerId.toString(),
    peers: () => [...peers],
    request: ask,
    findProviders: providers.find,
    provide: providers.provide,
    sign: async (bytes) => privateKey.sign(bytes),
    verify,
    close: () => libp2p.unregister(topology),
  }
}

/** A stream that lives no longer than the signal. */
async function open(libp2p: Libp2p, peer: PeerId, signal: AbortSignal): Promise<Stream> {
  try {
    const options = { signal, runOnLimitedConnection: true }
    const stream = await libp2p.dialProtocol(peerIdFromString(peer), PROTOCOL, options)
    const onAbort = (): void => stream.abort(signal.reason)
    signal.addEventListener('abort', onAbort)
    stream.addEventListener('close', () => signal.removeEventListener('abort', onAbort))
    if (signal.aborted) onAbort()
    return stream
  } catch (error) {
    signal.throwIfAborted()
    throw peerFailed(`cannot reach ${peer}`, error)
  }
}

/** An iterator by hand: letting go must work before the first chunk too, which a generator does not notice. */
function bytesOf(stream: Stream, receiver: Receiver, count: (bytes: number) => void): Bytes {
  let isDone = false
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const chunk = isDone ? undefined : await receiver.read(CHUNK)
      isDone = chunk === undefined
      if (chunk) count(chunk.byteLength)
      return chunk ? { done: false, value: chunk } : { done: true, value: undefined }
    },
    async return() {
      if (!isDone) stream.abort(peerFailed('no longer wanted'))
      isDone = true
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

async function verify(peer: PeerId, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    return (await peerIdFromString(peer).publicKey?.verify(bytes, signature)) ?? false
  } catch {
    return false
  }
}
