/**
 * The page's URLs. An image's path is its reference, as on a command line: `/r/library/alpine:3.22`,
 * `/r/library/alpine@sha256:…`
 */
import { decodePercent, isName, parseReference } from '../../core/oci/name.ts'

export type Route =
  | { readonly page: 'repositories' }
  | { readonly page: 'repository'; readonly name: string }
  | {
      readonly page: 'image'
      readonly name: string
      readonly reference: string
      /** The selected platform of an index. */
      readonly platform: string | undefined
    }
  | ImageSideRoute
  | { readonly page: 'storage' }
  | { readonly page: 'peers' }
  | { readonly page: 'unknown' }

/** A subpage of an image: the files in its layers, or how it differs from another image. */
export type ImageSideRoute = {
  readonly page: 'files' | 'compare'
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
  /** Files: the digest of the layer to show; all layers if absent. */
  readonly layer: string | undefined
  /** Comparison: the other image, as `name:tag` or `name@digest`, and its platform. */
  readonly other: string | undefined
  readonly otherPlatform: string | undefined
}

export const repositoriesPath = '/'
export const storagePath = '/storage'
export const peersPath = '/peers'

export const repositoryPath = (name: string): string => `/r/${name}`

export const imagePath = (name: string, reference: string, platform?: string): string =>
  `/r/${referenceText(name, reference)}${platform ? `?platform=${platform}` : ''}`

/** @param layer - its digest; all layers together if it is left out */
export const filesPath = (name: string, reference: string, platform?: string, layer?: string): string =>
  `/r/${referenceText(name, reference)}?files${query({ platform, layer })}`

/** @param other - as {@link referenceText} writes it; the page asks for it if it is left out */
export const comparePath = (
  name: string,
  reference: string,
  {
    platform,
    other = '',
    otherPlatform,
  }: { platform?: string | undefined; other?: string; otherPlatform?: string | undefined } = {},
): string =>
  `/r/${referenceText(name, reference)}?compare=${readable(other)}${query({ platform, with: otherPlatform })}`

const query = (values: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(values)
    .map(([name, value]) => (value ? `&${name}=${readable(value)}` : ''))
    .join('')

/** Slashes, colons and at signs are allowed in a query, and easier to read unescaped. */
const readable = (text: string): string =>
  encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@')

/** `name:tag` or `name@digest`. */
export const referenceText = (name: string, reference: string): string =>
  `${name}${reference.includes(':') ? '@' : ':'}${reference}`

const REFERENCE = /^(?<name>[^:@]+)(?::(?<tag>[^:@]+))?(?:@(?<digest>.+))?$/

/** A name without a reference means the tag `latest`. `undefined` if `text` is not an image reference. */
export function parseImageReference(text: string): { name: string; reference: string } | undefined {
  const { name, tag, digest } = REFERENCE.exec(text)?.groups ?? {}
  const reference = digest ?? tag ?? 'latest'
  return name && isName(name) && parseReference(reference) ? { name, reference } : undefined
}

/** `undefined` for URLs that the page does not handle, such as the registry's. */
export function routeOf({ pathname, searchParams }: URL): Route | undefined {
  if (pathname === repositoriesPath) return { page: 'repositories' }
  if (pathname === storagePath) return { page: 'storage' }
  if (pathname === peersPath) return { page: 'peers' }
  if (!pathname.startsWith('/r/')) return undefined
  const text = decodePercent(pathname.slice('/r/'.length).replace(/\/$/, ''))
  if (isName(text)) return { page: 'repository', name: text }
  const image = parseImageReference(text)
  if (!image) return { page: 'unknown' }
  const platform = searchParams.get('platform') ?? undefined
  const page = SIDES.find((side) => searchParams.has(side))
  if (!page) return { page: 'image', ...image, platform }
  const layer = searchParams.get('layer') ?? undefined
  const other = searchParams.get('compare') || undefined
  return { page, ...image, platform, layer, other, otherPlatform: searchParams.get('with') ?? undefined }
}

const SIDES = ['files', 'compare'] as const
