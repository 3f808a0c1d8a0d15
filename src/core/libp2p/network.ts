/** The port `Network` over libp2p: a stream for each request, and the DHT for providers. */

import type { Libp2p, PrivateKey, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Bytes } from '../blobs/ports.ts'
import { peerFailed } from '../oci/error.ts'
import type { Network, PeerId, PeerResponse } from '../swarm/ports.ts'
import { encodeFrame, type Receiver, readResponse } from '../swarm/protocol/frame.ts'
import { PROTOCOL } from '../swarm/protocol/limits.ts'
import type { ProviderRecords } from './content-routing.ts'
import { createReceiver } from './stream.ts'
import { STREAM_PROTOCOL, type Traffic } from './traffic.ts'

/** What is received from a peer ahead of the reader. */
const MAX_AHEAD_BYTES = 1024 * 1024

/** Most chunks are smaller: as large as what libp2p decrypts at once. */
const MAX_CHUNK_BYTES = 256 * 1024

export interface NetworkDeps {
  readonly libp2p: Libp2p
  readonly privateKey: PrivateKey
  readonly providers: ProviderRecords
  readonly traffic: Traffic
  /** Called when a peer has connected or disconnected. */
  onChange?(): void
}

/** `close` only stops watching which peers are connected; libp2p itself belongs to the caller. */
export interface OpenNetwork extends Network {
  close(): void
}

export async function openNetwork({
  libp2p,
  privateKey,
  providers,
  traffic,
  onChange,
}: NetworkDeps): Promise<OpenNetwork> {
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

  async function request(
    peer: PeerId,
    message: unknown,
    { signal }: { signal: AbortSignal },
  ): Promise<PeerResponse> {
    const stream = await open(libp2p, peer, signal)
    try {
      const receiver = createReceiver(stream, MAX_AHEAD_BYTES)
      stream.send(encodeFrame(message))
      stream.close({ signal }).catch(() => {})
      const value = await readResponse(receiver)
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
    request,
    findProviders: providers.find,
    provide: providers.provide,
    sign: async (bytes) => privateKey.sign(bytes),
    verify,
    close: () => libp2p.unregister(topology),
  }
}

/** A stream that is aborted with the signal. */
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
    throw peerFailed(`cannot connect to ${peer}`, error)
  }
}

/** Not a generator, because `return()` must also work before the first chunk. */
function bytesOf(stream: Stream, receiver: Receiver, count: (bytes: number) => void): Bytes {
  let isDone = false
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const chunk = isDone ? undefined : await receiver.read(MAX_CHUNK_BYTES)
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
