/** A component that is loaded when it is first shown; nothing is drawn before. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'

export function useModule<P>(load: () => Promise<ComponentType<P>>): ComponentType<P> | undefined {
  const [loaded, setLoaded] = useState<{ readonly component: ComponentType<P> }>()
  useEffect(() => {
    load().then(
      (component) => setLoaded({ component }),
      (error) => console.error('a part of the page could not be loaded', error),
    )
  }, [])
  return loaded?.component
}
