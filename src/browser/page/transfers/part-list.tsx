/** The layers and documents of a transfer, each with its own progress. */
import { Digest } from '../parts/digest.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import type { Part } from './transfers-state.ts'

const STATES: Readonly<Record<Part['state'], string>> = {
  waiting: 'waiting',
  running: '',
  done: 'done',
  held: 'already here',
}

export const PartList = ({ parts }: { parts: readonly Part[] }) => {
  if (parts.length === 0) return null
  const ended = parts.filter(({ state }) => state === 'done' || state === 'held').length
  return (
    <details class="parts" open={parts.length <= 8}>
      <summary class="quiet">
        {ended} of {countText(parts.length, 'part')}
      </summary>
      <ol>
        {parts.map((part) => (
          <PartRow key={part.digest} part={part} />
        ))}
      </ol>
    </details>
  )
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
