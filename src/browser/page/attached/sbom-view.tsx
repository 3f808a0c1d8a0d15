/** The packages of an SBOM, with a search. */

import { useState } from 'preact/hooks'
import type { Sbom } from '../../../core/attestations/sbom.ts'
import { MoreButton } from '../components/buttons.tsx'
import { DateText, Pair } from '../components/pairs.tsx'
import { Table } from '../components/table.tsx'
import { countText } from '../components/text.ts'
import { visibleText } from '../components/visible-text.ts'

const PAGE_ROWS = 100

export function SbomView({ sbom: { packages, name, created, tools } }: { sbom: Sbom }) {
  const [text, setText] = useState('')
  const [limit, setLimit] = useState(PAGE_ROWS)
  const searched = text.toLowerCase()
  const found = packages.filter((one) =>
    [one.name, one.version, one.licence, one.type].some((field) => field.toLowerCase().includes(searched)),
  )
  return (
    <>
      <dl class="pairs">
        <Pair name="Of">{name}</Pair>
        <Pair name="Made by">{tools.join(', ')}</Pair>
        <Pair name="Made">{created && <DateText at={created} />}</Pair>
      </dl>
      <div class="section-head">
        <h3>{countText(packages.length, 'package')}</h3>
        {packages.length > 1 && (
          <input
            class="input"
            type="search"
            placeholder="Search packages"
            aria-label="Search packages"
            value={text}
            onInput={({ currentTarget }) => {
              setText(currentTarget.value)
              setLimit(PAGE_ROWS)
            }}
          />
        )}
      </div>
      {packages.length > 0 && found.length === 0 && <p class="quiet">No package matches.</p>}
      {found.length > 0 && (
        <Table
          className="packages"
          columns={[
            { text: 'Package' },
            { text: 'Version' },
            { text: 'Licence' },
            { text: 'Type', className: 'wide' },
          ]}
        >
          <tbody>
            {found.slice(0, limit).map((one, index) => (
              <tr key={index}>
                <th scope="row">
                  <span class="wrap">{visibleText(one.name) || '–'}</span>
                </th>
                <td>
                  <span class="wrap">{visibleText(one.version)}</span>
                </td>
                <td>
                  <span class="wrap">{visibleText(one.licence)}</span>
                </td>
                <td class="wide quiet">{visibleText(one.type)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {found.length > limit && (
        <MoreButton shown={limit} total={found.length} onMore={() => setLimit(limit + PAGE_ROWS)} />
      )}
    </>
  )
}
