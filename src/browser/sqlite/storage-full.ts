/**
 * Whether the browser gives this origin no more room. Its own figures do not tell (`estimate()` follows no limit that
 * is enforced), so it is tried: apart because only a failure asks for it.
 */
import { deleteDB, openDB } from 'idb'

/** More than a transaction of the catalog writes. */
const TRIAL = 1024 * 1024

export async function isStorageFull(): Promise<boolean> {
  const name = `trial-${crypto.randomUUID()}`
  try {
    await write(name)
    return false
  } catch (cause) {
    return cause instanceof DOMException && cause.name === 'QuotaExceededError'
  } finally {
    await deleteDB(name).catch(() => {})
  }
}

async function write(name: string): Promise<void> {
  const database = await openDB(name, 1, { upgrade: (upgraded) => void upgraded.createObjectStore('bytes') })
  try {
    await database.put('bytes', crypto.getRandomValues(new Uint8Array(TRIAL)), 0)
  } finally {
    database.close()
  }
}
