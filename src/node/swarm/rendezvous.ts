/**
 * A folder in which the registries of one user on one machine leave word of where they are: a file for each, named by its
 * peer id. It needs no network, and says nothing to anybody else, as nobody else may look into it.
 */
import { type FSWatcher, watch } from 'node:fs'
import { lstat, mkdir, open, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Word {
  /** Its name. */
  readonly id: string
  readonly addresses: readonly string[]
}

export interface Rendezvous {
  leave(word: Word): Promise<void>
  withdraw(id: string): Promise<void>
  /** What was left and is still true, by all or by one; what is not is removed. */
  words(id?: string): Promise<Word[]>
  /** Told when somebody leaves word that is new: who, where the system tells. */
  watch(onChange: (id?: string) => void): FSWatcher
}

/** Word is left again and again by whoever is there. Milliseconds. */
export const RENEWED_EVERY = 30_000
const STALE_AFTER = 100_000

/** Bytes of one file, and files. */
const MAX_BYTES = 16 * 1024
const MAX_WORDS = 256

const ID = /^[1-9A-HJ-NP-Za-km-z]{46,62}$/

/**
 * Where systems keep what lives as long as a log-in, and a folder of this user among the temporary files: not every way
 * to start a registry has both.
 */
const folders = (): string[] => {
  const user = process.getuid?.()
  return [`/run/user/${user}/flotilla`, join(tmpdir(), `flotilla-${user ?? 'peers'}`)]
}

/** One for each folder that is this user's alone, or can be made so. */
export async function openRendezvous(candidates: readonly string[] = folders()): Promise<Rendezvous[]> {
  const usable = await Promise.all(candidates.map(makePrivate))
  return candidates.filter((_, index) => usable[index]).map(rendezvousIn)
}

/** Among temporary files, anybody may have made it before. */
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
  let left: string | undefined

  /** Says that what was left is still true, which is news to nobody. */
  async function renew(path: string): Promise<boolean> {
    const now = new Date()
    return utimes(path, now, now).then(
      () => true,
      () => false, // somebody has removed it
    )
  }

  /** Nothing where it is gone meanwhile, or damaged. */
  async function read(name: string): Promise<Word[]> {
    const path = join(folder, name)
    try {
      await using file = await open(path)
      const { mtimeMs, size } = await file.stat()
      if (Date.now() - mtimeMs > STALE_AFTER) await rm(path, { force: true })
      else if (ID.test(name) && size <= MAX_BYTES) return [wordOf(name, await file.readFile('utf8'))]
    } catch {}
    return []
  }

  return {
    async leave({ id, addresses }) {
      const [path, draft] = [join(folder, id), join(folder, `.${id}`)]
      const text = JSON.stringify(addresses)
      if (text === left && (await renew(path))) return
      await writeFile(draft, text, { mode: 0o600 })
      await rename(draft, path)
      left = text
    },
    withdraw: (id) => rm(join(folder, id), { force: true }),
    async words(id) {
      const names = id === undefined ? (await readdir(folder)).slice(0, MAX_WORDS) : [id]
      return (await Promise.all(names.map(read))).flat()
    },
    watch: (onChange) =>
      watch(folder, { persistent: false }, (event, name) => {
        if (name === null) onChange()
        else if (event === 'rename' && ID.test(name)) onChange(name)
      }),
  }
}

function wordOf(id: string, text: string): Word {
  const value: unknown = JSON.parse(text)
  return { id, addresses: Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [] }
}
