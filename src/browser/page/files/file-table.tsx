/** A table with the tree of files: folders open in place, files in a dialog; and a search. */
import { useEffect, useState } from 'preact/hooks'
import type { Row, View } from '../../../core/layers/list-files.ts'
import { announce } from '../components/announcement.tsx'
import { type Column, Table } from '../components/table.tsx'
import { countText } from '../components/text.ts'
import { FileDialog } from './file-dialog.tsx'
import { FileRow } from './file-row.tsx'
import type { FilesReader } from './reader.tsx'
import { type Order, sorted, type TreeRow, useFolders } from './use-folders.ts'

interface TableProps {
  readonly reader: FilesReader
  /** Position of the layer; `undefined` for all layers. */
  readonly layer: number | undefined
  /** Number of layers. */
  readonly count: number
}

export function FileTable({ reader, layer, count }: TableProps) {
  const view: View = { layer }
  const [order, setOrder] = useState<Order>('size')
  const [text, setText] = useState('')
  const [opened, setOpened] = useState<Row | undefined>()
  const found = useSearch(reader, text, view)
  const folders = useFolders(reader, view, order)
  const rows = found ? sorted(found, order).map(asRow) : folders.rows
  const whole =
    rows?.reduce((most, { row, depth }) => (depth === 0 ? Math.max(most, row.size) : most), 0) ?? 0
  const title = layer === undefined ? 'Files' : `Files of layer ${layer + 1}`
  return (
    <section class="section files-section" aria-labelledby="files">
      <div class="section-head">
        <h2 id="files">{title}</h2>
        <input
          class="input"
          type="search"
          placeholder="Search files"
          aria-label="Search files"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      </div>
      {found && (
        <p class="quiet">
          {found.length === 0 ? 'No file has such a name.' : `${countText(found.length, 'match', 'matches')}`}
          {found.length >= 500 && '; there may be more'}
        </p>
      )}
      {rows && rows.length === 0 && !found && <p class="quiet">{emptyText(layer)}</p>}
      {rows && rows.length > 0 && (
        <Table
          className="file-table"
          columns={columnsOf(layer)}
          order={{ by: order, isDescending: order === 'size' }}
          onOrder={({ by }) => setOrder(by === 'name' ? 'name' : 'size')}
        >
          <tbody>
            {rows.map((row) => (
              <FileRow
                key={row.row.path}
                {...row}
                isPath={found !== undefined}
                layer={layer}
                count={count}
                whole={whole}
                onToggle={folders.toggle}
                onOpen={setOpened}
                onMore={folders.showMore}
              />
            ))}
          </tbody>
        </Table>
      )}
      {opened && <FileDialog reader={reader} row={opened} view={view} onClose={() => setOpened(undefined)} />}
    </section>
  )
}

const asRow = (row: Row): TreeRow => ({ row, depth: 0, isOpen: false })

const emptyText = (layer: number | undefined): string =>
  layer === undefined ? 'There are no files in this image.' : 'This layer changes no file.'

const columnsOf = (layer: number | undefined): readonly Column[] => [
  { text: 'Name', by: 'name' },
  { text: layer === undefined ? 'Layer' : 'Change', className: 'wide' },
  { text: 'Mode', className: 'wide' },
  { text: 'Owner', className: 'wide' },
  { text: 'Size', by: 'size', className: 'number' },
]

/** `undefined` without a search. */
function useSearch(reader: FilesReader, text: string, view: View): readonly Row[] | undefined {
  const [found, setFound] = useState<{ readonly text: string; readonly rows: readonly Row[] }>()
  useEffect(() => {
    if (text === '') return setFound(undefined)
    let isCurrent = true
    reader.search(text, view).then(
      (rows) => {
        if (!isCurrent) return
        setFound({ text, rows })
        announce(countText(rows.length, 'file found', 'files found'))
      },
      () => {},
    ) // failures of the reader are shown by `FilesBody`
    return () => {
      isCurrent = false
    }
  }, [reader, text])
  return text === '' ? undefined : found?.rows
}
