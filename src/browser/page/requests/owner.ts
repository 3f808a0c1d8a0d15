/** The owner's side of the registry: what is stored, where it came from, what stays. */
import { ask, askJson, find, nextOf, type Page } from './request.ts'

export type Source = 'pushed' | 'peers'

export interface RepositoryUse {
  readonly name: string
  /** What it serves, in bytes; layers shared with other repositories count for each. */
  readonly bytes: number
  /** Of these, what other repositories have too. */
  readonly shared: number
  /** Of these, what none of its images needs. */
  readonly orphans: number
  readonly tags: number
  readonly manifests: number
  /** Milliseconds since 1970. */
  readonly changedAt?: number
  /** Milliseconds since 1970. */
  readonly lastUsed?: number
}

export interface StorageUse {
  readonly bytes: {
    /** The sum of the others. */
    readonly total: number
    /** Images that were pushed, or imported. */
    readonly pushed: number
    /** Images that came from peers. */
    readonly cached: number
    /** Blobs that no image needs. */
    readonly orphans: number
    /** Pushes that are under way, or may go on. */
    readonly uploads: number
    /** Pulls that are under way, or may go on. */
    readonly downloads: number
  }
  readonly blobs: number
  /** Bytes of images from peers that may go where there is need. */
  readonly evictable: number
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
  /** When each was set or pulled, and by which peer it is so called, where it is not this browser's own. */
  readonly tagged?: readonly {
    readonly name: string
    readonly at: number
    readonly peer?: string
    readonly checkedAt?: number
  }[]
  /** Indexes of the repository that name it. */
  readonly partOf?: readonly string[]
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
  let first: StorageUse | undefined
  for (let path = '/flotilla/storage?n=1000'; ; ) {
    const response = await ask(path, waiting)
    const storage: StorageUse = await response.json()
    first ??= storage
    repositories.push(...storage.repositories)
    const next = nextOf(response)
    if (!next) return { ...first, repositories }
    path = next
  }
}

/** A short first page, so that it is there at once; then long ones. With `last`, it is the list alone. */
const FIRST_USES = '/flotilla/storage?n=100&last='

/** By name. @param path - of a page that follows the first */
export const readUses = async (path = FIRST_USES, waiting?: Waiting): Promise<Page<RepositoryUse>> => {
  const response = await ask(path, waiting)
  const { repositories } = (await response.json()) as Pick<StorageUse, 'repositories'>
  return { entries: repositories, next: longer(nextOf(response)) }
}

/** All that is stored, in bytes. */
export const readTotal = async (waiting?: Waiting): Promise<number> =>
  (await askJson<StorageUse>('/flotilla/storage?n=0&last=', waiting)).bytes.total

const longer = (path: string | undefined): string | undefined => path?.replace(/\bn=100\b/, 'n=1000')

/** Newest first; nothing for a repository that is not here. @param path - of a page that follows the first */
export const readImages = async (
  repository: string,
  path = `/flotilla/images?repository=${repository}&n=100`,
  waiting?: Waiting,
): Promise<Page<HeldImage>> => {
  const response = await find(path, waiting)
  if (!response) return { entries: [], next: undefined }
  const { images } = (await response.json()) as { images: HeldImage[] }
  return { entries: images, next: longer(nextOf(response)) }
}

/** In one request: its address must not become too long. */
const MAX_DIGESTS = 50

/** Those of the digests that are held, by digest. */
export const findImages = async (
  repository: string,
  digests: readonly string[],
  waiting?: Waiting,
): Promise<ReadonlyMap<string, HeldImage>> => {
  const found = new Map<string, HeldImage>()
  for (let first = 0; first < digests.length; first += MAX_DIGESTS) {
    const wanted = digests.slice(first, first + MAX_DIGESTS).map((digest) => `&digest=${digest}`)
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

/** Bytes by what they were; `freed` is their sum. */
export interface Freed {
  readonly freed: number
  readonly orphans: number
  readonly uploads: number
  readonly downloads: number
  readonly images: number
}

export interface FreeOptions {
  /** Only what is left of pushes to this one. */
  readonly repository?: string
  /** Bytes that images from peers may take afterwards; by default the limit that is set. */
  readonly to?: number
}

const freePath = ({ repository, to }: FreeOptions, dry: boolean): string => {
  const query = new URLSearchParams()
  if (dry) query.set('dry', 'true')
  if (repository !== undefined) query.set('repository', repository)
  if (to !== undefined) query.set('to', String(to))
  return `/flotilla/evict?${query}`
}

/** Frees what no image needs and nobody goes on with, and images from peers above what they may take. */
export const freeSpace = (options: FreeOptions = {}): Promise<Freed> =>
  askJson(freePath(options, false), { method: 'POST' })

/** What `freeSpace` would free now; `spared` was used a moment ago, and may be freed soon. */
export const previewSpace = (
  options: FreeOptions = {},
  waiting?: Waiting,
): Promise<Freed & { readonly spared: number }> =>
  askJson(freePath(options, true), { method: 'POST', ...waiting })

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
