/** A form that pulls an image by its name, and says why it is not found before the dialog closes. */
import { useId, useState } from 'preact/hooks'
import { Problem } from '../components/problem.tsx'
import { readPeers } from '../requests/peers.ts'
import { useQuery } from '../requests/use-query.ts'
import { pullAttached, pullImage } from '../transfers/pull/start-pull.ts'
import { ImageField } from './image-field.tsx'
import { type LookupResult, lookUp } from './look-up.ts'
import { NotFoundNote } from './not-found-note.tsx'
import { isDockerHub, parseTypedImage, type TypedImage } from './typed-image.ts'

const MALFORMED = 'A name looks like team/app:1.0, library/alpine or library/alpine@sha256:…, in lower case.'

/** Common platforms; if an image has none of them, its own are offered. */
const PLATFORMS = ['linux/amd64', 'linux/arm64', 'linux/arm/v7']

type State =
  | { readonly is: 'asking' | 'looking' | 'malformed' }
  | { readonly is: 'failed'; readonly failure: unknown }
  | Exclude<LookupResult, { readonly is: 'found' }>

export function PullForm({ onPull }: { onPull?: () => void }) {
  const id = useId()
  const [text, setText] = useState('')
  const [platform, setPlatform] = useState('')
  const [keep, setKeep] = useState(true)
  const [hasAttached, setAttached] = useState(false)
  const [state, setState] = useState<State>({ is: 'asking' })
  const peers = useQuery('peers', (signal) => readPeers({ signal })).value
  const typed = parseTypedImage(text)

  const pull = async (image: TypedImage | undefined, platform: string) => {
    if (!image) return setState({ is: 'malformed' })
    setState({ is: 'looking' })
    try {
      const found = await lookUp(image, platform)
      if (found.is !== 'found') return setState(found)
      pullImage({ name: found.name, reference: found.reference, keep })
      if (hasAttached) void pullAttached(found.name, found.reference)
      setState({ is: 'asking' })
      onPull?.()
    } catch (failure) {
      setState({ is: 'failed', failure })
    }
  }
  const changeText = (text: string) => {
    setText(text)
    setState({ is: 'asking' })
  }
  const pullAs = (reference: string) => {
    if (!typed) return
    if (!reference.includes(':')) setText(`${typed.name}:${reference}`)
    const isPlatform = state.is === 'platforms'
    void pull({ ...typed, reference }, isPlatform ? '' : platform)
  }
  const server = peers?.origin && new URL(peers.origin.url).host
  const hosts = peers?.peers.flatMap(({ registry }) => (registry ? new URL(registry.url).host : [])) ?? []
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault()
        void pull(typed, platform)
      }}
    >
      <ImageField
        text={text}
        onText={changeText}
        isMalformed={state.is === 'malformed'}
        isInDialog={onPull !== undefined}
      >
        {state.is === 'malformed' ? (
          <p class="hint bad" role="alert">
            {MALFORMED}
          </p>
        ) : (
          <p class="hint">{hintOf(typed?.host, [location.host, ...hosts])}</p>
        )}
      </ImageField>
      <div class="field">
        <label for={`${id}-platform`}>Platforms</label>
        <select
          id={`${id}-platform`}
          value={platform}
          onChange={(event) => setPlatform(event.currentTarget.value)}
        >
          <option value="">All platforms</option>
          {PLATFORMS.map((platform) => (
            <option key={platform} value={platform}>
              Only {platform}
            </option>
          ))}
        </select>
      </div>
      <label class="check">
        <input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
        Keep when space runs out
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={hasAttached}
          onChange={(event) => setAttached(event.currentTarget.checked)}
        />
        Also signatures and SBOMs
      </label>
      {state.is === 'failed' && <Problem title="Nothing was pulled." failure={state.failure} />}
      {(state.is === 'missing' || state.is === 'tags' || state.is === 'platforms') && typed && (
        <NotFoundNote
          found={state}
          typed={typed}
          server={server}
          onPull={pullAs}
          onRetry={() => void pull(typed, platform)}
        />
      )}
      <div class="form-actions">
        <button type="submit" class="button primary" disabled={state.is === 'looking'}>
          {state.is === 'looking' ? 'Looking for it…' : 'Pull'}
        </button>
      </div>
    </form>
  )
}

/** The host of a typed reference is ignored, because only peers can be asked. */
function hintOf(host: string | undefined, known: readonly string[]): string {
  if (host === undefined || known.includes(host))
    return 'From the server and connected peers. Every byte is checked by its digest, whoever sends it.'
  const registry = isDockerHub(host) ? 'Docker Hub' : host
  return `${registry} cannot be asked from a web page: the image is looked for at the server and connected peers.`
}
