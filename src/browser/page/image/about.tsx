/**
 * What its makers say of an image, by the names that the specification gives: where its source is, which version it is.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/annotations.md
 */
import { visibleLines, visibleText } from '../parts/visible-text.ts'

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

/** @param entries - annotations and labels, the more particular ones first */
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

/** Under whichever name; a link to one is a link among the labels. */
const readmeIn = (entries: Entries | undefined): string | undefined =>
  Object.entries(entries ?? {}).find(
    ([name, value]) => /(?:^|[./-])readme$/i.test(name) && value.includes('\n'),
  )?.[1]

/** Whatever else a value says, only these lead somewhere harmless. */
export const isLink = (value: string): boolean => /^https?:\/\/\S+$/.test(value)

export const Value = ({ text }: { text: string }) =>
  isLink(text) ? (
    <a class="wrap" href={text} rel="noreferrer">
      {visibleText(text)}
    </a>
  ) : (
    <span class="lines">{visibleLines(text)}</span>
  )
