/** Files in the layers of an image that no container sees. */

import type { Waste } from '../../../core/layers/waste.ts'
import { Table } from '../components/table.tsx'
import { sizeText } from '../components/text.ts'
import { visibleText } from '../components/visible-text.ts'

const MAX_PATHS = 100

export function WasteView({ waste: { hidden, visible, paths } }: { waste: Waste }) {
  const share = Math.round((100 * hidden) / Math.max(hidden + visible, 1))
  return (
    <section class="section" aria-labelledby="hidden">
      <h2 id="hidden">Hidden by later layers</h2>
      {hidden === 0 ? (
        <p class="quiet">Nothing: no layer overwrites or removes a file of one below it.</p>
      ) : (
        <>
          <p class="quiet">
            {sizeText(hidden)} ({share} % of what the layers hold, unpacked) belong to files that a later
            layer overwrites or removes. No container sees them, and every pull brings them.
          </p>
          <Table
            className="hidden-paths"
            columns={[
              { text: 'Path' },
              { text: 'Hidden files', className: 'number' },
              { text: 'Size', className: 'number' },
            ]}
          >
            <tbody>
              {paths.slice(0, MAX_PATHS).map(({ path, bytes, copies }) => (
                <tr key={path}>
                  <td>
                    <code class="wrap">{visibleText(path)}</code>
                  </td>
                  <td class="number">{copies.toLocaleString('en')}</td>
                  <td class="number">{sizeText(bytes)}</td>
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </section>
  )
}
