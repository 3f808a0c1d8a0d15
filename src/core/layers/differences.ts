/** How the files of two images differ, as their containers see them. */

import { cutBelow, type FileTree, type PathNode, type Present } from './file-tree.ts'
import { childrenOf, presentAt } from './list-files.ts'

export interface Difference {
  readonly path: string
  readonly is: 'added' | 'changed' | 'removed'
  /** In bytes; absent if there is no file. */
  readonly before?: number | undefined
  readonly after?: number | undefined
  /** For a change: what differs. */
  readonly what: readonly ('content' | 'kind' | 'mode' | 'owner' | 'link')[]
}

export interface Differences {
  readonly added: Sum
  readonly changed: Sum
  readonly removed: Sum
  readonly same: number
  /** Those with the largest effect on the size come first. */
  readonly paths: readonly Difference[]
}

export interface Sum {
  readonly paths: number
  /** By how much they made the image larger. */
  readonly bytes: number
}

/** Differences that are listed. */
const MAX_PATHS = 5000

/** Modification times are ignored, because every build changes them. */
export function compareTrees(before: FileTree, after: FileTree): Differences {
  const seen = filesIn(before)
  const paths: Difference[] = []
  let same = 0
  for (const [path, version] of filesIn(after)) {
    const old = seen.get(path)
    seen.delete(path)
    const what = old ? changesIn(old, version) : []
    if (!old) paths.push({ path, is: 'added', after: version.size, what })
    else if (what.length > 0) paths.push({ path, is: 'changed', before: old.size, after: version.size, what })
    else same++
  }
  for (const [path, { size }] of seen) paths.push({ path, is: 'removed', before: size, what: [] })
  return { ...sumsOf(paths), same, paths: paths.sort(heaviest).slice(0, MAX_PATHS) }
}

/** All paths except folders that no layer names: those exist only because of what is in them. */
function filesIn({ root }: FileTree): Map<string, Present> {
  const files = new Map<string, Present>()
  const visit = (folder: PathNode, cut: number, path: string): void => {
    for (const { node, cut: below } of childrenOf(folder, cut)) {
      const here = `${path}/${node.name}`
      const present = presentAt(node, cut)
      if (!present) continue
      if (!present.isImplied) files.set(here, present)
      visit(node, below, here)
    }
  }
  visit(root, cutBelow(root, -1), '')
  return files
}

function changesIn(one: Present, other: Present): Difference['what'] {
  if (one.kind !== other.kind) return ['kind']
  const isContent = one.size !== other.size || (one.hash ?? '') !== (other.hash ?? '')
  return [
    ...(isContent ? (['content'] as const) : []),
    ...(one.mode !== other.mode ? (['mode'] as const) : []),
    ...(one.uid !== other.uid || one.gid !== other.gid ? (['owner'] as const) : []),
    ...(one.target !== other.target ? (['link'] as const) : []),
  ]
}

const growthOf = ({ before = 0, after = 0 }: Difference): number => after - before

function sumsOf(paths: readonly Difference[]): Pick<Differences, Difference['is']> {
  const sums = {
    added: { paths: 0, bytes: 0 },
    changed: { paths: 0, bytes: 0 },
    removed: { paths: 0, bytes: 0 },
  }
  for (const path of paths) {
    sums[path.is].paths++
    sums[path.is].bytes += growthOf(path)
  }
  return sums
}

/** A changed file counts with its whole size. */
const weightOf = ({ before = 0, after = 0 }: Difference): number => Math.max(before, after)

const heaviest = (one: Difference, other: Difference): number =>
  weightOf(other) - weightOf(one) || (one.path < other.path ? -1 : 1)
