/** Loading notes, and components that are loaded when they are shown for the first time. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Problem } from './problem.tsx'

/** CSS shows it only if loading takes long enough to be noticed. */
export const Loading = ({ what }: { what: string }) => (
  <p class="loading quiet" role="status">
    Reading {what}…
  </p>
)

/** @param what - names its content in a sentence: `the files` */
export function lazily<Props extends object>(
  what: string,
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let Component: ComponentType<Props> | undefined
  return (props) => {
    const [isLoaded, setLoaded] = useState(Component !== undefined)
    const [failure, setFailure] = useState<unknown>()
    useEffect(() => {
      if (isLoaded) return
      load().then((part) => {
        Component = part
        setLoaded(true)
      }, setFailure)
    }, [])
    if (Component) return <Component {...props} />
    return failure === undefined ? (
      <Loading what={what} />
    ) : (
      <Problem title={`A part of the page that shows ${what} could not be loaded.`} failure={failure} />
    )
  }
}
