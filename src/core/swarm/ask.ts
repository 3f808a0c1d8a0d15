/** Asks a peer for a value, and holds the answer to its schema. */
import type * as z from 'zod/mini'
import type { ListQuestion } from './list-messages.ts'
import type { Question } from './messages.ts'
import type { Network, PeerId } from './ports.ts'
import { askPeer, letGo } from './question.ts'

/** @throws what went wrong on the way; $ZodError where the answer is none */
export async function ask<T>(
  network: Network,
  peer: PeerId,
  question: Question | ListQuestion,
  schema: z.ZodMiniType<T>,
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  const { value, bytes } = await askPeer(network, peer, question, signal)
  letGo(bytes)
  return schema.parse(value)
}
