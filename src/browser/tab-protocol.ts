/**
 * The messages between the service worker and the leading tab. The two can be of different versions for as long as a page
 * stays open, so both ignore what these schemas reject, and the names of messages and locks never change.
 */
import * as z from 'zod/mini'

/** Held by the leading tab; the others wait for it. */
export const LEADER_LOCK = 'flotilla-leader'

/**
 * Held by the leading tab under its client id. Whoever finds this lock held knows the leader; whoever is granted it knows
 * that the leader has gone. Nothing else tells so: neither ports nor streams report the end of a tab.
 */
export const leaderLock = (clientId: string): string => `${LEADER_LOCK}/${clientId}`

/** Returns the client id in the name of a leader's lock, `undefined` for other locks. */
export const leaderIn = (lock: string | undefined): string | undefined =>
  lock?.startsWith(leaderLock('')) ? lock.slice(leaderLock('').length) : undefined

/** Bytes of one response that may be on their way to the worker or wait there for their reader. */
export const WINDOW_BYTES = 1024 * 1024

export const MAX_CHUNK_BYTES = 256 * 1024

/** Interval of pings to the leader while it handles requests of the worker. */
export const PING_INTERVAL_MS = 2000

const v = z.literal(1)
const text = z.string().check(z.maxLength(4096))
const bytes = z.int().check(z.nonnegative())

/** Messages from the worker to tabs. */
export const toTabSchema = z.discriminatedUnion('type', [
  /** A request to a peer. Comes with a port, which carries {@link responseSchema} back and takes {@link controlSchema}. */
  z.object({ v, type: z.literal('question'), peer: text, question: z.unknown() }),
  /** A ping. The leader replies with {@link toWorkerSchema}. */
  z.object({ v, type: z.literal('look') }),
  /** The leader does not react: another tab must take its place. */
  z.object({ v, type: z.literal('depose'), leader: text }),
])

/** From the leading tab to the worker, as the reply to a ping and whenever something changes. */
export const toWorkerSchema = z.object({
  v,
  type: z.literal('status'),
  /** The tab's peer id, once it has joined the swarm. */
  id: z.optional(text),
  /** Whether all peers in the settings are connected, or have been tried for long enough. */
  isSettled: z.boolean(),
  peers: z.array(z.object({ id: text, addresses: z.array(text), received: bytes, sent: bytes })),
})

/** On a request's port, from the tab: a value, then bytes, then the end; or an error at any point. */
export const responseSchema = z.discriminatedUnion('type', [
  z.object({ v, type: z.literal('value'), value: z.unknown() }),
  z.object({ v, type: z.literal('bytes'), bytes: z.instanceof(ArrayBuffer) }),
  z.object({ v, type: z.literal('end') }),
  z.object({ v, type: z.literal('error'), message: text }),
])

/** On a request's port, from the worker. */
export const controlSchema = z.discriminatedUnion('type', [
  /** So many bytes were read, and as many more may be sent. The first {@link WINDOW_BYTES} need no such credit. */
  z.object({ v, type: z.literal('read'), bytes }),
  z.object({ v, type: z.literal('cancel') }),
])

export type ToTab = z.infer<typeof toTabSchema>
export type LeaderStatus = z.infer<typeof toWorkerSchema>
export type ResponseMessage = z.infer<typeof responseSchema>
export type ControlMessage = z.infer<typeof controlSchema>

/** A distributive `Omit`, so that a union keeps its members. */
type Unversioned<Message> = Message extends unknown ? Omit<Message, 'v'> : never

export const versioned = <Message extends ToTab | LeaderStatus | ResponseMessage | ControlMessage>(
  message: Unversioned<Message>,
): Message => ({ v: 1, ...message }) as unknown as Message
