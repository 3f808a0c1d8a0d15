/** The transfers of this window, in a corner of it. */
import { countText } from '../parts/texts.ts'
import { TransferItem } from './transfer-item.tsx'
import { dismissEnded, hasEnded, type Phase, type Transfer, transfers } from './transfers-state.ts'

export function Transfers() {
  const list = transfers.value
  if (list.length === 0) return null
  const running = list.filter(({ phase }) => !hasEnded(phase.value)).length
  return (
    <section class="transfers" aria-labelledby="transfers">
      <header>
        <h2 id="transfers">{running > 0 ? countText(running, 'transfer') : 'Transfers'}</h2>
        {running < list.length && (
          <button type="button" class="button bare" onClick={dismissEnded}>
            Clear
          </button>
        )}
      </header>
      <ul>
        {list.toSorted(byUrgency).map((transfer) => (
          <TransferItem key={transfer.id} transfer={transfer} />
        ))}
      </ul>
    </section>
  )
}

const URGENCY: readonly Phase['is'][] = ['naming', 'running', 'waiting', 'failed', 'cancelled', 'done']

const byUrgency = (one: Transfer, other: Transfer): number =>
  URGENCY.indexOf(one.phase.value.is) - URGENCY.indexOf(other.phase.value.is)
