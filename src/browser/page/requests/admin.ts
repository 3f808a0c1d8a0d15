/** Requests to the admin API: what is stored, where it came from, what is kept. */
import type { Json, Known } from '../../../core/api/schemas.ts'
import { eachPage, nextOf, type Page } from './pages.ts'
import { type AbortOptions, find, request, requestJson } from './request.ts'

export type StorageUse = Known<Json<'Storage'>, 'bytes' | 'blobs' | 'evictable'>

export type RepositoryUse = StorageUse['repositories'][number]

export type StoredImage = Json<'Images'>['images'][number]

export type Source = StoredImage['source']

export type StoredBlob = Json<'Blob'>

/** Includes all repositories, from as many pages as that takes. */
export const readStorage = async (options?: AbortOptions): Promise<StorageUse> => {
  const pages: StorageUse[] = []
  const read = async (path = '/flotilla/storage?n=1000') => {
    const response = await request(path, options)
    pages.push(await response.json())
    return { entries: [], next: nextOf(response) }
  }
  for await (const _ of eachPage(read));
  return { ...pages[0]!, repositories: pages.flatMap(({ repositories }) => repositories) }
}

/** The first page is short, so that it comes fast; the others are long. With `last`, the response is only the list. */
const FIRST_USES = '/flotilla/storage?n=100&last='

/** Sorted by name. @param path - of a page after the first */
export const readUses = async (path = FIRST_USES, options?: AbortOptions): Promise<Page<RepositoryUse>> => {
  const response = await request(path, options)
  const { repositories } = (await response.json()) as Pick<StorageUse, 'repositories'>
  return { entries: repositories, next: longer(nextOf(response)) }
}

/** Bytes that are stored in total. */
export const readTotal = async (options?: AbortOptions): Promise<number> =>
  (await requestJson<StorageUse>('/flotilla/storage?n=0&last=', options)).bytes.total

const longer = (path: string | undefined): string | undefined => path?.replace(/\bn=100\b/, 'n=1000')

/** Newest first; empty for a repository that is not stored. @param path - of a page after the first */
export const readImages = async (
  repository: string,
  path = `/flotilla/images?repository=${repository}&n=100`,
  options?: AbortOptions,
): Promise<Page<StoredImage>> => {
  const response = await find(path, options)
  if (!response) return { entries: [], next: undefined }
  const { images } = (await response.json()) as Json<'Images'>
  return { entries: images, next: longer(nextOf(response)) }
}

/** Per request, because URLs have a limited length. */
const MAX_DIGESTS = 50

/** Those of the images that are stored, by digest. */
export const findImages = async (
  repository: string,
  digests: readonly string[],
  options?: AbortOptions,
): Promise<ReadonlyMap<string, StoredImage>> => {
  const found = new Map<string, StoredImage>()
  for (let first = 0; first < digests.length; first += MAX_DIGESTS) {
    const parameters = digests.slice(first, first + MAX_DIGESTS).map((digest) => `&digest=${digest}`)
    const path = `/flotilla/images?repository=${repository}${parameters.join('')}`
    const { entries } = await readImages(repository, path, options)
    for (const image of entries) found.set(image.digest, image)
  }
  return found
}

export const readBlob = async (digest: string, options?: AbortOptions): Promise<StoredBlob | undefined> =>
  (await find(`/flotilla/blobs/${digest}`, options))?.json()

/** A kept image is never evicted. */
export const setKept = async (repository: string, digest: string, kept: boolean): Promise<void> => {
  await request(`/flotilla/kept/${repository}/${digest}`, { method: kept ? 'PUT' : 'DELETE' })
}

/** Bytes by kind; `freed` is their sum. */
export interface Freed {
  readonly freed: number
  readonly orphans: number
  readonly uploads: number
  readonly downloads: number
  readonly images: number
}

export interface FreeOptions {
  /** Only what unfinished pushes to this repository have left. */
  readonly repository?: string
  /** Bytes that images from peers may take afterwards. Default: the budget. */
  readonly to?: number
}

const freePath = ({ repository, to }: FreeOptions, dry: boolean): string => {
  const query = new URLSearchParams()
  if (dry) query.set('dry', 'true')
  if (repository !== undefined) query.set('repository', repository)
  if (to !== undefined) query.set('to', String(to))
  return `/flotilla/evict?${query}`
}

/** Deletes blobs that no image needs and no transfer uses, and images from peers above the budget. */
export const freeSpace = (options: FreeOptions = {}): Promise<Freed> =>
  requestJson(freePath(options, false), { method: 'POST' })

/** What `freeSpace` would free now; `spared` bytes were used just now and may be freed soon. */
export const previewSpace = (
  options: FreeOptions = {},
  { signal }: AbortOptions = {},
): Promise<Freed & { readonly spared: number }> =>
  requestJson(freePath(options, true), { method: 'POST', ...(signal && { signal }) })

export interface ArchiveForm {
  readonly format: 'docker' | 'oci'
  /** The platform of an index to export. */
  readonly platform?: string | undefined
}

export const archivePath = (
  repository: string,
  reference: string,
  { format, platform }: ArchiveForm,
): string =>
  `/flotilla/archive/${repository}/${reference}?format=${format}${platform ? `&platform=${platform}` : ''}`
