/** The user's settings. They are in IndexedDB, where the page, the service worker and the leading tab can read them. */
import { openDB } from 'idb'
import { type Settings, settingsSchema } from '../core/api/settings.ts'

export { type Settings, settingsSchema } from '../core/api/settings.ts'

const DATABASE = 'flotilla-settings'
const STORE = 'settings'
const KEY = 'all'

/** Returns the defaults if nothing is stored, or if what another version stored is invalid. */
export async function readSettings(): Promise<Settings> {
  const kept = await inDatabase((database) => database.get(STORE, KEY))
  return settingsSchema.safeParse(kept).data ?? settingsSchema.parse({})
}

/** The settings are durable on return. Watchers are notified. */
export async function writeSettings(settings: Settings): Promise<void> {
  await inDatabase(async (database) => {
    const transaction = database.transaction(STORE, 'readwrite', { durability: 'strict' })
    await Promise.all([transaction.store.put(settings, KEY), transaction.done])
  })
  const channel = new BroadcastChannel(DATABASE)
  channel.postMessage('changed')
  channel.close()
}

/** @returns a function that stops watching */
export function watchSettings(onChange: () => void): () => void {
  const channel = new BroadcastChannel(DATABASE)
  channel.onmessage = onChange
  return () => channel.close()
}

/** The peers that are connected by WebSocket, through the leading tab. */
export const websocketPeers = ({ peers }: { readonly peers: readonly string[] }): string[] =>
  peers.filter((address) => /\/wss?\//.test(address))

/** Opens the database for each use, because an open connection blocks its deletion. */
async function inDatabase<T>(work: (database: Awaited<ReturnType<typeof open>>) => Promise<T>): Promise<T> {
  const database = await open()
  try {
    return await work(database)
  } finally {
    database.close()
  }
}

const open = () => openDB(DATABASE, 1, { upgrade: (database) => void database.createObjectStore(STORE) })
