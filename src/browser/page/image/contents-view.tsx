/** Layers and config of an image, or of a platform of an index. */

import type { ImageConfig } from '../../../core/oci/image-config.ts'
import { isUnknown } from '../components/failure-text.ts'
import { Loading, lazily } from '../components/loading.tsx'
import { DateText, Pair } from '../components/pairs.tsx'
import { Boundary, Problem } from '../components/problem.tsx'
import { comparePath, filesPath } from '../route.ts'
import { About, Annotations } from './about.tsx'
import { attachedBlobs, isImage } from './attached-kind.ts'
import { platformText } from './image-config.ts'
import { Layers } from './layers.tsx'
import { useContents } from './use-image.ts'

const AttachedView = lazily(
  'what it says',
  async () => (await import('../attached/attached-view.tsx')).AttachedView,
)

interface ContentsProps {
  readonly name: string
  /** The reference of the page; `digest` is that of the image or of its selected platform. */
  readonly reference: string
  readonly digest: string
  readonly platform: string | undefined
  /** The annotations of the index. */
  readonly annotations: Readonly<Record<string, string>>
}

export function ContentsView({ name, reference, digest, platform, annotations }: ContentsProps) {
  const { value, failure } = useContents(name, digest)
  if (failure !== undefined && !value) return <Problem title={titleOf(failure)} failure={failure} />
  if (!value) return <Loading what="the layers" />
  const { manifest, config, configFailure } = value
  const attached = attachedBlobs(manifest)
  return (
    <>
      <Boundary what="What is said about it">
        <About entries={[manifest.annotations, config?.config.Labels, annotations]} />
      </Boundary>
      {attached.length > 0 && (
        <AttachedView
          name={name}
          blobs={attached}
          subject={manifest.subject?.digest ?? subjectOfTag(reference)}
        />
      )}
      <Boundary what="The layers">
        <Layers
          name={name}
          layers={manifest.blobs}
          history={config?.history}
          noun={isImage(manifest) ? 'layer' : 'file'}
          providers={manifest.providers}
          links={isImage(manifest) && <LayerLinks name={name} reference={reference} platform={platform} />}
        />
      </Boundary>
      {configFailure !== undefined && (
        <Problem title="The config of this image could not be read." failure={configFailure} />
      )}
      <Boundary what="The config">
        {config && attached.length === 0 && <ConfigView config={config} />}
      </Boundary>
      <Boundary what="The labels">
        <Annotations title="Labels" entries={config?.config.Labels} />
      </Boundary>
    </>
  )
}

const LayerLinks = ({ name, reference, platform }: Omit<ContentsProps, 'digest' | 'annotations'>) => (
  <span class="section-links">
    <a class="button" href={filesPath(name, reference, platform)}>
      Show files
    </a>
    <a class="button" href={comparePath(name, reference, { platform })}>
      Compare with…
    </a>
  </span>
)

/** The digest that a cosign tag refers to: `sha256-….sig`. */
const subjectOfTag = (reference: string): string | undefined =>
  /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(reference)
    ? reference.slice(0, 71).replace('-', ':')
    : undefined

const titleOf = (failure: unknown): string =>
  isUnknown(failure)
    ? 'This platform is not stored here, and no connected peer has it.'
    : 'This platform could not be read.'

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
