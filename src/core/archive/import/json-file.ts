/** Reads the small JSON files of an archive. Errors name the file. */
import { parseJson } from '../../oci/json.ts'
import { invalidArchive } from '../errors.ts'
import type { Tar } from '../tar/tar.ts'
import { shown, type TarFile } from '../tar/tar-index.ts'

export async function readJson(tar: Tar, file: TarFile): Promise<unknown> {
  return jsonIn(await tar.read(file), file)
}

export function jsonIn(bytes: Uint8Array, { name }: TarFile): unknown {
  try {
    return parseJson(bytes)
  } catch (cause) {
    throw invalidArchive(`${shown(name)} is not valid JSON`, cause)
  }
}

export function requireFile(tar: Tar, name: string): TarFile {
  const file = tar.find(name)
  if (file) return file
  throw invalidArchive(`${shown(name)} is missing in the archive; save it again`)
}
