/** A transfer in the list: its progress, its prompts, its result and its buttons. */
import { useEffect, useRef } from 'preact/hooks'
import { Icon, type IconName } from '../components/icons.tsx'
import { capitalized, ProblemText } from '../components/problem.tsx'
import { Moment } from '../components/values.tsx'
import { imagePath, referenceText } from '../route.ts'
import { isImport } from './import/import-files.ts'
import { NamePrompt, ResumePrompt } from './import/prompts.tsx'
import { KINDS } from './kinds.ts'
import { PartList, ProgressLine } from './progress-view.tsx'
import { hasEnded, type ImageName, type Phase, type Transfer } from './transfer.ts'
import { cancel, dismiss, pause, resume, startedTransfer } from './transfers-state.ts'

export function TransferItem({ transfer }: { transfer: Transfer }) {
  const { id, kind, title } = transfer
  const phase = transfer.phase.value
  const item = useRef<HTMLLIElement>(null)
  const isJustStarted = startedTransfer.value === id
  useEffect(() => {
    if (!isJustStarted) return
    startedTransfer.value = undefined
    item.current?.focus()
  }, [isJustStarted])
  return (
    <li ref={item} class="transfer" tabIndex={-1} aria-label={title}>
      <div class="transfer-head">
        <Icon name={phase.is === 'done' ? 'done' : KINDS[kind].icon} />
        <span class="transfer-title">{title}</span>
        <TransferButtons transfer={transfer} />
      </div>
      <Outcome transfer={transfer} phase={phase} />
    </li>
  )
}

function Outcome({ transfer, phase }: { transfer: Transfer; phase: Phase }) {
  switch (phase.is) {
    case 'waiting':
      return <p class="quiet">Waiting for its turn</p>
    case 'running':
      return <ProgressOf transfer={transfer} />
    case 'naming':
      return <NamePrompt {...phase} />
    case 'paused':
      return phase.needs !== 'nothing' && isImport(transfer) ? (
        <ResumePrompt transfer={transfer} needs={phase.needs} />
      ) : (
        <ProgressOf transfer={transfer} />
      )
    case 'cancelled':
      return <Ended text="Cancelled" at={phase.at} />
    case 'failed':
      return <ProblemText title="Failed." text={phase.failure} />
    case 'done':
      return (
        <>
          <Images images={phase.images} />
          <Ended text="Done" at={phase.at} />
          <Remarks remarks={transfer.remarks.value} />
        </>
      )
  }
}

const ProgressOf = ({ transfer }: { transfer: Transfer }) => (
  <>
    <ProgressLine transfer={transfer} />
    <PartList parts={transfer.progress.value.parts} />
  </>
)

const Ended = ({ text, at }: { text: string; at: number }) => (
  <p class="quiet">
    {text} <Moment at={at} />
  </p>
)

/** Untagged results, such as signatures, are left out, because they are shown with their image. */
function Images({ images }: { images: readonly ImageName[] }) {
  const tagged = images.filter(({ reference }) => !reference.includes(':'))
  return (
    <ul class="transfer-images">
      {(tagged.length > 0 ? tagged : images).map(({ name, reference }) => (
        <li key={`${name} ${reference}`}>
          <a href={imagePath(name, reference)}>{referenceText(name, reference)}</a>
        </li>
      ))}
    </ul>
  )
}

function Remarks({ remarks }: { remarks: readonly string[] }) {
  return remarks.map((remark) => (
    <p key={remark} class="quiet">
      {capitalized(remark)}.
    </p>
  ))
}

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
