/** The packages of an SBOM, with a search over them. */
import { useState } from 'preact/hooks'
import type { Sbom } from '../../../core/attestations/sbom.ts'
import { DateText } from '../parts/date.tsx'
import { MoreButton } from '../parts/more-button.tsx'
import { countText } from '../parts/texts.ts'
import { visibleText } from '../parts/visible-text.ts'
import { Pair } from './pair.tsx'

/** Packages at once. */
const PIECE = 100

export function SbomView({ sbom: { packages, name, created, tools } }: { sbom: Sbom }) {
  const [text, setText] = useState('')
  const [limit, setLimit] = useState(PIECE)
  const wanted = text.toLowerCase()
  const found = packages.filter((one) =>
    [one.name, one.version, one.licence, one.type].some((said) => said.toLowerCase().includes(wanted)),
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
              setLimit(PIECE)
            }}
          />
        )}
      </div>
      {packages.length > 0 && found.length === 0 && <p class="quiet">No package matches.</p>}
      {found.length > 0 && (
        <table class="table packages">
          <thead>
            <tr>
              <th scope="col">Package</th>
              <th scope="col">Version</th>
              <th scope="col">Licence</th>
              <th scope="col" class="wide">
                Type
              </th>
            </tr>
          </thead>
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
        </table>
      )}
      {found.length > limit && (
        <MoreButton shown={limit} total={found.length} onMore={() => setLimit(limit + PIECE)} />
      )}
    </>
  )
}
