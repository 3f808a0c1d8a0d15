/**
 * Wasted space: files that later layers overwrite or remove. No container sees them, but everybody who pulls the image
 * downloads them.
 */
import { cutBelow, type FileTree, type PathNode } from './file-tree.ts'

export interface Waste {
  /** Bytes of the files that a container sees. */
  readonly visible: number
  readonly files: number
  readonly hidden: number
  readonly layers: readonly LayerSum[]
  /** Largest first. For files that were removed with their folder, the folder. */
  readonly paths: readonly WastedPath[]
}

export interface LayerSum {
  /** Uncompressed bytes of its files. */
  readonly bytes: number
  readonly files: number
  /** Bytes of these that later layers hide. */
  readonly hidden: number
  /** Number of paths that it removes. */
  readonly removed: number
}

export interface WastedPath {
  readonly path: string
  readonly bytes: number
  /** Hidden copies. */
  readonly copies: number
}

/** Paths that are listed. */
const MAX_PATHS = 200

/** @param count - number of layers */
export function findWaste({ root }: FileTree, count: number): Waste {
  const layers = Array.from({ length: count }, () => ({ bytes: 0, files: 0, hidden: 0, removed: 0 }))
  const paths = new Map<string, { bytes: number; copies: number }>()
  const total = { visible: 0, files: 0 }

  const waste = (path: string, layer: number, bytes: number): void => {
    const known = paths.get(path) ?? { bytes: 0, copies: 0 }
    paths.set(path, { bytes: known.bytes + bytes, copies: known.copies + 1 })
    layers[layer]!.hidden += bytes
  }

  /** @param hiddenBy - the path whose removal hides everything below `cut` */
  const visit = (node: PathNode, path: string, cut: number, hiddenBy: string): void => {
    node.versions.forEach((version, index) => {
      const layer = layers[version.layer]
      if (!layer) return
      if (version.kind === 'removed') layer.removed++
      if (version.kind === 'removed' || version.kind === 'folder') return
      const isLast = index === node.versions.length - 1
      layer.bytes += version.size
      layer.files++
      if (isLast && version.layer >= cut) {
        total.visible += version.size
        total.files++
      } else if (version.size > 0) waste(isLast ? hiddenBy : path, version.layer, version.size)
    })
    const below = cutBelow(node, cut)
    for (const child of node.children?.values() ?? [])
      visit(child, `${path}/${child.name}`, below, below > cut ? path || '/' : hiddenBy)
  }

  visit(root, '', -1, '/')
  const hidden = layers.reduce((sum, layer) => sum + layer.hidden, 0)
  const largest = [...paths].sort(([, one], [, other]) => other.bytes - one.bytes).slice(0, MAX_PATHS)
  return { ...total, hidden, layers, paths: largest.map(([path, sum]) => ({ path, ...sum })) }
}
