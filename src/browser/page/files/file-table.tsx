/** A tree of files as a table: folders open in place, files in a dialog, and a search over all of them. */
import { useEffect, useState } from 'preact/hooks'
import type { Row, View } from '../../../core/layers/look.ts'
import { announce } from '../parts/announcement.tsx'
import { countText } from '../parts/texts.ts'
import { FileDialog } from './file-dialog.tsx'
import { FileRow } from './file-row.tsx'
import type { FilesReader } from './reader.ts'
import { type Order, sorted, type TreeRow, useFolders } from './use-folders.ts'

interface TableProps {
  readonly reader: FilesReader
  /** Position of the layer; all of them where it is left out. */
  readonly layer: number | undefined
  /** Of layers. */
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
        <table class="table file-table">
          <thead>
            <tr>
              <SortHead text="Name" isChosen={order === 'name'} onChoose={() => setOrder('name')} />
              <th scope="col" class="wide">
                {layer === undefined ? 'Layer' : 'Change'}
              </th>
              <th scope="col" class="wide">
                Mode
              </th>
              <th scope="col" class="wide">
                Owner
              </th>
              <SortHead text="Size" isChosen={order === 'size'} isNumber onChoose={() => setOrder('size')} />
            </tr>
          </thead>
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
        </table>
      )}
      {opened && <FileDialog reader={reader} row={opened} view={view} onClose={() => setOpened(undefined)} />}
    </section>
  )
}

const asRow = (row: Row): TreeRow => ({ row, depth: 0, isOpen: false })

const emptyText = (layer: number | undefined): string =>
  layer === undefined ? 'There are no files in this image.' : 'This layer changes no file.'

interface SortProps {
  readonly text: string
  readonly isChosen: boolean
  readonly isNumber?: boolean
  readonly onChoose: () => void
}

const SortHead = ({ text, isChosen, isNumber = false, onChoose }: SortProps) => (
  <th
    scope="col"
    class={isNumber ? 'number' : ''}
    aria-sort={isChosen ? (isNumber ? 'descending' : 'ascending') : undefined}
  >
    <button type="button" class="sort" onClick={onChoose}>
      {text}
      <span aria-hidden="true">{isChosen ? (isNumber ? ' ↓' : ' ↑') : ''}</span>
    </button>
  </th>
)

/** `undefined` where nothing is searched for. */
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
    ) // a reader that fails says so where it is read
    return () => {
      isCurrent = false
    }
  }, [reader, text])
  return text === '' ? undefined : found?.rows
}
