/** The layers and documents of a transfer, each with its own progress. */
import { Digest } from '../parts/digest.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import type { Part } from './transfer.ts'

const STATES: Readonly<Record<Part['state'], string>> = {
  waiting: 'waiting',
  running: '',
  done: 'done',
  held: 'already here',
}

/** As many as are seen at a glance. */
const FEW = 3

export const PartList = ({ parts }: { parts: readonly Part[] }) => {
  if (parts.length === 0) return null
  return (
    <details class="parts" open={parts.length <= FEW}>
      <summary class="quiet">{partsText(parts)}</summary>
      <ol>
        {parts.map((part) => (
          <PartRow key={part.digest} part={part} />
        ))}
      </ol>
    </details>
  )
}

/** `3 of 9 layers`; `3 of 9 blobs` where it is not layers alone that come. */
export function partsText(parts: readonly Part[]): string {
  const layers = parts.filter(({ kind }) => kind === 'layer')
  const counted = layers.length > 0 ? layers : parts
  const here = counted.filter(({ state }) => state === 'done' || state === 'held').length
  return `${here.toLocaleString('en')} of ${countText(counted.length, layers.length > 0 ? 'layer' : 'blob')}`
}

const PartRow = ({ part: { digest, kind, size, done, state } }: { part: Part }) => (
  <li class="part" data-state={state}>
    <span>
      <Digest digest={digest} /> <span class="quiet">{kind}</span>
    </span>
    <span class="quiet numbers">
      {STATES[state] || (size ? `${Math.floor((100 * done) / size)} %` : sizeText(done))}
    </span>
  </li>
)
