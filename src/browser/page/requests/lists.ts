/** What connected peers list: repositories and their tags. Anybody may be a peer, so what makes no sense is left out. */
import { parseDigest } from '../../../core/oci/digest.ts'
import { isName, isTag } from '../../../core/oci/name.ts'
import { ask, askJson, nextOf, type Page } from './request.ts'

/** A peer as a place that images are at. */
export interface Place {
  readonly id: string
  /** Whether it shares its list with this browser. */
  readonly lists: boolean
  /** It is the server that this page comes from. */
  readonly serves: boolean
}

export interface ListedRepository {
  readonly name: string
  readonly tags: number
  readonly bytes: number
}

export interface ListedTag {
  readonly name: string
  readonly digest: string
  readonly mediaType: string
  readonly bytes: number
  /** When it was set there, in milliseconds since 1970. */
  readonly at?: number
}

interface Waiting {
  readonly signal?: AbortSignal
}

interface Connected {
  readonly origin?: { readonly id: string }
  readonly peers: readonly { readonly id: string; readonly lists?: boolean; readonly serves?: boolean }[]
}

/** All connected peers. */
export async function readPlaces(waiting?: Waiting): Promise<readonly Place[]> {
  const { origin, peers } = await askJson<Connected>('/flotilla/peers', waiting)
  return peers.map(({ id, lists = false, serves = id === origin?.id }) => ({ id, lists, serves }))
}

/** @param path - of a page that follows the first */
export async function listRepositoriesOf(
  peer: string,
  path = `/flotilla/peers/${peer}/repositories?n=1000`,
  waiting?: Waiting,
): Promise<Page<ListedRepository>> {
  const response = await ask(path, waiting)
  const { repositories } = (await response.json()) as { repositories: readonly ListedRepository[] }
  const isSound = ({ name, tags, bytes }: ListedRepository) =>
    isName(String(name)) && isCount(tags) && isCount(bytes)
  return { entries: repositories.filter(isSound), next: nextOf(response) }
}

/** @param path - of a page that follows the first */
export async function listTagsOf(
  peer: string,
  repository: string,
  path = `/flotilla/peers/${peer}/tags?repository=${repository}&n=1000`,
  waiting?: Waiting,
): Promise<Page<ListedTag>> {
  const response = await ask(path, waiting)
  const { tags } = (await response.json()) as { tags: readonly ListedTag[] }
  const isSound = ({ name, digest, mediaType, bytes }: ListedTag) =>
    isTag(String(name)) && parseDigest(String(digest)) && typeof mediaType === 'string' && isCount(bytes)
  return { entries: tags.filter(isSound), next: nextOf(response) }
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
