/** What a layer says of one path: the header of its tar, or a line of its table of contents, in the same words. */
import type { SparseMap } from '../archive/tar-sparse.ts'

export type Kind = 'file' | 'folder' | 'symlink' | 'hardlink' | 'device' | 'pipe'

/** Where the bytes of a file are: unpacked from `start` of the layer on, behind the first `skip` bytes. */
export interface Place {
  /** In the layer as it is stored. */
  readonly start: number
  readonly skip: number
}

export interface Entry {
  /** From the root, without `.`, `..` and empty steps. */
  readonly path: readonly string[]
  readonly kind: Kind
  /** Of a file, in bytes; of anything else 0. */
  readonly size: number
  /** The twelve bits of `chmod`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970. */
  readonly modified: number
  /** Of a link, as it stands there. */
  readonly target?: string | undefined
  readonly place?: Place | undefined
  readonly sparse?: SparseMap | undefined
  /** Of a file, where it was asked for, or a table of contents says it. */
  readonly hash?: string | undefined
}

/** Linux's limit (PATH_MAX), which no name in an image can pass. */
const MAX_PATH = 4096

/** The steps of a path. `undefined` for one that leads out of the image, or is none. */
export function pathOf(name: string): readonly string[] | undefined {
  if (name.length > MAX_PATH || name.includes('\0')) return undefined
  const steps = name.split('/').filter((step) => step !== '' && step !== '.')
  return steps.includes('..') ? undefined : steps
}
