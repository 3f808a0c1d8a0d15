/** Lists and searches a tree of files: the whole image, or the changes of one layer. */
import type { Kind } from './entry.ts'
import { cutBelow, type FileTree, type PathNode, type Present, type Version } from './file-tree.ts'

export interface Row {
  readonly name: string
  /** The absolute path. */
  readonly path: string
  readonly kind: Kind | 'removed'
  /** In bytes; for a folder, the total of all files in it. */
  readonly size: number
  /** Number of files in a folder, at any depth. */
  readonly files: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970; NaN if unknown. */
  readonly modified: number
  readonly target?: string | undefined
  /** The layer that wrote it. */
  readonly layer: number
  /** What the layer of the view does to it. */
  readonly change?: 'added' | 'changed' | 'removed' | undefined
  /** Whether the layer hides what lower layers have in this folder. */
  readonly isOpaque: boolean
}

export interface View {
  /** Only the changes of this layer. Default: what a container sees. */
  readonly layer?: number | undefined
}

/** The contents of a folder, largest first; `undefined` if there is no such folder. */
export function listFolder(tree: FileTree, path: readonly string[], view: View = {}): Row[] | undefined {
  const folder = nodeAt(tree, path)
  if (!folder) return undefined
  return rowsIn(folder.node, folder.cut, path, view).sort(largestFirst)
}

/** Files whose name contains `text`, or whose path does if `text` has a slash; largest first. */
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

/** What a container sees at a path. @param cut - as in {@link cutBelow} */
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
  const metadata = kind === 'removed' ? NO_METADATA : version
  return {
    name: node.name,
    path: `/${[...parent, node.name].join('/')}`,
    kind,
    size: sum.bytes,
    files: sum.files,
    mode: metadata.mode,
    uid: metadata.uid,
    gid: metadata.gid,
    modified: metadata.modified,
    ...(metadata.target !== undefined && { target: metadata.target }),
    layer,
    isOpaque: metadata.isOpaque === true,
  }
}

const NO_METADATA: {
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

/** A path in a lower layer makes it a change, except for a folder that is only listed again. */
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
  /** Paths of any kind, including removed ones. */
  paths: number
}

/** What a container sees at a path and below it. */
function sumOf(node: PathNode, cut: number, sum: Sum = { bytes: 0, files: 0, paths: 0 }): Sum {
  const present = presentAt(node, cut)
  if (!present) return sum
  add(sum, present)
  const below = cutBelow(node, cut)
  for (const child of node.children?.values() ?? []) sumOf(child, below, sum)
  return sum
}

/** What one layer has at a path and below it. */
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
