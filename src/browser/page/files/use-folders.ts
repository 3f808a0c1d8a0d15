/** The open folders of the tree, which are loaded one at a time. */
import { useEffect, useState } from 'preact/hooks'
import type { Row, View } from '../../../core/layers/list-files.ts'
import type { FilesReader } from './reader.tsx'

export interface TreeRow {
  readonly row: Row
  readonly depth: number
  /** Whether it is an open folder. */
  readonly isOpen: boolean
  /** After the last row of a folder that is not completely shown: how many more entries it has. */
  readonly more?: { readonly folder: string; readonly count: number } | undefined
}

export interface Folders {
  /** `undefined` until the root has been read. */
  readonly rows: readonly TreeRow[] | undefined
  toggle(row: Row): void
  showMore(folder: string): void
}

export type Order = 'size' | 'name'

const PAGE_ROWS = 200

const ROOT = ''

export function useFolders(reader: FilesReader, view: View, order: Order): Folders {
  const [folders, setFolders] = useState<ReadonlyMap<string, readonly Row[]>>(new Map())
  const [limits, setLimits] = useState<ReadonlyMap<string, number>>(new Map())
  const load = async (path: string) => {
    const rows = (await reader.list(stepsOf(path), view)) ?? []
    setFolders((old) => new Map(old).set(path, rows))
  }
  useEffect(() => void load(ROOT).catch(() => {}), [reader]) // failures of the reader are shown by `FilesBody`
  const isOpen = (path: string) => folders.has(path)
  return {
    rows: folders.get(ROOT) && rowsOf(ROOT, 0, folders, limits, order),
    toggle({ path }) {
      if (!isOpen(path)) return void load(path).catch(() => {})
      const left = new Map(folders)
      left.delete(path)
      setFolders(left)
    },
    showMore: (folder) =>
      setLimits((old) => new Map(old).set(folder, (old.get(folder) ?? PAGE_ROWS) + PAGE_ROWS)),
  }
}

export const stepsOf = (path: string): string[] => path.split('/').filter(Boolean)

function rowsOf(
  folder: string,
  depth: number,
  folders: ReadonlyMap<string, readonly Row[]>,
  limits: ReadonlyMap<string, number>,
  order: Order,
): TreeRow[] {
  const all = folders.get(folder) ?? []
  const limit = limits.get(folder) ?? PAGE_ROWS
  const shown = sorted(all, order).slice(0, limit)
  return shown.flatMap((row, index) => {
    const isOpen = folders.has(row.path)
    const isLast = index === shown.length - 1 && all.length > limit
    const more = isLast ? { folder, count: all.length - limit } : undefined
    return [
      { row, depth, isOpen, more },
      ...(isOpen ? rowsOf(row.path, depth + 1, folders, limits, order) : []),
    ]
  })
}

export const sorted = (rows: readonly Row[], order: Order): readonly Row[] =>
  order === 'size' ? rows : rows.toSorted((one, other) => (one.name < other.name ? -1 : 1))
