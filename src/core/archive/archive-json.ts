/** The small JSON files of an archive, and how they fail. */
import { parseJson } from '../oci/json.ts'
import { invalidArchive } from './archive-error.ts'
import type { Tar } from './tar.ts'
import { shown, type TarFile } from './tar-index.ts'

export async function readJson(tar: Tar, file: TarFile): Promise<unknown> {
  return jsonIn(await tar.read(file), file)
}

export function jsonIn(bytes: Uint8Array, { name }: TarFile): unknown {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw invalidArchive(`${shown(name)} is no JSON`, cause)
  }
}

export function requireFile(tar: Tar, name: string): TarFile {
  const file = tar.find(name)
  if (file) return file
  throw invalidArchive(`${shown(name)} is missing in the archive; save it again`)
}
