/** Layers and config of an image, or of one platform of an index. */
import { Boundary } from '../frame/boundary.tsx'
import { isUnknown } from '../parts/failure-text.ts'
import { lazily } from '../parts/lazily.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { comparePath, filesPath } from '../route.ts'
import { About } from './about.tsx'
import { Annotations } from './annotations.tsx'
import { attachedBlobs, isImage } from './attached-kind.ts'
import { ConfigView } from './config-view.tsx'
import { Layers } from './layers.tsx'
import { useContents } from './use-image.ts'

const AttachedView = lazily(
  'what it says',
  async () => (await import('../attached/attached-view.tsx')).AttachedView,
)

interface ContentsProps {
  readonly name: string
  /** Of the image that is looked at; `digest` is its own, or that of one platform. */
  readonly reference: string
  readonly digest: string
  readonly platform: string | undefined
  /** Of the index. */
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
          givers={manifest.givers}
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

/** cosign names what it signs in the tag: `sha256-….sig`. */
const subjectOfTag = (reference: string): string | undefined =>
  /^sha256-[0-9a-f]{64}\.(?:sig|att|sbom)$/.test(reference)
    ? reference.slice(0, 71).replace('-', ':')
    : undefined

const titleOf = (failure: unknown): string =>
  isUnknown(failure)
    ? 'This platform is not stored here, and no connected peer has it.'
    : 'This platform could not be read.'
