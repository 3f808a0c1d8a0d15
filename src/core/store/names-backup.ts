/**
 * A second copy of the names that the catalog holds: repositories, what is a manifest and of which type, tags, what is
 * kept. Bytes are safe on the disk whatever becomes of the catalog; with this, so is what they are called.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { NamedRepository } from '../catalog/names.ts'
import type { Log } from '../log.ts'

/** Where the copy is kept: one text, of some hundred bytes an image. */
export interface Names {
  /** `undefined` where there is none. */
  read(): Promise<string | undefined>
  /** All or nothing, whenever it is interrupted. */
  write(text: string): Promise<void>
}

export interface NamesKeeper {
  /** To be told of each change of the catalog. The copy follows within {@link DELAY}. */
  changed(): void
  /** Writes what has changed until now. */
  close(): Promise<void>
  /** Writes no more: the catalog is not to be believed. */
  cancel(): void
}

/** Milliseconds that changes gather. */
export const DELAY = 3000

const VERSION = 1

/** Keeps the copy like the catalog, from now on. */
export function keepNames(names: Names, catalog: Catalog, log: Log): NamesKeeper {
  let timer: ReturnType<typeof setTimeout> | undefined
  let writing: Promise<void> = Promise.resolve()

  const copy = async (): Promise<void> => {
    const text = JSON.stringify({ version: VERSION, repositories: await catalog.names.all() })
    if (text !== (await names.read())) await names.write(text)
  }
  const write = (): Promise<void> => {
    timer = undefined
    writing = writing.then(copy).catch((error) => log.error('names could not be copied', { err: error }))
    return writing
  }
  return {
    changed() {
      timer ??= setTimeout(write, DELAY)
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

/** What the copy names; nothing where there is none, or none of ours. */
export async function readNames(names: Names): Promise<readonly NamedRepository[]> {
  const text = await names.read()
  try {
    const { version, repositories } = JSON.parse(text || '{}')
    return version === VERSION ? repositories : []
  } catch {
    return []
  }
}
