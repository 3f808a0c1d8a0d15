/**
 * What the service worker and the tab that leads say to each other. Here for both sides, which may be of different
 * versions of this software for as long as a page stays open: what does not pass these schemas is not acted upon.
 */
import * as z from 'zod/mini'

/** Held by the one tab that leads; the others wait for it. */
export const LEADER_LOCK = 'flotilla-leader'

/**
 * Held by the tab that leads, under its client id, for as long as it does: its presence says who leads, and whoever is
 * given it knows that the leader has gone. Nothing else tells so, neither ports nor streams.
 */
export const leaderLock = (clientId: string): string => `${LEADER_LOCK}/${clientId}`

/** The client id in the name of a lock, if it is such a lock. */
export const leaderIn = (lock: string | undefined): string | undefined =>
  lock?.startsWith(leaderLock('')) ? lock.slice(leaderLock('').length) : undefined

/** Bytes of one question's answer that may be on their way to the worker or wait there for their reader. */
export const WINDOW = 1024 * 1024

/** Bytes handed over at once, at most. */
export const PIECE = 256 * 1024

/** Milliseconds from one look at the leader to the next, while it has questions of the worker to answer. */
export const LOOK_INTERVAL = 2000

const v = z.literal(1)
const text = z.string().check(z.maxLength(4096))
const bytes = z.int().check(z.nonnegative())

/** From the worker to tabs. */
export const toTabSchema = z.discriminatedUnion('type', [
  /** Ask this peer; comes with a port, on which {@link answerSchema} comes back, and takes {@link controlSchema}. */
  z.object({ v, type: z.literal('question'), peer: text, question: z.unknown() }),
  /** Are you there? → {@link toWorkerSchema} */
  z.object({ v, type: z.literal('look') }),
  /** This leader does not react: another tab is to take its place. */
  z.object({ v, type: z.literal('depose'), leader: text }),
])

/** From the tab that leads to the worker, when asked and whenever anything has changed. */
export const toWorkerSchema = z.object({
  v,
  type: z.literal('status'),
  /** Its id in the swarm, once it has joined. */
  id: z.optional(text),
  /** Whether it has reached, or tried for long enough to reach, all peers that it was told of. */
  isSettled: z.boolean(),
  peers: z.array(z.object({ id: text, addresses: z.array(text), received: bytes, sent: bytes })),
})

/** On a question's port, from the tab: a value, then bytes, then the end; or an error at any point. */
export const answerSchema = z.discriminatedUnion('type', [
  z.object({ v, type: z.literal('value'), value: z.unknown() }),
  z.object({ v, type: z.literal('bytes'), bytes: z.instanceof(ArrayBuffer) }),
  z.object({ v, type: z.literal('end') }),
  z.object({ v, type: z.literal('error'), message: text }),
])

/** On a question's port, from the worker. */
export const controlSchema = z.discriminatedUnion('type', [
  /** So many bytes were read; as many more may be sent. The first {@link WINDOW} of them need no leave. */
  z.object({ v, type: z.literal('read'), bytes }),
  z.object({ v, type: z.literal('cancel') }),
])

export type ToTab = z.infer<typeof toTabSchema>
export type Status = z.infer<typeof toWorkerSchema>
export type Answer = z.infer<typeof answerSchema>
export type Control = z.infer<typeof controlSchema>

/** The names alone; a union loses them, were `v` left out of each of its members. */
type Unversioned<Message> = Message extends unknown ? Omit<Message, 'v'> : never

/** As it is sent. */
export const versioned = <Message extends ToTab | Status | Answer | Control>(
  message: Unversioned<Message>,
): Message => ({ v: 1, ...message }) as unknown as Message
