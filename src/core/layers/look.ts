/** A tree of files as people look at it: folder by folder, the whole image or what one layer does, and by name. */
import type { Kind } from './entry.ts'
import { cutBelow, type FileTree, type PathNode, type Present, type Version } from './file-tree.ts'

export interface Row {
  readonly name: string
  /** From the root, with a slash before each step. */
  readonly path: string
  readonly kind: Kind | 'removed'
  /** In bytes; of a folder, of all that is in it. */
  readonly size: number
  /** In a folder, at any depth. */
  readonly files: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970; NaN where nobody says it. */
  readonly modified: number
  readonly target?: string | undefined
  /** That wrote it. */
  readonly layer: number
  /** By the layer that is looked at. */
  readonly change?: 'added' | 'changed' | 'removed' | undefined
  /** Whether the layer hides what those below it have in this folder. */
  readonly isOpaque: boolean
}

export interface View {
  /** Only what this layer does. Default: what a container sees. */
  readonly layer?: number | undefined
}

/** What is in a folder, the largest first; `undefined` where there is none. */
export function listFolder(tree: FileTree, path: readonly string[], view: View = {}): Row[] | undefined {
  const place = nodeAt(tree, path)
  if (!place) return undefined
  return rowsIn(place.node, place.cut, path, view).sort(largestFirst)
}

/** Whose name contains `text`, or whose path does where it has a slash; the largest first. */
export function searchFiles(tree: FileTree, text: string, limit: number, view: View = {}): Row[] {
  const wanted = text.toLowerCase()
  const found: Row[] = []
  const visit = (folder: PathNode, cut: number, path: readonly string[]): void => {
    for (const { node, cut: below } of childrenOf(folder, cut)) {
      const here = [...path, node.name]
      const subject = wanted.includes('/') ? `/${here.join('/')}` : node.name
      const row = subject.toLowerCase().includes(wanted) ? rowOf(node, cut, path, view) : undefined
      if (row) found.push(row)
      visit(node, below, here)
    }
  }
  visit(tree.root, cutBelow(tree.root, -1), [])
  return found.sort(largestFirst).slice(0, limit)
}

/** The version of a file that the view shows. */
export function fileAt(tree: FileTree, path: readonly string[], { layer }: View = {}): Present | undefined {
  const node = nodeAt(tree, path)?.node
  const version =
    layer === undefined ? node?.versions.at(-1) : node?.versions.find((one) => one.layer === layer)
  return version && version.kind !== 'removed' ? version : undefined
}

/** What a container sees of a path; `cut` as in {@link cutBelow}. */
export function presentAt(
  { versions }: PathNode,
  cut: number,
  upTo = Number.POSITIVE_INFINITY,
): Present | undefined {
  const last = versions.findLast(({ layer }) => layer <= upTo)
  return last && last.kind !== 'removed' && last.layer >= cut ? last : undefined
}

export function* childrenOf(folder: PathNode, cut: number): Iterable<{ node: PathNode; cut: number }> {
  for (const node of folder.children?.values() ?? []) yield { node, cut: cutBelow(node, cut) }
}

function nodeAt({ root }: FileTree, path: readonly string[]): { node: PathNode; cut: number } | undefined {
  let node: PathNode | undefined = root
  let cut = cutBelow(root, -1)
  for (const step of path) {
    node = node.children?.get(step)
    if (!node) return undefined
    cut = cutBelow(node, cut)
  }
  return { node, cut }
}

function rowsIn(folder: PathNode, cut: number, path: readonly string[], view: View): Row[] {
  const rows: Row[] = []
  for (const node of folder.children?.values() ?? []) {
    const row = rowOf(node, cut, path, view)
    if (row) rows.push(row)
  }
  return rows
}

/** @param cut - of the folder that it is in */
function rowOf(node: PathNode, cut: number, parent: readonly string[], { layer }: View): Row | undefined {
  if (layer === undefined) {
    const present = presentAt(node, cut)
    return present && rowFrom(node, parent, present, sumOf(node, cut))
  }
  const sum = sumIn(node, layer)
  const version = node.versions.find((one) => one.layer === layer)
  if (!version && sum.paths === 0) return undefined
  const shown = version ?? node.versions.findLast((one) => one.layer < layer) ?? node.versions[0]!
  return { ...rowFrom(node, parent, shown, sum), change: version && changeOf(node, version) }
}

function rowFrom(node: PathNode, parent: readonly string[], version: Version, sum: Sum): Row {
  const { layer, kind } = version
  const said = kind === 'removed' ? NOTHING : version
  return {
    name: node.name,
    path: `/${[...parent, node.name].join('/')}`,
    kind,
    size: sum.bytes,
    files: sum.files,
    mode: said.mode,
    uid: said.uid,
    gid: said.gid,
    modified: said.modified,
    ...(said.target !== undefined && { target: said.target }),
    layer,
    isOpaque: said.isOpaque === true,
  }
}

const NOTHING: {
  mode: number
  uid: number
  gid: number
  modified: number
  target?: string
  isOpaque?: boolean
} = {
  mode: 0,
  uid: 0,
  gid: 0,
  modified: Number.NaN,
}

/** What a lower layer says of it makes it a change; a folder that is only named again is none. */
function changeOf({ versions }: PathNode, version: Version): Row['change'] {
  if (version.kind === 'removed') return 'removed'
  if (version.isImplied) return undefined
  const before = versions.findLast(({ layer }) => layer < version.layer)
  if (!before || before.kind === 'removed' || before.isImplied) return 'added'
  const isSameFolder = version.kind === 'folder' && before.kind === 'folder' && isAlike(version, before)
  return isSameFolder && !version.isOpaque ? undefined : 'changed'
}

const isAlike = (one: Present, other: Present): boolean =>
  one.mode === other.mode && one.uid === other.uid && one.gid === other.gid

interface Sum {
  bytes: number
  files: number
  /** Of any kind, with those that are removed. */
  paths: number
}

/** What a container sees, of a path and all below it. */
function sumOf(node: PathNode, cut: number, sum: Sum = { bytes: 0, files: 0, paths: 0 }): Sum {
  const present = presentAt(node, cut)
  if (!present) return sum
  add(sum, present)
  const below = cutBelow(node, cut)
  for (const child of node.children?.values() ?? []) sumOf(child, below, sum)
  return sum
}

/** What one layer has. */
function sumIn(node: PathNode, layer: number, sum: Sum = { bytes: 0, files: 0, paths: 0 }): Sum {
  const version = node.versions.find((one) => one.layer === layer)
  if (version) add(sum, version)
  for (const child of node.children?.values() ?? []) sumIn(child, layer, sum)
  return sum
}

function add(sum: Sum, version: Version): void {
  sum.paths++
  if (version.kind === 'removed') return
  sum.bytes += version.size
  if (version.kind !== 'folder') sum.files++
}

const largestFirst = (one: Row, other: Row): number =>
  other.size - one.size || (one.name < other.name ? -1 : one.name > other.name ? 1 : 0)
