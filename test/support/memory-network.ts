/**
 * Several peers in one process: messages travel as JSON, bytes as copies, and keys are real. Each test decides how a peer
 * responds.
 */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { abortable, raceSignal } from '../../src/core/async/abortable.ts'
import type { Bytes } from '../../src/core/blobs/ports.ts'
import type { Network, PeerId } from '../../src/core/swarm/ports.ts'

/** `body` may be endless, or never come. */
export interface TestResponse {
  readonly value: unknown
  readonly body?: Bytes | undefined
}

export type TestHandler = (
  message: never,
  requester: PeerId,
  options: { readonly signal: AbortSignal },
) => TestResponse | Promise<TestResponse>

export interface MemoryNetwork {
  /** The network as this peer sees it. A peer that is not `connected` must be found as a provider before. */
  join(peer: PeerId, handler?: TestHandler, options?: { readonly connected?: boolean }): Network
  /** The peer stops responding, and its streams break. */
  kill(peer: PeerId): void
  /** The requests so far, as `ask peer`. */
  readonly requests: string[]
}

interface Member {
  readonly handler: TestHandler | undefined
  readonly isConnected: boolean
  readonly life: AbortController
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

export function createMemoryNetwork(): MemoryNetwork {
  const members = new Map<PeerId, Member>()
  const providers = new Map<string, Set<PeerId>>()
  const requests: string[] = []

  async function send(self: PeerId, peer: PeerId, message: unknown, signal: AbortSignal) {
    signal.throwIfAborted()
    const member = members.get(peer)
    if (!member?.handler || member.life.signal.aborted) throw new Error('no such peer')
    requests.push(`${(message as { ask: string }).ask} ${peer}`)
    const ending = AbortSignal.any([signal, member.life.signal])
    const response = Promise.resolve(member.handler(copyOf(message) as never, self, { signal: ending }))
    const { value, body } = await raceSignal(response, ending)
    return { value: copyOf(value), bytes: body ? transferred(body, ending) : nothing() }
  }

  return {
    requests,
    join(peer, handler, { connected = true } = {}) {
      const keys = generateKeyPairSync('ed25519')
      members.set(peer, { handler, isConnected: connected, life: new AbortController(), keys })
      return {
        self: peer,
        peers: () =>
          [...members].flatMap(([id, { handler: responds, isConnected, life }]) =>
            id !== peer && responds && isConnected && !life.signal.aborted ? [id] : [],
          ),
        request: (other, message, { signal }) => send(peer, other, message, signal),
        async *findProviders(digest) {
          yield* providers.get(digest) ?? []
        },
        async provide(digest) {
          providers.set(digest, (providers.get(digest) ?? new Set()).add(peer))
        },
        sign: async (bytes) => sign(null, bytes, keys.privateKey),
        verify: async (other, bytes, signature) =>
          members.has(other) && verify(null, bytes, members.get(other)!.keys.publicKey, signature),
      }
    },
    kill: (peer) => members.get(peer)!.life.abort(new Error('connection lost')),
  }
}

const copyOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** Copies of the chunks. The first is on its way before anybody reads, as on a real connection. */
function transferred(body: Bytes, ending: AbortSignal): Bytes {
  const source = body[Symbol.asyncIterator]()
  let first: ReturnType<typeof source.next> | undefined = source.next()
  first.catch(() => {})
  const next = () => {
    const chunk = first ?? source.next()
    first = undefined
    return chunk
  }
  const cancel = async () => void source.return?.()?.catch(() => {})
  const chunks = abortable({ [Symbol.asyncIterator]: () => ({ next }) }, ending)[Symbol.asyncIterator]()
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        const { done, value } = await chunks.next()
        return done ? { done, value } : { value: value.slice() }
      } catch (error) {
        await cancel()
        throw error
      }
    },
    async return() {
      await cancel()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

export async function* chunks(...parts: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}
