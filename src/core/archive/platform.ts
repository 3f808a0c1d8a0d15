/** Platforms as text, `os/architecture[/variant]`, and the image of an index that is meant by one. */
import { type Descriptor, isObject } from '../oci/descriptor.ts'

/** As an image's config or a descriptor's platform says it; `undefined` where that says nothing. */
export function platformText(platform: unknown): string | undefined {
  const [os, architecture, variant] = partsOf(platform)
  if (!os || !architecture || isUnknown(platform)) return undefined
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`
}

/** Docker gives attestations a platform that nothing runs on. */
const isUnknown = (platform: unknown): boolean => partsOf(platform).includes('unknown')

const partsOf = (platform: unknown): (string | undefined)[] =>
  (['os', 'architecture', 'variant'] as const).map((key) => {
    const part = isObject(platform) ? platform[key] : undefined
    return typeof part === 'string' ? part : undefined
  })

export interface Choice {
  /** Only this one will do. */
  readonly platform?: string | undefined
  /** Else this one, else the first. Default: linux/amd64. */
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

/** A variant that one of the two leaves out is any. */
const fits = (platform: string | undefined, wanted: string): boolean =>
  platform === wanted || `${platform}`.startsWith(`${wanted}/`) || wanted.startsWith(`${platform}/`)
