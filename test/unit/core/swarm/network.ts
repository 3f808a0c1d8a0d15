/**
 * A network within the test's process: what is said travels as JSON, as it would over a wire, and keys are real. What
 * a peer answers is the test's choice.
 */
import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import type { Network, PeerId } from '../../../../src/core/swarm/ports.ts'
import type { Answer, RequestHandler } from '../../../../src/core/swarm/serve/handler.ts'

/** Whatever a peer says, however false. */
export type AnswerAnything = (question: never, signal: AbortSignal) => Answer | Promise<Answer>

export interface TestNetwork {
  /** The network as this peer sees it. */
  join(peer: PeerId, answer?: RequestHandler): Network
  /** A peer that answers what the test wants. */
  joinStranger(peer: PeerId, answer: AnswerAnything): Network
  /** What was asked, as `ask peer`. */
  readonly questions: string[]
}

export function createTestNetwork(): TestNetwork {
  const answers = new Map<PeerId, RequestHandler>()
  const keys = new Map<PeerId, { publicKey: KeyObject; privateKey: KeyObject }>()
  const questions: string[] = []

  const network = (self: PeerId): Network => ({
    self,
    peers: () => [...answers.keys()].filter((peer) => peer !== self),
    async request(peer, question, { signal }) {
      const sent = JSON.parse(JSON.stringify(question))
      questions.push(`${sent.ask} ${peer}`)
      const { value, body = nothing() } = await answers.get(peer)!(sent, self, { signal })
      return { value: JSON.parse(JSON.stringify(value)), bytes: body }
    },
    async *findProviders() {},
    async provide() {},
    sign: async (bytes) => sign(null, bytes, keys.get(self)!.privateKey),
    verify: async (peer, bytes, signature) =>
      keys.has(peer) && verify(null, bytes, keys.get(peer)!.publicKey, signature),
  })

  return {
    questions,
    join(peer, answer) {
      keys.set(peer, generateKeyPairSync('ed25519'))
      if (answer) answers.set(peer, answer)
      return network(peer)
    },
    joinStranger(peer, answer) {
      return this.join(peer, async (question, _, { signal }) => answer(question as never, signal))
    },
  }
}

export async function* nothing(): AsyncGenerator<Uint8Array> {}

export async function* chunks(...parts: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}
