/** The panel of transfers at the bottom of the window, which can be collapsed to a button. */

import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { Icon } from '../components/icons.tsx'
import { countText } from '../components/text.ts'
import { askToNotify, notifying } from './notifications.ts'
import { active, overall } from './overall.ts'
import { hasEnded, type Phase, type Transfer } from './transfer.ts'
import { TransferItem } from './transfer-item.tsx'
import { dismiss, startedTransfer, transfers } from './transfers-state.ts'

export function Transfers() {
  const list = transfers.value
  const isNeeded = startedTransfer.value !== undefined || list.some(asks)
  useEffect(() => {
    if (isNeeded) setCollapsed(false)
  }, [isNeeded])
  if (list.length === 0) return null
  return isCollapsed.value ? <PutAway /> : <Open list={list} />
}

/** Whether it waits for an input in this tab. */
const asks = ({ phase: { value: phase } }: Transfer): boolean =>
  phase.is === 'naming' && phase.onName !== undefined

const PutAway = () => (
  <div class="transfers-away">
    <button type="button" class="button" onClick={() => setCollapsed(false)} aria-expanded="false">
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
      <button type="button" class="button bare" onClick={() => setCollapsed(true)} aria-expanded="true">
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

/** Prompts first, then running, paused and waiting ones in their order, then ended ones, the latest first. */
function byUrgency({ phase: { value: one } }: Transfer, { phase: { value: other } }: Transfer): number {
  const [first, second] = [one, other].map(({ is }) => URGENCY.indexOf(is))
  if (first === -1 && second === -1) return endOf(other) - endOf(one)
  return rank(first!) - rank(second!)
}

const rank = (urgency: number): number => (urgency === -1 ? URGENCY.length : urgency)

const endOf = (phase: Phase): number => ('at' in phase ? phase.at : 0)

const KEY = 'transfers put away'

export const isCollapsed = signal(read())

export function setCollapsed(isAway: boolean): void {
  isCollapsed.value = isAway
  try {
    if (isAway) sessionStorage.setItem(KEY, 'yes')
    else sessionStorage.removeItem(KEY)
  } catch {} // no storage: it is forgotten with the page
}

function read(): boolean {
  try {
    return sessionStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}
