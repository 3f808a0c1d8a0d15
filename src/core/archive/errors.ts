/**
 * What is wrong with a file that should be an archive of images, in words that a person can act on: what the file is,
 * judged by its first bytes, and what to do instead.
 */
import { RegistryError } from '../oci/error.ts'

/** The message says everything; the code is the nearest one that the specification has. */
export class ArchiveError extends RegistryError {
  constructor(message: string, cause?: unknown) {
    super('MANIFEST_INVALID', message, { cause })
  }
}

/** The file is something else. The message says `this`, for places that print the file's name in front. */
export class NoArchiveError extends ArchiveError {
  readonly #rest: string

  /** @param rest - the end of the sentence `this is …` */
  constructor(rest: string) {
    super(`this is ${rest}`)
    this.#rest = rest
  }

  naming(file: string): ArchiveError {
    return new ArchiveError(`${JSON.stringify(file.slice(0, 256))} is ${this.#rest}`, this)
  }
}

/** @param message - names the file in the archive, if the problem is in one */
export const invalidArchive = (message: string, cause?: unknown): ArchiveError =>
  new ArchiveError(message, cause)

export const MAKE_ONE = 'make one by: docker save -o image.tar NAME'

const UNPACK = 'unpack it, and take the .tar in it'

type Kind = readonly [what: string, advice: string, offset: number, ...bytes: number[]]

const PICTURE = ['a picture, not an image archive', MAKE_ONE] as const
const ZIP = ['a zip file, not a tar', UNPACK] as const
const PROGRAM = ['a program, not an image archive', MAKE_ONE] as const
const SOUND = ['a sound or video file, not an image archive', MAKE_ONE] as const
const DISK = ['the image of a disk, not of a container', MAKE_ONE] as const

/** @see https://www.iana.org/assignments/media-types/, https://en.wikipedia.org/wiki/List_of_file_signatures */
const KINDS: readonly Kind[] = [
  [...PICTURE, 0, 0x89, 0x50, 0x4e, 0x47], // PNG
  [...PICTURE, 0, 0xff, 0xd8, 0xff], // JPEG
  [...PICTURE, 0, 0x47, 0x49, 0x46, 0x38], // GIF
  [...PICTURE, 8, 0x57, 0x45, 0x42, 0x50], // WebP
  [...PICTURE, 0, 0x49, 0x49, 0x2a, 0x00], // TIFF
  [...PICTURE, 0, 0x4d, 0x4d, 0x00, 0x2a],
  [...PICTURE, 4, 0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69], // HEIC
  [...PICTURE, 4, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69], // AVIF
  ['a PDF document, not an image archive', MAKE_ONE, 0, 0x25, 0x50, 0x44, 0x46],
  [...ZIP, 0, 0x50, 0x4b, 0x03, 0x04],
  [...ZIP, 0, 0x50, 0x4b, 0x05, 0x06],
  ['a 7z file, not a tar', UNPACK, 0, 0x37, 0x7a, 0xbc, 0xaf],
  ['a RAR file, not a tar', UNPACK, 0, 0x52, 0x61, 0x72, 0x21],
  [...PROGRAM, 0, 0x7f, 0x45, 0x4c, 0x46], // ELF
  [...PROGRAM, 0, 0x4d, 0x5a], // PE
  [...SOUND, 4, 0x66, 0x74, 0x79, 0x70], // MP4
  [...SOUND, 0, 0x1a, 0x45, 0xdf, 0xa3], // Matroska, WebM
  [...SOUND, 0, 0x49, 0x44, 0x33], // MP3
  [...SOUND, 0, 0x52, 0x49, 0x46, 0x46], // AVI, WAV
  [...DISK, 0, 0x51, 0x46, 0x49, 0xfb], // qcow2
]

/** @param head - the first bytes of the file, decompressed; a few hundred are enough */
export function noArchive(head: Uint8Array): NoArchiveError {
  const [what, advice] = KINDS.find(([, , offset, ...bytes]) => hasAt(head, offset, bytes)) ?? fallback(head)
  return new NoArchiveError(`${what}; ${advice}`)
}

/** @param what - `empty`, `a folder` */
export const noArchiveBut = (what: 'empty' | 'a folder'): NoArchiveError =>
  new NoArchiveError(what === 'empty' ? `empty; ${MAKE_ONE}` : `a folder, not an image archive; ${MAKE_ONE}`)

const hasAt = (head: Uint8Array, offset: number, bytes: readonly number[]): boolean =>
  bytes.every((byte, at) => head[offset + at] === byte)

const fallback = (head: Uint8Array): readonly [string, string] =>
  isText(head)
    ? ['a text file, not an image archive', MAKE_ONE]
    : ['not a tar, or a damaged one', `download it again, or ${MAKE_ONE}`]

/** Only printable characters. The last character of `head` may be cut off. */
function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they distinguish text from binary
    return text !== '' && !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text)
  } catch {
    return false
  }
}
