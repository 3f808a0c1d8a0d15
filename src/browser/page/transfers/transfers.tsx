/** The transfers of this browser, along the lower edge of the window: open, or put away into a small button. */
import { useEffect } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { countText } from '../parts/texts.ts'
import { askToNotify, notifying } from './notifications.ts'
import { active, overall } from './overall.ts'
import { isPutAway, putAway } from './panel-state.ts'
import { hasEnded, type Phase, type Transfer } from './transfer.ts'
import { TransferItem } from './transfer-item.tsx'
import { dismiss, transfers, wanted } from './transfers-state.ts'

export function Transfers() {
  const list = transfers.value
  const isNeeded = wanted.value !== undefined || list.some(asks)
  useEffect(() => {
    if (isNeeded) putAway(false)
  }, [isNeeded])
  if (list.length === 0) return null
  return isPutAway.value ? <PutAway /> : <Open list={list} />
}

/** Something that only this tab can be told. */
const asks = ({ phase: { value: phase } }: Transfer): boolean =>
  phase.is === 'naming' && phase.onName !== undefined

const PutAway = () => (
  <div class="transfers-away">
    <button type="button" class="button" onClick={() => putAway(false)} aria-expanded="false">
      {active.value.length > 0 ? headingText() : countText(transfers.value.length, 'transfer')}
    </button>
  </div>
)

const Open = ({ list }: { list: readonly Transfer[] }) => (
  <section class="transfers" aria-labelledby="transfers">
    <header>
      <h2 id="transfers">{headingText()}</h2>
      {notifying.value === 'default' && active.value.length > 0 && (
        <button type="button" class="button bare" onClick={askToNotify}>
          Notify me
          <span class="visually-hidden"> when it is done</span>
        </button>
      )}
      {list.some(({ phase }) => hasEnded(phase.value)) && (
        <button type="button" class="button bare" onClick={() => dismiss(list)}>
          Clear<span class="visually-hidden"> those that have ended</span>
        </button>
      )}
      <button type="button" class="button bare" onClick={() => putAway(true)} aria-expanded="true">
        <Icon name="down" /> Hide
      </button>
    </header>
    <ul>
      {list.toSorted(byUrgency).map((transfer) => (
        <TransferItem key={transfer.id} transfer={transfer} />
      ))}
    </ul>
  </section>
)

/** `2 transfers, 45 %` */
function headingText(): string {
  const { length } = active.value
  if (length === 0) return 'Transfers'
  return `${countText(length, 'transfer')}${overall.value === undefined ? '' : `, ${overall.value} %`}`
}

const URGENCY: readonly Phase['is'][] = ['naming', 'running', 'paused', 'waiting']

/** What is asked first; then what runs, in its order; then what has ended, the latest first. */
function byUrgency({ phase: { value: one } }: Transfer, { phase: { value: other } }: Transfer): number {
  const [first, second] = [one, other].map(({ is }) => URGENCY.indexOf(is))
  if (first === -1 && second === -1) return endOf(other) - endOf(one)
  return rank(first!) - rank(second!)
}

const rank = (urgency: number): number => (urgency === -1 ? URGENCY.length : urgency)

const endOf = (phase: Phase): number => ('at' in phase ? phase.at : 0)
