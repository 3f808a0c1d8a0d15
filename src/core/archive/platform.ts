/** Platforms as text, `os/architecture[/variant]`, and how one selects an image of an index. */
import { type Descriptor, isObject } from '../oci/descriptor.ts'

/** @param platform - an image's config or a descriptor's platform. `undefined` if it names no platform */
export function platformText(platform: unknown): string | undefined {
  const [os, architecture, variant] = fieldsOf(platform)
  if (!os || !architecture || isUnknown(platform)) return undefined
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`
}

/** Docker gives attestations the platform `unknown/unknown`. */
const isUnknown = (platform: unknown): boolean => fieldsOf(platform).includes('unknown')

const fieldsOf = (platform: unknown): (string | undefined)[] =>
  (['os', 'architecture', 'variant'] as const).map((key) => {
    const field = isObject(platform) ? platform[key] : undefined
    return typeof field === 'string' ? field : undefined
  })

export interface Choice {
  /** Choose only this one. */
  readonly platform?: string | undefined
  /** Without `platform`: prefer this one over the first of the index. Default: linux/amd64. */
  readonly preferred?: string | undefined
}

export function chooseImage(
  manifests: readonly Descriptor[],
  { platform: wanted, preferred = 'linux/amd64' }: Choice,
): Descriptor | undefined {
  const images = manifests.filter(({ platform }) => !isUnknown(platform))
  const chosen = images.find(({ platform }) => fits(platformText(platform), wanted ?? preferred))
  return chosen ?? (wanted === undefined ? images[0] : undefined)
}

/** If one of the two names no variant, any variant matches. */
const fits = (platform: string | undefined, wanted: string): boolean =>
  platform === wanted || `${platform}`.startsWith(`${wanted}/`) || wanted.startsWith(`${platform}/`)
