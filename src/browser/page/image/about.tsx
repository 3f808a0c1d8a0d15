/**
 * Annotations and labels of an image; those that the specification defines come first, by their meaning.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md
 */
import { visibleLines, visibleText } from '../components/visible-text.ts'

type Entries = Readonly<Record<string, string>>

const NAMES: readonly (readonly [key: string, name: string])[] = [
  ['title', 'Title'],
  ['description', 'Description'],
  ['version', 'Version'],
  ['revision', 'Revision'],
  ['source', 'Source'],
  ['url', 'Website'],
  ['documentation', 'Documentation'],
  ['licenses', 'Licence'],
  ['vendor', 'Vendor'],
  ['authors', 'Authors'],
  ['base.name', 'Base image'],
]

/** @param entries - annotations and labels; earlier ones take precedence */
export function About({ entries }: { entries: readonly (Entries | undefined)[] }) {
  const find = (key: string) => entries.map((some) => some?.[key]).find(Boolean)
  const said = NAMES.flatMap(([key, name]) => {
    const value = find(`org.opencontainers.image.${key}`)
    return value ? [[name, value] as const] : []
  })
  const readme = entries.map(readmeIn).find(Boolean)
  if (said.length === 0 && !readme) return null
  return (
    <section class="section" aria-labelledby="about">
      <h2 id="about">About</h2>
      <dl class="pairs">
        {said.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Value text={value} />
            </dd>
          </div>
        ))}
      </dl>
      {readme && (
        <details class="readme">
          <summary>README</summary>
          <pre class="readme-text">{visibleLines(readme)}</pre>
        </details>
      )}
    </section>
  )
}

/** A README under any name; values of a single line are URLs, which are shown among the labels. */
const readmeIn = (entries: Entries | undefined): string | undefined =>
  Object.entries(entries ?? {}).find(
    ([name, value]) => /(?:^|[./-])readme$/i.test(name) && value.includes('\n'),
  )?.[1]

/** Only HTTP and HTTPS URLs become links, because other schemes may be harmful. */
export const isLink = (value: string): boolean => /^https?:\/\/\S+$/.test(value)

export const Value = ({ text }: { text: string }) =>
  isLink(text) ? (
    <a class="wrap" href={text} rel="noreferrer">
      {visibleText(text)}
    </a>
  ) : (
    <span class="lines">{visibleLines(text)}</span>
  )

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
