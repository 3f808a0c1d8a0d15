/** What is other in how containers of two images start, and in what they say of themselves. */
import type { ImageConfig } from '../../../core/oci/config.ts'
import { visibleText } from '../parts/visible-text.ts'
import type { ComparedImage } from './sides.ts'

interface DifferencesProps {
  readonly left: ComparedImage
  readonly right: ComparedImage
  readonly before: ImageConfig | undefined
  readonly after: ImageConfig | undefined
}

/** A setting of the config, or one entry of a list or a map in it. */
interface Setting {
  readonly name: string
  readonly text: string
}

export function ConfigDifferences({ left, right, before, after }: DifferencesProps) {
  const rows = compareSettings(settingsOf(before), settingsOf(after))
  return (
    <section class="section" aria-labelledby="config">
      <h2 id="config">Config</h2>
      {rows.length === 0 ? (
        <p class="quiet">Nothing in the configs is other but the layers and the history.</p>
      ) : (
        <table class="table config-differences">
          <thead>
            <tr>
              <th scope="col">Setting</th>
              <th scope="col">{left.text}</th>
              <th scope="col">{right.text}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ name, before, after }) => (
              <tr key={name}>
                <th scope="row">{visibleText(name)}</th>
                <td>
                  <Said text={before} />
                </td>
                <td>
                  <Said text={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

const Said = ({ text }: { text: string | undefined }) =>
  text === undefined ? <span class="quiet">–</span> : <code class="wrap">{visibleText(text) || '""'}</code>

function compareSettings(before: readonly Setting[], after: readonly Setting[]) {
  const old = new Map(before.map(({ name, text }) => [name, text]))
  const now = new Map(after.map(({ name, text }) => [name, text]))
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((name) => ({ name, before: old.get(name), after: now.get(name) }))
    .filter(({ before, after }) => before !== after)
}

function settingsOf(image: ImageConfig | undefined): readonly Setting[] {
  if (!image) return []
  const { config } = image
  return [
    ...text('Platform', [image.os, image.architecture, image.variant].filter(Boolean).join('/')),
    ...text('Created', image.created),
    ...text('Author', image.author),
    ...words('Entrypoint', config.Entrypoint),
    ...words('Cmd', config.Cmd),
    ...words('Shell', config.Shell),
    ...words('OnBuild', config.OnBuild),
    ...text('User', config.User),
    ...text('Working directory', config.WorkingDir),
    ...text('Stop signal', config.StopSignal),
    ...config.Env.map(environment),
    ...Object.keys(config.ExposedPorts).map((port) => ({ name: `Port ${port}`, text: 'exposed' })),
    ...Object.keys(config.Volumes).map((path) => ({ name: `Volume ${path}`, text: 'declared' })),
    ...Object.entries(config.Labels).map(([name, value]) => ({ name: `Label ${name}`, text: value })),
  ]
}

const text = (name: string, said: string | undefined): Setting[] => (said ? [{ name, text: said }] : [])

const words = (name: string, said: readonly string[]): Setting[] =>
  said.length > 0 ? [{ name, text: JSON.stringify(said) }] : []

function environment(line: string): Setting {
  const sign = line.indexOf('=')
  const name = sign < 0 ? line : line.slice(0, sign)
  return { name: `Environment ${name}`, text: sign < 0 ? '' : line.slice(sign + 1) }
}
