import { RegistryError } from '../oci/error.ts'

/** What is wrong with an archive, naming the file in it where there is one. */
export const invalidArchive = (message: string, cause?: unknown): RegistryError =>
  new RegistryError('MANIFEST_INVALID', message, { cause })
