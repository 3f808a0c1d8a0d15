/** Names and values that came with an image: annotations of the manifest, labels of the config. */
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
              <code>{name}</code>
            </dt>
            <dd>{isLink(value) ? <a href={value}>{value}</a> : value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

/** Whatever else a value says, only these lead somewhere harmless. */
const isLink = (value: string): boolean => /^https?:\/\/\S+$/.test(value)
