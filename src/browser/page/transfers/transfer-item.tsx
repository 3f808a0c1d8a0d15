/** One push or pull: how far it is, in all and by layer, and how it ended. */
import { Icon } from '../parts/icon.tsx'
import { capitalized, Problem } from '../parts/problem.tsx'
import { imagePath, referenceText } from '../route.ts'
import { NameForm } from './name-form.tsx'
import { PartList } from './part-list.tsx'
import { ProgressLine } from './progress-line.tsx'
import { hasEnded, type ImageName, type Phase, type Transfer } from './transfers-state.ts'

export function TransferItem({ transfer }: { transfer: Transfer }) {
  const phase = transfer.phase.value
  return (
    <li class="transfer">
      <div class="transfer-head">
        <Icon name={phase.is === 'done' ? 'done' : transfer.kind} />
        <span class="transfer-title" title={transfer.title}>
          {transfer.title}
        </span>
        {!hasEnded(phase) && (
          <button type="button" class="button bare" onClick={transfer.cancel}>
            Cancel
            <span class="visually-hidden"> {transfer.title}</span>
          </button>
        )}
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
      return (
        <>
          <ProgressLine transfer={transfer} />
          <PartList parts={transfer.progress.value.parts} />
        </>
      )
    case 'naming':
      return <NameForm suggestion={phase.suggestion} onName={phase.onName} />
    case 'cancelled':
      return <p class="quiet">Cancelled</p>
    case 'failed':
      return <Problem title="Failed." failure={phase.failure} />
    case 'done':
      return (
        <>
          <Images images={phase.images} />
          <Remarks remarks={transfer.remarks.value} />
        </>
      )
  }
}

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
