/**
 * Several peers in one process: what is said travels as JSON, bytes as copies, and keys are real. What a peer answers
 * is the test's choice.
 */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { abortable, orAborted } from '../../src/core/async/abortable.ts'
import type { Bytes } from '../../src/core/blobs/ports.ts'
import type { Network, PeerId } from '../../src/core/swarm/ports.ts'

/** `body` may be endless, or never come. Called with `this` being nothing. */
export interface Said {
  readonly value: unknown
  readonly body?: Bytes | undefined
}

export type AnswerAll = (
  question: never,
  from: PeerId,
  options: { readonly signal: AbortSignal },
) => Said | Promise<Said>

export interface MemoryNetwork {
  /** The network as this peer sees it. One that is not `connected` can be asked, but has to be found first. */
  join(peer: PeerId, answer?: AnswerAll, options?: { readonly connected?: boolean }): Network
  /** It answers nothing any more, and what it was sending breaks off. */
  kill(peer: PeerId): void
  /** What was asked, as `ask peer`. */
  readonly questions: string[]
}

interface Member {
  readonly answer: AnswerAll | undefined
  readonly isConnected: boolean
  readonly life: AbortController
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
}

export function createMemoryNetwork(): MemoryNetwork {
  const members = new Map<PeerId, Member>()
  const providers = new Map<string, Set<PeerId>>()
  const questions: string[] = []

  async function ask(self: PeerId, peer: PeerId, question: unknown, signal: AbortSignal) {
    signal.throwIfAborted()
    const member = members.get(peer)
    if (!member?.answer || member.life.signal.aborted) throw new Error('no such peer')
    questions.push(`${(question as { ask: string }).ask} ${peer}`)
    const ending = AbortSignal.any([signal, member.life.signal])
    const answering = Promise.resolve(member.answer(copyOf(question) as never, self, { signal: ending }))
    const { value, body } = await orAborted(answering, ending)
    return { value: copyOf(value), bytes: body ? carried(body, ending) : nothing() }
  }

  return {
    questions,
    join(peer, answer, { connected = true } = {}) {
      const keys = generateKeyPairSync('ed25519')
      members.set(peer, { answer, isConnected: connected, life: new AbortController(), keys })
      return {
        self: peer,
        peers: () =>
          [...members].flatMap(([id, { answer, isConnected, life }]) =>
            id !== peer && answer && isConnected && !life.signal.aborted ? [id] : [],
          ),
        request: (other, question, { signal }) => ask(peer, other, question, signal),
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

/** Copies of its chunks. The first is on its way before anybody reads, as it would be over a wire. */
function carried(body: Bytes, ending: AbortSignal): Bytes {
  const source = body[Symbol.asyncIterator]()
  let first: ReturnType<typeof source.next> | undefined = source.next()
  first.catch(() => {})
  const next = () => {
    const chunk = first ?? source.next()
    first = undefined
    return chunk
  }
  const letGo = async () => void source.return?.()?.catch(() => {})
  const chunks = abortable({ [Symbol.asyncIterator]: () => ({ next }) }, ending)[Symbol.asyncIterator]()
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      try {
        const { done, value } = await chunks.next()
        return done ? { done, value } : { value: value.slice() }
      } catch (error) {
        await letGo()
        throw error
      }
    },
    async return() {
      await letGo()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
