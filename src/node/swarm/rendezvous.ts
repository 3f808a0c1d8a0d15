/**
 * A folder in which the registries of one user on one machine announce their addresses: a file for each, named by its peer
 * id. It needs no network, and other users can't read it.
 */
import { type FSWatcher, watch } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Announcement {
  /** The peer id, which is the file's name. */
  readonly id: string
  readonly addresses: readonly string[]
}

export interface Rendezvous {
  announce(word: Announcement): Promise<void>
  withdraw(id: string): Promise<void>
  /** The current announcements, of all or of one registry. Stale ones are deleted. */
  announcements(id?: string): Promise<Announcement[]>
  /** Called when there is a new announcement, with the peer id if the system says it. */
  watch(onChange: (id?: string) => void): FSWatcher
}

/** Running registries renew their announcements. */
export const RENEW_INTERVAL_MS = 30_000
const STALE_AFTER_MS = 100_000

/** Limits of one file and of the number of files. */
const MAX_BYTES = 16 * 1024
const MAX_ANNOUNCEMENTS = 256

const ID = /^[1-9A-HJ-NP-Za-km-z]{46,62}$/

/**
 * The runtime folder of the log-in session, and a folder among the temporary files. Not every way to start a registry has
 * both.
 */
const folders = (): string[] => {
  const user = process.getuid?.()
  return [`/run/user/${user}/flotilla`, join(tmpdir(), `flotilla-${user ?? 'peers'}`)]
}

/** One for each folder that is private to this user, or can be created so. */
export async function openRendezvous(candidates: readonly string[] = folders()): Promise<Rendezvous[]> {
  const usable = await Promise.all(candidates.map(makePrivate))
  return candidates.filter((_, index) => usable[index]).map(rendezvousIn)
}

/** Another user may have created the folder among the temporary files. */
async function makePrivate(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 }).catch(() => {})
    const found = await lstat(folder)
    const isPrivate = found.uid === process.getuid?.() && (found.mode & 0o77) === 0
    return found.isDirectory() && (isPrivate || process.getuid === undefined)
  } catch {
    return false
  }
}

function rendezvousIn(folder: string): Rendezvous {
  let announced: string | undefined

  /** Updates the time of an unchanged announcement, which doesn't notify watchers. */
  async function renew(path: string): Promise<boolean> {
    const now = new Date()
    return utimes(path, now, now).then(
      () => true,
      () => false, // it was deleted
    )
  }

  /** Empty if the file is missing or damaged. */
  async function read(name: string): Promise<Announcement[]> {
    const path = join(folder, name)
    try {
      await using file = await open(path)
      const { mtimeMs, size } = await file.stat()
      if (Date.now() - mtimeMs > STALE_AFTER_MS) await rm(path, { force: true })
      else if (ID.test(name) && size <= MAX_BYTES) return [wordOf(name, await file.readFile('utf8'))]
    } catch {}
    return []
  }

  return {
    async announce({ id, addresses }) {
      const [path, draft] = [join(folder, id), join(folder, `.${id}`)]
      const text = JSON.stringify(addresses)
      if (text === announced && (await renew(path))) return
      await writeFile(draft, text, { mode: 0o600 })
      await rename(draft, path)
      announced = text
    },
    withdraw: (id) => rm(join(folder, id), { force: true }),
    async announcements(id) {
      const names = id === undefined ? (await readdir(folder)).slice(0, MAX_ANNOUNCEMENTS) : [id]
      return (await Promise.all(names.map(read))).flat()
    },
    watch: (onChange) =>
      watch(folder, { persistent: false }, (event, name) => {
        if (name === null) onChange()
        else if (event === 'rename' && ID.test(name)) onChange(name)
      }),
  }
}

function wordOf(id: string, text: string): Announcement {
  const value: unknown = JSON.parse(text)
  return { id, addresses: Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [] }
}
