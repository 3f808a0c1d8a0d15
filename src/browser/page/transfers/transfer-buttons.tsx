/** What can be done to a transfer where it stands: pause it, go on, try again, cancel it, take it off the list. */
import { Icon, type IconName } from '../parts/icon.tsx'
import { hasEnded, type Phase, type Transfer } from './transfer.ts'
import { cancel, dismiss, pause, resume } from './transfers-state.ts'

export function TransferButtons({ transfer }: { transfer: Transfer }) {
  const { title } = transfer
  const phase = transfer.phase.value
  const mayGoOn = isRepeatable(phase) || isJustPaused(phase)
  const act = (text: string, icon: IconName, work: () => unknown) => (
    <button type="button" class="button bare" onClick={work}>
      <Icon name={icon} /> {text}
      <span class="visually-hidden"> {title}</span>
    </button>
  )
  return (
    <div class="transfer-buttons">
      {(phase.is === 'running' || phase.is === 'waiting') && act('Pause', 'pause', () => pause(transfer))}
      {mayGoOn && act(phase.is === 'paused' ? 'Resume' : 'Try again', 'resume', () => resume(transfer))}
      {!hasEnded(phase) && act('Cancel', 'close', () => cancel(transfer))}
      {hasEnded(phase) && act('Remove', 'close', () => dismiss([transfer]))}
    </div>
  )
}

const isRepeatable = (phase: Phase): boolean =>
  phase.is === 'cancelled' || (phase.is === 'failed' && !phase.failure.isFinal)

const isJustPaused = (phase: Phase): boolean => phase.is === 'paused' && phase.needs === 'nothing'
