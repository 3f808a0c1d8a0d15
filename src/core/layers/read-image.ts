/** Adds the layers of an image, one by one, to a tree of its files. */

import type { Sliceable } from '../client/sliceable.ts'
import { RegistryError } from '../oci/error.ts'
import type { FileTree } from './file-tree.ts'
import { type ReadOptions, readLayer } from './read-layer.ts'
import { readTableOfContents } from './table-of-contents.ts'

export interface LayerFile {
  readonly file: Sliceable
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** The outcome of reading one layer. */
export interface LayerReport {
  readonly entries: number
  /** The entries come from the layer's table of contents, not from the layer itself. */
  readonly isByTable: boolean
  /** The first invalid names: those that lead out of the image. */
  readonly strange: readonly string[]
  /** Number of invalid names. */
  readonly strangeCount: number
  /** Why the layer could not be read to its end. */
  readonly failure?: unknown
}

/** Invalid names that are listed. */
const MAX_INVALID_NAMES = 20

/** @param trees - the layer is added to each. A failure is in the report, and entries before it stay in the trees */
export async function addLayer(
  trees: readonly FileTree[],
  position: number,
  { file, annotations }: LayerFile,
  options: ReadOptions = {},
): Promise<LayerReport> {
  const table = options.createHash
    ? undefined
    : await readTableOfContents(file, annotations, options.decompress)
  const strange: string[] = []
  let entries = 0
  let strangeCount = 0
  const report = (failure?: unknown): LayerReport => ({
    entries,
    isByTable: table !== undefined,
    strange,
    strangeCount,
    ...(failure !== undefined && { failure }),
  })
  try {
    for await (const entry of table ?? readLayer(file, options)) {
      if ('strange' in entry) {
        if (++strangeCount <= MAX_INVALID_NAMES) strange.push(entry.strange)
        continue
      }
      entries++
      const isAdded = trees.map((tree) => tree.add(position, entry)).every(Boolean)
      if (!isAdded) return report(tooManyFiles())
    }
  } catch (failure) {
    options.signal?.throwIfAborted()
    return report(failure)
  }
  return report()
}

const tooManyFiles = () =>
  new RegistryError(
    'SIZE_INVALID',
    'the image has more files than fit in the memory limit; the rest is not shown',
  )
