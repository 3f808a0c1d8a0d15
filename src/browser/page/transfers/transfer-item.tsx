/** One transfer: how far it is, in all and by layer, what its user is asked, and how it ended. */
import { useEffect, useRef } from 'preact/hooks'
import { Icon } from '../parts/icon.tsx'
import { Moment } from '../parts/moment.tsx'
import { capitalized, ProblemText } from '../parts/problem.tsx'
import { imagePath, referenceText } from '../route.ts'
import { GoOn } from './import/go-on.tsx'
import { isImport } from './import/import-files.ts'
import { NameForm } from './import/name-form.tsx'
import { KINDS } from './kinds.ts'
import { PartList } from './part-list.tsx'
import { ProgressLine } from './progress-line.tsx'
import type { ImageName, Phase, Transfer } from './transfer.ts'
import { TransferButtons } from './transfer-buttons.tsx'
import { wanted } from './transfers-state.ts'

export function TransferItem({ transfer }: { transfer: Transfer }) {
  const { id, kind, title } = transfer
  const phase = transfer.phase.value
  const item = useRef<HTMLLIElement>(null)
  const isWanted = wanted.value === id
  useEffect(() => {
    if (!isWanted) return
    wanted.value = undefined
    item.current?.focus()
  }, [isWanted])
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
      return <Moving transfer={transfer} />
    case 'naming':
      return <NameForm {...phase} />
    case 'paused':
      return phase.needs !== 'nothing' && isImport(transfer) ? (
        <GoOn transfer={transfer} needs={phase.needs} />
      ) : (
        <Moving transfer={transfer} />
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

const Moving = ({ transfer }: { transfer: Transfer }) => (
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

/** What came with an image but has no tag, such as its signature, is found beside it. */
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
