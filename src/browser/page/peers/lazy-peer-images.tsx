/** What a peer has is loaded, code and list, when somebody wants to see it. */
import { useEffect, useState } from 'preact/hooks'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import type { PeerImagesProps } from './peer-images.tsx'

type Module = typeof import('./peer-images.tsx')

export function LazyPeerImages(props: PeerImagesProps) {
  const [loaded, setLoaded] = useState<Module>()
  const [failure, setFailure] = useState<unknown>()
  useEffect(() => void import('./peer-images.tsx').then(setLoaded, setFailure), [])
  if (failure !== undefined) return <Problem title="The images could not be shown." failure={failure} />
  return loaded ? <loaded.PeerImages {...props} /> : <Loading what="its images" />
}
