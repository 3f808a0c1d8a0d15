/**
 * The files of an image as its layers make them: a tree in which each path remembers what each layer did to it. What a
 * container sees, what one layer changed, and what lies hidden below other layers are three ways to look at it.
 */
import type { Entry } from './entry.ts'
import { OPAQUE, removedBy } from './whiteout.ts'

/** What a layer did to a path. */
export type Version =
  | (Omit<Entry, 'path'> & {
      /** Position of the layer, from the bottom. */
      readonly layer: number
      /** Of a folder: whether what lower layers have in it is gone. */
      readonly isOpaque?: boolean
      /** Of a folder that no layer tells of, but of something in it. */
      readonly isImplied?: boolean
    })
  | { readonly layer: number; readonly kind: 'removed' }

export type Present = Exclude<Version, { kind: 'removed' }>

export interface PathNode {
  readonly name: string
  /** Of the layers that did anything to it, from the bottom. */
  readonly versions: Version[]
  children?: Map<string, PathNode>
}

export interface FileTree {
  readonly root: PathNode
  /** Paths with all their versions. */
  readonly size: number
  /** `false` where no memory is left for it. */
  add(layer: number, entry: Entry): boolean
}

/** Of memory for the tree, in bytes: some 300,000 paths, where large images have 100,000. */
const MAX_MEMORY = 128 * 1024 * 1024

/** Of a path that is new, and of what a layer does to it, beside letters, which take two bytes: measured. */
const NODE = 200
const VERSION = 200

/** Links on the way to a file; Linux's limit. */
const MAX_LINKS = 40

const FOLDER = { kind: 'folder', size: 0, mode: 0o755, uid: 0, gid: 0, modified: Number.NaN } as const

/** @param memory - in bytes, as far as they are counted. Default: 128 MiB */
export function createFileTree(memory = MAX_MEMORY): FileTree {
  const root: PathNode = { name: '', versions: [{ ...FOLDER, layer: -1, isImplied: true }] }
  let room = memory
  let size = 0

  const childOf = (folder: PathNode, name: string): PathNode => {
    folder.children ??= new Map()
    const known = folder.children.get(name)
    if (known) return known
    const child: PathNode = { name, versions: [] }
    room -= NODE + 2 * name.length
    folder.children.set(name, child)
    return child
  }

  /** Of one layer the last word counts; what it makes and removes is there, as removing is meant for layers below. */
  const record = (node: PathNode, version: Version): void => {
    const last = node.versions.at(-1)
    if (last?.layer !== version.layer) {
      room -= VERSION + 2 * (('target' in version && version.target?.length) || 0)
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
      if (room < 0) return false
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

/** Below which layer nothing in the folder is to be seen any more, `cut` being what holds for the folder itself. */
export const cutBelow = ({ versions }: PathNode, cut: number, upTo = Number.POSITIVE_INFINITY): number =>
  versions.reduce((most, version) => {
    const hides = version.layer <= upTo && (version.kind !== 'folder' || version.isOpaque === true)
    return hides ? Math.max(most, version.layer) : most
  }, cut)

/** A path is at most so deep, by Linux's limit. */
const MAX_DEPTH = 2048

/**
 * The folder that a path leads to, through links, as unpacking goes; what is missing on the way is made by `step`.
 * `undefined` where that is deeper than any path can be.
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
      // What `..` leads out of stands at the beginning of a target that makes sense.
      if (part === '..' && trail.length > 1) trail.pop()
    }
    left = [...stepsOf(target).filter((part) => part !== '..'), ...left]
  }
  return trail.at(-1)!.node
}

const stepsOf = (target: string): string[] => target.split('/').filter((part) => part !== '' && part !== '.')
