/**
 * A folder with a registry's data folder deep inside and a secret file beside it, so that a path that climbs out of the
 * data folder meets something, and a file that is written out there is found.
 */
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'

export const SECRET = 'this file stands outside the data folder'

export interface Sandbox {
  readonly data: string
  /** Paths of all files outside the data folder. */
  outside(): Promise<string[]>
  /** Paths within the data folder that are not of its layout. */
  unexpected(): Promise<string[]>
}

const LAYOUT =
  /^(oci-layout|index\.json|owner\.json|catalog\.db(-wal|-shm|-journal)?|blobs\/(sha256\/[0-9a-f]{64}|sha512\/[0-9a-f]{128})|uploads\/[0-9a-f-]{36}(\.[\w.-]+)?|swarm\/(key|ports\.json))$/

export async function createSandbox(folder: string): Promise<Sandbox> {
  const data = join(folder, 'a', 'b', 'c', 'data')
  await mkdir(data, { recursive: true })
  for (const level of ['', 'a', 'a/b', 'a/b/c']) await writeFile(join(folder, level, 'secret'), SECRET)
  const isInside = (path: string) => path.startsWith(`${data}/`)
  return {
    data,
    outside: async () => (await files(folder)).filter((path) => !isInside(path)).sort(),
    unexpected: async () =>
      (await files(data)).map((path) => relative(data, path)).filter((path) => !LAYOUT.test(path)),
  }
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name))
}
