/**
 * The files of an image: a tree in which each path remembers what each layer did to it. What a container sees, what one
 * layer changed, and what later layers hide are three views of it.
 */
import type { Entry } from './entry.ts'

/** What a layer did to a path. */
export type Version =
  | (Omit<Entry, 'path'> & {
      /** Position of the layer, counted from the bottom. */
      readonly layer: number
      /** For a folder: it hides what lower layers have in it. */
      readonly isOpaque?: boolean
      /** For a folder: no layer names it, but a layer names something in it. */
      readonly isImplied?: boolean
    })
  | { readonly layer: number; readonly kind: 'removed' }

export type Present = Exclude<Version, { kind: 'removed' }>

export interface PathNode {
  readonly name: string
  /** One for each layer that changed it, from the bottom. */
  readonly versions: Version[]
  children?: Map<string, PathNode>
}

export interface FileTree {
  readonly root: PathNode
  /** Versions of all paths. */
  readonly size: number
  /** `false` if the memory limit is reached. */
  add(layer: number, entry: Entry): boolean
}

/** Memory for the tree: enough for some 300,000 paths. Large images have 100,000. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024

/** Bytes of memory for a path and for a version of it, without their texts at two bytes per character (measured). */
const NODE_BYTES = 200
const VERSION_BYTES = 200

/** Links followed on the way to a file; Linux's limit. */
const MAX_LINKS = 40

const FOLDER = { kind: 'folder', size: 0, mode: 0o755, uid: 0, gid: 0, modified: Number.NaN } as const

/** @param memory - limit in bytes, by an estimate. Default: 128 MiB */
export function createFileTree(memory = MAX_MEMORY_BYTES): FileTree {
  const root: PathNode = { name: '', versions: [{ ...FOLDER, layer: -1, isImplied: true }] }
  let left = memory
  let size = 0

  const childOf = (folder: PathNode, name: string): PathNode => {
    folder.children ??= new Map()
    const known = folder.children.get(name)
    if (known) return known
    const child: PathNode = { name, versions: [] }
    left -= NODE_BYTES + 2 * name.length
    folder.children.set(name, child)
    return child
  }

  /**
   * Within a layer, the last entry for a path counts. A whiteout doesn't remove what its own layer adds, because it applies
   * to lower layers.
   */
  const record = (node: PathNode, version: Version): void => {
    const last = node.versions.at(-1)
    if (last?.layer !== version.layer) {
      left -= VERSION_BYTES + 2 * (('target' in version && version.target?.length) || 0)
      size++
      node.versions.push(version)
    } else if (version.kind === 'removed') {
      if (last.kind === 'folder') node.versions[node.versions.length - 1] = { ...last, isOpaque: true }
    } else {
      const isOpaque = last.kind === 'removed' || last.isOpaque === true
      const isFolder = version.kind === 'folder'
      node.versions[node.versions.length - 1] = isFolder && isOpaque ? { ...version, isOpaque } : version
    }
  }

  const imply = (node: PathNode, cut: number, layer: number): void => {
    const last = node.versions.at(-1)
    const isThere = last && last.layer >= cut && (last.kind === 'folder' || last.kind === 'symlink')
    if (!isThere) record(node, { ...FOLDER, layer, isImplied: true })
  }

  return {
    root,
    get size() {
      return size
    },
    add(layer, { path, ...entry }) {
      if (left < 0) return false
      const name = path.at(-1)
      if (name === undefined) {
        record(root, { ...entry, layer })
        return true
      }
      const folder = folderAt(root, path.slice(0, -1), (parent, step, cut) => {
        const child = childOf(parent, step)
        imply(child, cut, layer)
        return child
      })
      if (!folder) return true
      const removed = removedBy(name)
      if (name === OPAQUE) record(folder, opaque(folder, layer))
      else if (removed !== undefined) record(childOf(folder, removed), { layer, kind: 'removed' })
      else record(childOf(folder, name), { ...entry, layer })
      return true
    },
  }
}

function opaque(folder: PathNode, layer: number): Version {
  const last = folder.versions.at(-1)
  return { ...(last?.kind === 'folder' ? last : FOLDER), layer, isOpaque: true }
}

/** The layer below which nothing in the folder is visible. @param cut - the same for the folder itself */
export const cutBelow = ({ versions }: PathNode, cut: number, upTo = Number.POSITIVE_INFINITY): number =>
  versions.reduce((highest, version) => {
    const hides = version.layer <= upTo && (version.kind !== 'folder' || version.isOpaque === true)
    return hides ? Math.max(highest, version.layer) : highest
  }, cut)

/** PATH_MAX allows no deeper path. */
const MAX_DEPTH = 2048

/**
 * The folder that a path leads to when links are followed, as unpacking does. `step` makes missing folders. `undefined`
 * if it is deeper than any path can be.
 */
function folderAt(
  root: PathNode,
  path: readonly string[],
  step: (folder: PathNode, name: string, cut: number) => PathNode,
): PathNode | undefined {
  let left = [...path]
  const top = { node: root, cut: cutBelow(root, -1) }
  let trail = [top]
  for (let links = 0; left.length > 0; ) {
    const { node: folder, cut } = trail.at(-1)!
    const child = step(folder, left.shift()!, cut)
    const last = child.versions.at(-1)
    if (last?.kind !== 'symlink' || ++links > MAX_LINKS) {
      trail.push({ node: child, cut: cutBelow(child, cut) })
      if (trail.length > MAX_DEPTH) return undefined
      continue
    }
    const { target = '' } = last
    if (target.startsWith('/')) trail = [top]
    for (const part of stepsOf(target)) {
      // A meaningful target has `..` only at its beginning.
      if (part === '..' && trail.length > 1) trail.pop()
    }
    left = [...stepsOf(target).filter((part) => part !== '..'), ...left]
  }
  return trail.at(-1)!.node
}

const stepsOf = (target: string): string[] => target.split('/').filter((part) => part !== '' && part !== '.')

/**
 * In a folder: hides everything that lower layers have in it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md#whiteouts
 */
export const OPAQUE = '.wh..wh..opq'

const PREFIX = '.wh.'

/** The name that a whiteout removes; `undefined` if `name` isn't a whiteout. AUFS metadata (`.wh..wh.`) removes nothing. */
export const removedBy = (name: string): string | undefined =>
  name.startsWith(PREFIX) && !name.startsWith('.wh..wh.') ? name.slice(PREFIX.length) || undefined : undefined
