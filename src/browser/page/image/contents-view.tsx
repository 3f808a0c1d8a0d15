/** Layers and config of an image, or of one platform of an index. */
import { Boundary } from '../frame/boundary.tsx'
import { isUnknown } from '../parts/failure-text.ts'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { Annotations } from './annotations.tsx'
import { ConfigView } from './config-view.tsx'
import { Layers } from './layers.tsx'
import { useContents } from './use-image.ts'

export function ContentsView({ name, digest }: { name: string; digest: string }) {
  const { value, failure } = useContents(name, digest)
  if (failure !== undefined && !value) return <Problem title={titleOf(failure)} failure={failure} />
  if (!value) return <Loading what="the layers" />
  const { manifest, config, configFailure } = value
  return (
    <>
      <Boundary what="The layers">
        <Layers layers={manifest.blobs} history={config?.history} />
      </Boundary>
      {configFailure !== undefined && (
        <Problem title="The config of this image could not be read." failure={configFailure} />
      )}
      <Boundary what="The config">{config && <ConfigView config={config} />}</Boundary>
      <Boundary what="The labels">
        <Annotations title="Labels" entries={config?.config.Labels} />
      </Boundary>
    </>
  )
}

const titleOf = (failure: unknown): string =>
  isUnknown(failure)
    ? 'This platform is neither here nor at a connected peer.'
    : 'This platform could not be read.'
