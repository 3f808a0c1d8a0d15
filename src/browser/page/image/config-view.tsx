/** How a container of this image starts. */
import type { ComponentChildren } from 'preact'
import type { ImageConfig } from '../../../core/oci/config.ts'
import { DateText } from '../parts/date.tsx'
import { platformText } from './image-config.ts'

export function ConfigView({ config }: { config: ImageConfig }) {
  const { Entrypoint, Cmd, Env, User, WorkingDir, ExposedPorts, Volumes, StopSignal } = config.config
  return (
    <section class="section" aria-labelledby="config">
      <h2 id="config">Config</h2>
      <dl class="pairs">
        <Pair name="Entrypoint">{wordsOf(Entrypoint)}</Pair>
        <Pair name="Cmd">{wordsOf(Cmd)}</Pair>
        <Pair name="User">{User && <code>{User}</code>}</Pair>
        <Pair name="Working directory">{WorkingDir && <code>{WorkingDir}</code>}</Pair>
        <Pair name="Exposed ports">{linesOf(Object.keys(ExposedPorts))}</Pair>
        <Pair name="Volumes">{linesOf(Object.keys(Volumes))}</Pair>
        <Pair name="Stop signal">{StopSignal && <code>{StopSignal}</code>}</Pair>
        <Pair name="Environment">{linesOf(Env)}</Pair>
        <Pair name="Platform">{platformText(config)}</Pair>
        <Pair name="Created">{config.created && <DateText at={config.created} />}</Pair>
        <Pair name="Author">{config.author}</Pair>
      </dl>
    </section>
  )
}

/** Nothing for what the config does not say. */
const Pair = ({ name, children }: { name: string; children: ComponentChildren }) =>
  children ? (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  ) : null

const wordsOf = (words: readonly string[]) => words.length > 0 && <code>{JSON.stringify(words)}</code>

const linesOf = (lines: readonly string[]) =>
  lines.length > 0 && (
    <ul class="plain">
      {lines.map((line, index) => (
        <li key={index}>
          <code>{line}</code>
        </li>
      ))}
    </ul>
  )
