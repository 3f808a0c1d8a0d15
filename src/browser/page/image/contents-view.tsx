/** Layers and config of an image, or of one platform of an index. */
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { Annotations } from './annotations.tsx'
import { ConfigView } from './config-view.tsx'
import { Layers } from './layers.tsx'
import { useContents } from './use-image.ts'

export function ContentsView({ name, digest }: { name: string; digest: string }) {
  const { value, failure } = useContents(name, digest)
  if (failure !== undefined && !value)
    return <Problem title="This platform is neither here nor at a connected peer." failure={failure} />
  if (!value) return <Loading what="the layers" />
  const { manifest, config } = value
  return (
    <>
      <Layers layers={manifest.document.layers ?? []} history={config?.history} />
      {config && <ConfigView config={config} />}
      <Annotations title="Labels" entries={config?.config?.Labels} />
    </>
  )
}
