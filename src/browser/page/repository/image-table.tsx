/** Images of a repository, a hundred rows at a time. */
import { useState } from 'preact/hooks'
import { MoreButton } from '../parts/more-button.tsx'
import { ImageRow } from './image-row.tsx'
import type { ImageRow as Row } from './rows.ts'

const PAGE = 100

export function ImageTable({ name, rows }: { name: string; rows: readonly Row[] }) {
  const [count, setCount] = useState(PAGE)
  const isTagged = rows[0]?.tag !== undefined
  return (
    <>
      <table class="table images">
        <thead>
          <tr>
            {isTagged && <th scope="col">Tag</th>}
            <th scope="col" class={isTagged ? 'wide' : ''}>
              Digest
            </th>
            <th scope="col" class="wide">
              What
            </th>
            <th scope="col" class="wide">
              From
            </th>
            <th scope="col" class="wide">
              Pushed
            </th>
            <th scope="col" class="number">
              Held
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, count).map((row) => (
            <ImageRow key={`${row.tag} ${row.image.digest}`} name={name} row={row} />
          ))}
        </tbody>
      </table>
      {count < rows.length && (
        <MoreButton shown={count} total={rows.length} onMore={() => setCount(count + PAGE)} />
      )}
    </>
  )
}
