/** The platforms of an image. No list has them, so its manifest is read when the row becomes visible. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { Moment } from '../components/values.tsx'
import { type ImageFacts, readFacts } from '../lists/image-facts.ts'
import type { ImageRow } from './rows.ts'

interface CellProps {
  readonly name: string
  readonly row: Pick<ImageRow, 'digest' | 'mediaType' | 'date'>
}

export function PlatformCell({ name, row: { digest, mediaType, date } }: CellProps) {
  const cell = useRef<HTMLSpanElement>(null)
  const [facts, setFacts] = useState<ImageFacts>()
  useEffect(() => {
    let isGone = false
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return
      observer.disconnect()
      readFacts(name, digest).then(
        (facts) => isGone || setFacts(facts),
        () => {}, // the row is useful without
      )
    })
    observer.observe(cell.current!)
    return () => {
      isGone = true
      observer.disconnect()
    }
  }, [name, digest])
  const texts = facts?.platforms.map(({ text }) => text).filter(Boolean) ?? []
  return (
    <span ref={cell} title={texts.join('\n')}>
      {texts.length > 1 ? `${texts.length} platforms` : (texts[0] ?? (isIndexType(mediaType) ? 'Index' : ''))}
      {date === undefined && facts?.created && (
        <span class="under quiet">
          created <Moment at={facts.created} />
        </span>
      )}
    </span>
  )
}
