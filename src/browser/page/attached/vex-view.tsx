/** What the maker of an image says of vulnerabilities. */
import type { Vex } from '../../../core/attestations/vex.ts'
import { DateText } from '../parts/date.tsx'
import { countText } from '../parts/texts.ts'
import { visibleText } from '../parts/visible-text.ts'
import { Pair } from './pair.tsx'

/** Statements that are shown. */
const MOST = 500

export const VexView = ({ vex: { author, created, statements } }: { vex: Vex }) => (
  <>
    <dl class="pairs">
      <Pair name="Author">{author}</Pair>
      <Pair name="Written">{created && <DateText at={created} />}</Pair>
    </dl>
    <h3>{countText(statements.length, 'statement')}</h3>
    {statements.length > 0 && (
      <table class="table packages">
        <thead>
          <tr>
            <th scope="col">Vulnerability</th>
            <th scope="col">Status</th>
            <th scope="col">Products</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {statements.slice(0, MOST).map(({ vulnerability, status, products, reason }, index) => (
            <tr key={index}>
              <th scope="row">
                <span class="wrap">{visibleText(vulnerability)}</span>
              </th>
              <td>{visibleText(status).replaceAll('_', ' ')}</td>
              <td>
                <span class="wrap">{products.map(visibleText).join(', ')}</span>
              </td>
              <td>
                <span class="wrap">{visibleText(reason).replaceAll('_', ' ')}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </>
)
