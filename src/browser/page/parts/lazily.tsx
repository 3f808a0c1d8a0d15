/** A part of the page that is loaded when it is shown for the first time. */
import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Loading } from './loading.tsx'
import { Problem } from './problem.tsx'

/** @param what - is loaded, in a sentence: `the files` */
export function lazily<Props extends object>(
  what: string,
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let Part: ComponentType<Props> | undefined
  return (props) => {
    const [isLoaded, setLoaded] = useState(Part !== undefined)
    const [failure, setFailure] = useState<unknown>()
    useEffect(() => {
      if (isLoaded) return
      load().then((part) => {
        Part = part
        setLoaded(true)
      }, setFailure)
    }, [])
    if (Part) return <Part {...props} />
    return failure === undefined ? (
      <Loading what={what} />
    ) : (
      <Problem title={`A part of the page that shows ${what} could not be loaded.`} failure={failure} />
    )
  }
}
