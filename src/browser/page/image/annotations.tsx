/** Names and values that came with an image: annotations of the manifest, labels of the config. */
import { visibleText } from '../parts/visible-text.ts'
import { Value } from './about.tsx'

interface AnnotationsProps {
  readonly title: string
  readonly entries: Readonly<Record<string, string>> | undefined
}

export function Annotations({ title, entries = {} }: AnnotationsProps) {
  const pairs = Object.entries(entries)
  if (pairs.length === 0) return null
  const id = title.toLowerCase()
  return (
    <section class="section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <dl class="pairs named">
        {pairs.map(([name, value]) => (
          <div key={name}>
            <dt>
              <code>{visibleText(name)}</code>
            </dt>
            <dd>
              <Value text={value} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
