/** A row of the file table: path, layer or change, mode, owner and size. */
import type { Row } from '../../../core/layers/list-files.ts'
import { sizeText } from '../components/text.ts'
import { ShareBar } from '../components/values.tsx'
import { visibleText } from '../components/visible-text.ts'
import { modeText } from './file-text.ts'
import type { TreeRow } from './use-folders.ts'

interface RowProps extends TreeRow {
  /** Whether the whole path is shown, as in search results. */
  readonly isPath: boolean
  readonly layer: number | undefined
  readonly count: number
  readonly whole: number
  readonly onToggle: (row: Row) => void
  readonly onOpen: (row: Row) => void
  readonly onMore: (folder: string) => void
}

export function FileRow({ row, depth, isOpen, more, isPath, layer, count, whole, ...on }: RowProps) {
  const text = layer === undefined ? layerText(row.layer, count) : changeText(row)
  return (
    <>
      <tr class={row.kind === 'removed' ? 'removed' : ''}>
        <th scope="row" style={{ '--depth': String(depth) }}>
          <Name row={row} isOpen={isOpen} isPath={isPath} onToggle={on.onToggle} onOpen={on.onOpen} />
          <span class="under narrow quiet">
            {[text, row.kind === 'removed' ? '' : `${modeText(row)} ${row.uid}:${row.gid}`]
              .filter(Boolean)
              .join(', ')}
          </span>
        </th>
        <td class="wide quiet change">{text}</td>
        <td class="wide quiet">{row.kind !== 'removed' && <code>{modeText(row)}</code>}</td>
        <td class="wide quiet numbers">{row.kind !== 'removed' && `${row.uid}:${row.gid}`}</td>
        <td class="number size">
          {row.kind !== 'removed' && (
            <>
              <ShareBar part={row.size} whole={whole} />
              <span class="size-text">{sizeText(row.size)}</span>
            </>
          )}
        </td>
      </tr>
      {more && (
        <tr>
          <td colSpan={5} style={{ '--depth': String(depth) }}>
            <button type="button" class="button" onClick={() => on.onMore(more.folder)}>
              Show more of {more.count.toLocaleString('en')}
            </button>
          </td>
        </tr>
      )}
    </>
  )
}

type NameProps = Pick<RowProps, 'row' | 'isOpen' | 'isPath' | 'onToggle' | 'onOpen'>

function Name({ row, isOpen, isPath, onToggle, onOpen }: NameProps) {
  const { kind, name, path, target } = row
  const shown = visibleText(isPath ? path : name)
  if (kind === 'folder')
    return isPath ? (
      <span class="path">{shown}/</span>
    ) : (
      <button type="button" class="path toggle" aria-expanded={isOpen} onClick={() => onToggle(row)}>
        {shown}/
      </button>
    )
  if (kind === 'file')
    return (
      <button type="button" class="path open" onClick={() => onOpen(row)}>
        {shown}
      </button>
    )
  return (
    <span class="path">
      {shown}
      {target !== undefined && <span class="quiet">{` → ${visibleText(target)}`}</span>}
      {KIND_TEXTS[kind] && <span class="quiet">, {KIND_TEXTS[kind]}</span>}
    </span>
  )
}

const KIND_TEXTS: Partial<Record<Row['kind'], string>> = {
  hardlink: 'hard link',
  device: 'device',
  pipe: 'named pipe',
}

const layerText = (layer: number, count: number): string =>
  count > 1 && layer >= 0 ? `layer ${layer + 1}` : layer >= 0 ? '1' : ''

function changeText({ change, isOpaque }: Row): string {
  if (isOpaque) return 'replaces the folder'
  return change ?? ''
}
