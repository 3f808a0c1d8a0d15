/**
 * A second copy of the names that the catalog holds: repositories, tags, which blobs are manifests and of which type,
 * and which images are kept. The bytes are safe on the disk whatever happens to the catalog; with this copy, so are
 * their names.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { NamedRepository } from '../catalog/names.ts'
import type { Log } from '../log.ts'

/** Where the copy is stored: one text of a few hundred bytes for each image. */
export interface NamesFile {
  /** `undefined` if there is none. */
  read(): Promise<string | undefined>
  /** Atomic, even if it is interrupted. */
  write(text: string): Promise<void>
}

export interface NamesBackup {
  /** To be called after each change of the catalog. The copy follows within {@link WRITE_DELAY_MS}. */
  changed(): void
  /** Writes what has changed until now. */
  close(): Promise<void>
  /** Writes nothing more, because the catalog cannot be trusted. */
  cancel(): void
}

/** Changes within this time are written together. */
export const WRITE_DELAY_MS = 3000

/** Of the copy's format. */
const VERSION = 1

export function startNamesBackup(file: NamesFile, catalog: Catalog, log: Log): NamesBackup {
  let timer: ReturnType<typeof setTimeout> | undefined
  let writing: Promise<void> = Promise.resolve()

  const copy = async (): Promise<void> => {
    const text = JSON.stringify({ version: VERSION, repositories: await catalog.names.all() })
    if (text !== (await file.read())) await file.write(text)
  }
  const write = (): Promise<void> => {
    timer = undefined
    writing = writing
      .then(copy)
      .catch((error) => log.error('the backup of the names could not be written', { err: error }))
    return writing
  }
  return {
    changed() {
      timer ??= setTimeout(write, WRITE_DELAY_MS)
    },
    async close() {
      if (timer === undefined) return writing
      clearTimeout(timer)
      await write()
    },
    cancel() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

/** The names in the backup; empty if there is none, or if it is in another format. */
export async function readNamesBackup(file: NamesFile): Promise<readonly NamedRepository[]> {
  const text = await file.read()
  try {
    const { version, repositories } = JSON.parse(text || '{}')
    return version === VERSION ? repositories : []
  } catch {
    return []
  }
}
