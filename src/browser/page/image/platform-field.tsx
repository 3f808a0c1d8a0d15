/** Of an index: all of it, or one of its images. The field `platform` of a form; empty for all. */
import { useId } from 'preact/hooks'
import type { Image } from './use-image.ts'

interface PlatformProps {
  readonly image: Image
  /** Only what is whole here. */
  readonly isHeldOnly?: boolean
}

export function PlatformField({ image: { held, platforms }, isHeldOnly = false }: PlatformProps) {
  const id = useId()
  if (platforms.length === 0) return null
  const isWhole = held?.missing === 0
  const whole = platforms.filter(({ held }) => held?.missing === 0)
  const first = isWhole || whole.length === 0 ? '' : whole[0]!.descriptor.digest
  const offered = isHeldOnly ? whole : platforms
  return (
    <div class="field">
      <label for={id}>Platforms</label>
      <select id={id} name="platform" defaultValue={first}>
        {(isWhole || !isHeldOnly) && (
          <option value="">{`All ${platforms.length} platforms${isWhole ? '' : '; those not stored here are pulled first'}`}</option>
        )}
        {offered.map(({ descriptor: { digest }, text, held }) => (
          <option key={digest} value={digest} selected={digest === first}>
            {`Only ${text}${held?.missing === 0 ? '' : '; pulled first'}`}
          </option>
        ))}
      </select>
    </div>
  )
}
