/**
 * What layers carry and no container sees: files that later layers overwrite or remove. Who pulls the image pulls them
 * all the same.
 */
import { cutBelow, type FileTree, type PathNode } from './file-tree.ts'

export interface Waste {
  /** Of the files that a container sees, in bytes. */
  readonly visible: number
  readonly files: number
  readonly hidden: number
  readonly layers: readonly LayerSum[]
  /** The largest first. Of what went with its folder, the folder is named. */
  readonly paths: readonly WastedPath[]
}

export interface LayerSum {
  /** Of its files, unpacked. */
  readonly bytes: number
  readonly files: number
  /** Of these, what later layers hide. */
  readonly hidden: number
  /** How many paths it removes. */
  readonly removed: number
}

export interface WastedPath {
  readonly path: string
  readonly bytes: number
  /** Copies that are hidden. */
  readonly copies: number
}

/** Paths that are named. */
const MAX_PATHS = 200

/** @param count - of layers */
export function findWaste({ root }: FileTree, count: number): Waste {
  const layers = Array.from({ length: count }, () => ({ bytes: 0, files: 0, hidden: 0, removed: 0 }))
  const paths = new Map<string, { bytes: number; copies: number }>()
  const whole = { visible: 0, files: 0 }

  const waste = (path: string, layer: number, bytes: number): void => {
    const known = paths.get(path) ?? { bytes: 0, copies: 0 }
    paths.set(path, { bytes: known.bytes + bytes, copies: known.copies + 1 })
    layers[layer]!.hidden += bytes
  }

  /** @param culprit - by whose removal what is below `cut` has gone */
  const visit = (node: PathNode, path: string, cut: number, culprit: string): void => {
    node.versions.forEach((version, index) => {
      const layer = layers[version.layer]
      if (!layer) return
      if (version.kind === 'removed') layer.removed++
      if (version.kind === 'removed' || version.kind === 'folder') return
      const isLast = index === node.versions.length - 1
      layer.bytes += version.size
      layer.files++
      if (isLast && version.layer >= cut) {
        whole.visible += version.size
        whole.files++
      } else if (version.size > 0) waste(isLast ? culprit : path, version.layer, version.size)
    })
    const below = cutBelow(node, cut)
    for (const child of node.children?.values() ?? [])
      visit(child, `${path}/${child.name}`, below, below > cut ? path || '/' : culprit)
  }

  visit(root, '', -1, '/')
  const hidden = layers.reduce((sum, layer) => sum + layer.hidden, 0)
  const largest = [...paths].sort(([, one], [, other]) => other.bytes - one.bytes).slice(0, MAX_PATHS)
  return { ...whole, hidden, layers, paths: largest.map(([path, sum]) => ({ path, ...sum })) }
}
