/** A part of the page that is loaded when it is first shown: most visits do without. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Problem } from './problem.tsx'

interface OnDemandProps<P> {
  readonly load: () => Promise<ComponentType<P>>
  readonly props: P
}

export function OnDemand<P extends object>({ load, props }: OnDemandProps<P>) {
  const [loaded, setLoaded] = useState<{ readonly Part: ComponentType<P> } | { readonly failure: unknown }>()
  useEffect(() => {
    load().then(
      (Part) => setLoaded({ Part }),
      (failure) => setLoaded({ failure }),
    )
  }, [])
  if (!loaded) return null
  if ('failure' in loaded) return <Problem title="This could not be opened." failure={loaded.failure} />
  return <loaded.Part {...props} />
}
