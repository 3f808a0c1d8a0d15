/** Puts the layers of an image, one by one, into a tree of its files. */

import type { Sliceable } from '../client/sliceable.ts'
import { RegistryError } from '../oci/error.ts'
import type { FileTree } from './file-tree.ts'
import { type ReadOptions, readLayer } from './read-layer.ts'
import { readTableOfContents } from './table-of-contents.ts'

export interface LayerFile {
  readonly file: Sliceable
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

/** How it went with one layer. */
export interface LayerReport {
  readonly entries: number
  /** By the table of contents that the layer brings along; else by the layer itself. */
  readonly isByTable: boolean
  /** Names that lead out of the image, the first of them. */
  readonly strange: readonly string[]
  /** Of strange names. */
  readonly strangeCount: number
  /** Why no more of it is known. */
  readonly failure?: unknown
}

/** Strange names that are told. */
const MAX_STRANGE = 20

/** @param trees - into each of which the layer goes. What fails is in the report: what came before stands */
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
        if (++strangeCount <= MAX_STRANGE) strange.push(entry.strange)
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
  new RegistryError('SIZE_INVALID', 'there are more files than memory is taken for; the rest is not shown')
