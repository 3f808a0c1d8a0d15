/** What is wrong with a file that should be an archive of images, in words that a person can act on. */
import { RegistryError } from '../oci/error.ts'

/** All that there is to say is in the message; the code is the nearest that registries have. */
export class ArchiveError extends RegistryError {
  constructor(message: string, cause?: unknown) {
    super('MANIFEST_INVALID', message, { cause })
  }
}

/** The file is something else. Its message says `this`, for where the name of the file stands before it. */
export class NoArchiveError extends ArchiveError {
  readonly #rest: string

  /** @param rest - goes on after `this is` */
  constructor(rest: string) {
    super(`this is ${rest}`)
    this.#rest = rest
  }

  naming(file: string): ArchiveError {
    return new ArchiveError(`${JSON.stringify(file.slice(0, 256))} is ${this.#rest}`, this)
  }
}

/** What is wrong with an archive, naming the file in it where there is one. */
export const invalidArchive = (message: string, cause?: unknown): ArchiveError =>
  new ArchiveError(message, cause)
