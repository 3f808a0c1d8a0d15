/**
 * The addresses of the page: an image's is its reference, as on a command line.
 * `/r/library/alpine:3.22`, `/r/library/alpine@sha256:…`
 */
import { isName, parseReference } from '../../core/oci/name.ts'
import { decodePercent } from '../../core/oci/percent.ts'

export type Route =
  | { readonly page: 'repositories' }
  | { readonly page: 'repository'; readonly name: string }
  | {
      readonly page: 'image'
      readonly name: string
      readonly reference: string
      /** Of an index: the platform that is looked at. */
      readonly platform: string | undefined
    }
  | { readonly page: 'storage' }
  | { readonly page: 'peers' }
  | { readonly page: 'unknown' }

export const repositoriesPath = '/'
export const storagePath = '/storage'
export const peersPath = '/peers'

export const repositoryPath = (name: string): string => `/r/${name}`

export const imagePath = (name: string, reference: string, platform?: string): string =>
  `/r/${referenceText(name, reference)}${platform ? `?platform=${platform}` : ''}`

/** `name:tag` or `name@digest`. */
export const referenceText = (name: string, reference: string): string =>
  `${name}${reference.includes(':') ? '@' : ':'}${reference}`

const REFERENCE = /^(?<name>[^:@]+)(?::(?<tag>[^:@]+))?(?:@(?<digest>.+))?$/

/** A name without a reference means the tag `latest`, as everywhere. `undefined` if it is none. */
export function parseImageReference(text: string): { name: string; reference: string } | undefined {
  const { name, tag, digest } = REFERENCE.exec(text)?.groups ?? {}
  const reference = digest ?? tag ?? 'latest'
  return name && isName(name) && parseReference(reference) ? { name, reference } : undefined
}

/** `undefined` for what is not the page's: the registry, its files. */
export function routeOf({ pathname, searchParams }: URL): Route | undefined {
  if (pathname === repositoriesPath) return { page: 'repositories' }
  if (pathname === storagePath) return { page: 'storage' }
  if (pathname === peersPath) return { page: 'peers' }
  if (!pathname.startsWith('/r/')) return undefined
  const text = decodePercent(pathname.slice('/r/'.length).replace(/\/$/, ''))
  if (isName(text)) return { page: 'repository', name: text }
  const image = parseImageReference(text)
  return image
    ? { page: 'image', ...image, platform: searchParams.get('platform') ?? undefined }
    : { page: 'unknown' }
}
