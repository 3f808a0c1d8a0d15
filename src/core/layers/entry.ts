/** What a layer says about one path, in a tar header or in its table of contents. */
import type { SparseMap } from '../archive/tar/sparse.ts'

export type Kind = 'file' | 'folder' | 'symlink' | 'hardlink' | 'device' | 'pipe'

/** Where the bytes of a file are. */
export interface ContentOffset {
  /** Offset in the layer as it is stored, at which decompression can start. */
  readonly start: number
  /** Decompressed bytes to skip from there. */
  readonly skip: number
}

export interface Entry {
  /** From the root, without `.`, `..` and empty steps. */
  readonly path: readonly string[]
  readonly kind: Kind
  /** Bytes of a file; 0 for anything else. */
  readonly size: number
  /** The twelve bits of `chmod`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** The target of a link, as written. */
  readonly target?: string | undefined
  readonly offset?: ContentOffset | undefined
  readonly sparse?: SparseMap | undefined
  /** Hash of a file, if it was requested or a table of contents has it. */
  readonly hash?: string | undefined
}

/** Linux's limit (PATH_MAX), which no path in a container can exceed. */
const MAX_PATH_LENGTH = 4096

/** The components of a path; `undefined` if it is invalid or leads out of the image. */
export function pathOf(name: string): readonly string[] | undefined {
  if (name.length > MAX_PATH_LENGTH || name.includes('\0')) return undefined
  const steps = name.split('/').filter((step) => step !== '' && step !== '.')
  return steps.includes('..') ? undefined : steps
}
