/** Completions for what is typed: repositories first, and behind a colon the tags of one. */
import { useEffect, useState } from 'preact/hooks'
import { type Offer, offeredRepositories, offeredTags, peerText } from './offers.ts'
import { parseTypedImage } from './typed-image.ts'

export interface Completion {
  /** What the field says when it is taken. */
  readonly text: string
  readonly shown: string
  readonly where: string
}

/** More than anybody reads. */
const MOST = 50

/** @param isWanted - nothing is asked before */
export function useOffers(text: string, isWanted: boolean): readonly Completion[] {
  const repositories = useOnce(isWanted ? '' : undefined, (signal) => offeredRepositories({ signal }))
  const repository = /[^/]:[^/]*$/.test(text)
    ? parseTypedImage(text.replace(/:[^/:]*$/, ''))?.name
    : undefined
  const tags = useOnce(isWanted ? repository : undefined, (signal) => offeredTags(repository!, { signal }))
  if (repository !== undefined) {
    const typed = text.slice(text.lastIndexOf(':') + 1)
    return completions(tags, typed, (tag) => `${repository}:${tag}`)
  }
  return completions(repositories, text.trim(), (name) => `${name}:`)
}

function completions(
  offers: readonly Offer[],
  typed: string,
  textOf: (name: string) => string,
): readonly Completion[] {
  const lower = typed.toLowerCase()
  const fitting = offers.filter(({ name }) => name.toLowerCase().includes(lower) && name !== typed)
  const begins = (offer: Offer) => Number(offer.name.toLowerCase().startsWith(lower))
  return fitting
    .toSorted((one, other) => begins(other) - begins(one))
    .slice(0, MOST)
    .map(({ name, peers }) => ({
      text: textOf(name),
      shown: textOf(name).replace(/:$/, ''),
      where: peers.map(peerText).join(', ') || 'this browser',
    }))
}

/** Milliseconds after which is asked again while there is nothing: the peers may not be connected yet. */
const AGAIN = 2000

/** Nothing while it is read, and where that fails: who types goes on without. */
function useOnce(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<readonly Offer[]>,
): readonly Offer[] {
  const [loaded, setLoaded] = useState<{ readonly key: string; readonly offers: readonly Offer[] }>()
  useEffect(() => {
    if (key === undefined) return
    const aborting = new AbortController()
    void loadUntilAny(load, aborting.signal, (offers) => setLoaded({ key, offers }))
    return () => aborting.abort()
  }, [key])
  return loaded && loaded.key === key ? loaded.offers : []
}

async function loadUntilAny(
  load: (signal: AbortSignal) => Promise<readonly Offer[]>,
  signal: AbortSignal,
  onOffers: (offers: readonly Offer[]) => void,
): Promise<void> {
  while (!signal.aborted) {
    const offers = await load(signal).catch(() => [])
    if (offers.length > 0 && !signal.aborted) return onOffers(offers)
    await new Promise((resolve) => setTimeout(resolve, AGAIN))
  }
}
