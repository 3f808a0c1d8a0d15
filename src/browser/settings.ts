/** What the user sets in the page, kept in IndexedDB, where the service worker and the leading tab read it. */
import { openDB } from 'idb'
import * as z from 'zod/mini'

const PEER_ID = '[1-9A-HJ-NP-Za-km-z]{46,62}'

/** With an id, nobody else is taken; without one, by HTTP, whoever answers there and proves the id that it tells. */
const PEER = new RegExp(
  `^/(ip4|ip6|dns|dns4|dns6)/[^/\\s]+/tcp/\\d{1,5}(/https?(/p2p/${PEER_ID})?|(/tls/ws|/wss?)/p2p/${PEER_ID})$`,
)

const address = z
  .string()
  .check(z.regex(PEER, 'expected an address such as /dns4/host/tcp/443/https or /ip4/…/tcp/…/ws/p2p/…'))

const peerId = z.string().check(z.regex(new RegExp(`^${PEER_ID}$`), 'expected a peer id such as 12D3KooW…'))

const bytes = z.int('expected a whole number of bytes').check(z.nonnegative('expected no less than 0'))

export const settingsSchema = z.strictObject({
  /** Bytes that may be kept of what came from peers; `null`: as much as the browser lets. */
  budget: z._default(z.nullable(bytes), null),
  /** Multiaddrs of peers to connect to. */
  peers: z._default(z.array(address).check(z.maxLength(64, 'expected at most 64 peers')), []),
  /** Ids of peers whose tags are believed, and what they list as referrers. */
  trust: z._default(z.array(peerId).check(z.maxLength(256, 'expected at most 256 peers')), []),
  /** For so many milliseconds a tag that was taken from a peer is served without asking again. */
  tagAge: z._default(z.int('expected whole milliseconds').check(z.nonnegative('expected no less than 0')), 0),
})

export type Settings = z.output<typeof settingsSchema>

const DATABASE = 'flotilla-settings'
const STORE = 'settings'
const KEY = 'all'

/** The defaults where nothing is kept, or what an other version kept is no longer valid. */
export async function readSettings(): Promise<Settings> {
  const kept = await inDatabase((database) => database.get(STORE, KEY))
  return settingsSchema.safeParse(kept).data ?? settingsSchema.parse({})
}

/** Durable on return; then everyone who watches is told. */
export async function writeSettings(settings: Settings): Promise<void> {
  await inDatabase(async (database) => {
    const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' })
    await Promise.all([transaction.store.put(settings, KEY), transaction.done])
  })
  const channel = new BroadcastChannel(DATABASE)
  channel.postMessage('changed')
  channel.close()
}

/** @returns ends it */
export function watchSettings(onChange: () => void): () => void {
  const channel = new BroadcastChannel(DATABASE)
  channel.onmessage = onChange
  return () => channel.close()
}

/** Those that are reached by WebSocket, through the leading tab. */
export const websocketPeers = ({ peers }: { readonly peers: readonly string[] }): string[] =>
  peers.filter((address) => /\/wss?\//.test(address))

/** Opened for each use: an open one would be in the way of whoever deletes it. */
async function inDatabase<T>(work: (database: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
  const database = await open()
  try {
    return await work(database)
  } finally {
    database.close()
  }
}

const open = () => openDB(DATABASE, 1, { upgrade: (database) => void database.createObjectStore(STORE) })
