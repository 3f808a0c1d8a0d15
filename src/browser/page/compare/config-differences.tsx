/** How the configs of two images differ. */

import type { ImageConfig } from '../../../core/oci/image-config.ts'
import { Table } from '../components/table.tsx'
import { visibleText } from '../components/visible-text.ts'
import type { ComparedImage } from './sides.ts'

interface DifferencesProps {
  readonly left: ComparedImage
  readonly right: ComparedImage
  readonly before: ImageConfig | undefined
  readonly after: ImageConfig | undefined
}

/** A field of the config, or an entry of a list or map in it. */
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
        <p class="quiet">The configs differ in nothing but their layers and history.</p>
      ) : (
        <Table
          className="config-differences"
          columns={[{ text: 'Setting' }, { text: left.text }, { text: right.text }]}
        >
          <tbody>
            {rows.map(({ name, before, after }) => (
              <tr key={name}>
                <th scope="row">{visibleText(name)}</th>
                <td>
                  <Value text={before} />
                </td>
                <td>
                  <Value text={after} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  )
}

const Value = ({ text }: { text: string | undefined }) =>
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

const text = (name: string, value: string | undefined): Setting[] => (value ? [{ name, text: value }] : [])

const words = (name: string, value: readonly string[]): Setting[] =>
  value.length > 0 ? [{ name, text: JSON.stringify(value) }] : []

function environment(line: string): Setting {
  const sign = line.indexOf('=')
  const name = sign < 0 ? line : line.slice(0, sign)
  return { name: `Environment ${name}`, text: sign < 0 ? '' : line.slice(sign + 1) }
}
