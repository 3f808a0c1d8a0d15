/** VEX: what the vendor of an image says about vulnerabilities. */

import type { Vex } from '../../../core/attestations/vex.ts'
import { DateText, Pair } from '../components/pairs.tsx'
import { Table } from '../components/table.tsx'
import { countText } from '../components/text.ts'
import { visibleText } from '../components/visible-text.ts'

const MAX_STATEMENTS = 500

export const VexView = ({ vex: { author, created, statements } }: { vex: Vex }) => (
  <>
    <dl class="pairs">
      <Pair name="Author">{author}</Pair>
      <Pair name="Written">{created && <DateText at={created} />}</Pair>
    </dl>
    <h3>{countText(statements.length, 'statement')}</h3>
    {statements.length > 0 && (
      <Table
        className="packages"
        columns={[{ text: 'Vulnerability' }, { text: 'Status' }, { text: 'Products' }, { text: 'Why' }]}
      >
        <tbody>
          {statements.slice(0, MAX_STATEMENTS).map(({ vulnerability, status, products, reason }, index) => (
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
      </Table>
    )}
  </>
)
