/** Command lines for people who want the image in their tools: for places where these find it, and else how it gets there. */
import { useState } from 'preact/hooks'
import { Loading } from '../parts/loading.tsx'
import { referenceText } from '../route.ts'
import { useLoaded } from '../use-loaded.ts'
import { commandLines, needsInsecureRegistry } from './command-lines.ts'
import { CommandList } from './command-list.tsx'
import { GetItThere } from './get-it-there.tsx'
import type { Image, Platform } from './use-image.ts'
import { findWhereabouts, type Whereabouts } from './whereabouts.ts'

interface CommandsProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** Of an index: the one that is looked at. */
  readonly platform: Platform | undefined
}

export function Commands(props: CommandsProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="use-it" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary class="use-it-summary">Use it with docker, podman, skopeo or ctr</summary>
      {isOpen && <Places {...props} />}
    </details>
  )
}

function Places(props: CommandsProps) {
  const { name, reference, image } = props
  const { digest } = image.manifest
  const places = useLoaded(`${name} ${reference} ${digest}`, (signal) =>
    findWhereabouts({ name, reference, digest }, signal),
  )
  if (!places.value)
    return places.failure === undefined ? <Loading what="where it is" /> : <GetItThere {...props} />
  const having = places.value.filter(({ has }) => has === 'tag' || has === 'digest')
  if (having.length === 0) return <GetItThere {...props} server={places.value.find(({ serves }) => serves)} />
  return having.map((place) => (
    <PullCommands
      key={place.url.href}
      place={place}
      image={referenceText(name, place.has === 'tag' ? reference : digest)}
      pinned={referenceText(name, digest)}
    />
  ))
}

interface PullProps {
  readonly place: Whereabouts
  readonly image: string
  readonly pinned: string
}

const PullCommands = ({ place: { url, serves, has }, image, pinned }: PullProps) => (
  <>
    <p class="quiet">
      {serves ? 'The server' : 'The peer'} at <code>{url.host}</code> has this image
      {has === 'tag' || image === pinned ? '.' : ', though not under this tag.'}
    </p>
    <CommandList
      lines={[
        ...commandLines(url, image),
        ...(image === pinned ? [] : [{ tool: 'by digest', text: `${url.host}/${pinned}` }]),
      ]}
    />
    {needsInsecureRegistry(url) && (
      <p class="hint">
        docker needs <code>{`"insecure-registries": ["${url.host}"]`}</code> in its <code>daemon.json</code>,
        as this registry speaks plain HTTP.
      </p>
    )}
  </>
)
