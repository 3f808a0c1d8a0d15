/** How a container of this image starts. */
import type { ComponentChildren } from 'preact'
import { Moment } from '../parts/moment.tsx'
import { type ImageConfig, platformText } from './image-config.ts'

export function ConfigView({ config }: { config: ImageConfig }) {
  const { Entrypoint, Cmd, Env, User, WorkingDir, ExposedPorts, Volumes, StopSignal } = config.config ?? {}
  return (
    <section class="section" aria-labelledby="config">
      <h2 id="config">Config</h2>
      <dl class="pairs">
        <Pair name="Entrypoint">{Entrypoint?.length && <Words words={Entrypoint} />}</Pair>
        <Pair name="Cmd">{Cmd?.length && <Words words={Cmd} />}</Pair>
        <Pair name="User">{User && <code>{User}</code>}</Pair>
        <Pair name="Working directory">{WorkingDir && <code>{WorkingDir}</code>}</Pair>
        <Pair name="Exposed ports">{ExposedPorts && <Lines lines={Object.keys(ExposedPorts)} />}</Pair>
        <Pair name="Volumes">{Volumes && <Lines lines={Object.keys(Volumes)} />}</Pair>
        <Pair name="Stop signal">{StopSignal && <code>{StopSignal}</code>}</Pair>
        <Pair name="Environment">{Env?.length && <Lines lines={Env} />}</Pair>
        <Pair name="Platform">{platformText(config)}</Pair>
        <Pair name="Created">{config.created && <Moment at={config.created} />}</Pair>
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

const Words = ({ words }: { words: readonly string[] }) => <code>{JSON.stringify(words)}</code>

const Lines = ({ lines }: { lines: readonly string[] }) => (
  <ul class="plain">
    {lines.map((line) => (
      <li key={line}>
        <code>{line}</code>
      </li>
    ))}
  </ul>
)
