/** The owner's side of the registry: what is stored, where it came from, what stays. */
import { ask, askJson, find, nextOf, type Page } from './request.ts'

export type Source = 'pushed' | 'peers'

export interface RepositoryUse {
  readonly name: string
  /** What its images need, in bytes; layers shared with other repositories count for each. */
  readonly bytes: number
  readonly tags: number
  readonly manifests: number
}

export interface StorageUse {
  readonly bytes: {
    readonly total: number
    readonly pushed: number
    readonly cached: number
    readonly uploads: number
  }
  readonly blobs: number
  readonly budget: number | null
  readonly repositories: readonly RepositoryUse[]
  readonly platform?: { readonly usage: number; readonly quota: number }
}

export interface HeldImage {
  readonly digest: string
  readonly mediaType: string
  readonly artifactType?: string
  readonly subject?: string
  readonly tags: readonly string[]
  /** What is held of it and of all it needs, in bytes. */
  readonly bytes: number
  /** How many of the blobs it needs are not held. */
  readonly missing: number
  readonly kept: boolean
  readonly source: Source
  /** Milliseconds since 1970. */
  readonly pushedAt?: number
  /** Milliseconds since 1970. */
  readonly lastUsed?: number
}

export interface HeldBlob {
  readonly digest: string
  readonly size: number
  readonly source: Source
  readonly origins: readonly { readonly peer: string; readonly bytes: number }[]
  readonly repositories: readonly string[]
}

interface Waiting {
  readonly signal?: AbortSignal
}

/** All repositories are in it, however many pages that takes. */
export const readStorage = async (waiting?: Waiting): Promise<StorageUse> => {
  const repositories: RepositoryUse[] = []
  for (let path = '/flotilla/storage?n=1000'; ; ) {
    const response = await ask(path, waiting)
    const storage: StorageUse = await response.json()
    repositories.push(...storage.repositories)
    const next = nextOf(response)
    if (!next) return { ...storage, repositories }
    path = next
  }
}

/** Newest first; nothing for a repository that is not here. @param path - of a page that follows the first */
export const readImages = async (
  repository: string,
  path = `/flotilla/images?repository=${repository}`,
  waiting?: Waiting,
): Promise<Page<HeldImage>> => {
  const response = await find(path, waiting)
  if (!response) return { entries: [], next: undefined }
  const { images } = (await response.json()) as { images: HeldImage[] }
  return { entries: images, next: nextOf(response) }
}

/** In one request: its address must not become too long. */
const MOST_DIGESTS = 50

/** Those of the digests that are held, by digest. */
export const findImages = async (
  repository: string,
  digests: readonly string[],
  waiting?: Waiting,
): Promise<ReadonlyMap<string, HeldImage>> => {
  const found = new Map<string, HeldImage>()
  for (let first = 0; first < digests.length; first += MOST_DIGESTS) {
    const wanted = digests.slice(first, first + MOST_DIGESTS).map((digest) => `&digest=${digest}`)
    const path = `/flotilla/images?repository=${repository}${wanted.join('')}`
    const { entries } = await readImages(repository, path, waiting)
    for (const image of entries) found.set(image.digest, image)
  }
  return found
}

export const readBlob = async (digest: string, waiting?: Waiting): Promise<HeldBlob | undefined> =>
  (await find(`/flotilla/blobs/${digest}`, waiting))?.json()

/** A kept image is never evicted. */
export const setKept = async (repository: string, digest: string, kept: boolean): Promise<void> => {
  await ask(`/flotilla/kept/${repository}/${digest}`, { method: kept ? 'PUT' : 'DELETE' })
}

/** Down to the budget; says how many bytes that gave. */
export const evict = async (): Promise<number> =>
  (await askJson<{ freed: number }>('/flotilla/evict', { method: 'POST' })).freed

export interface ArchiveForm {
  readonly format: 'docker' | 'oci'
  /** The one to take of an index. */
  readonly platform?: string | undefined
}

export const archivePath = (
  repository: string,
  reference: string,
  { format, platform }: ArchiveForm,
): string =>
  `/flotilla/archive/${repository}/${reference}?format=${format}${platform ? `&platform=${platform}` : ''}`
