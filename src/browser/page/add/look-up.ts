/** Looks up a typed name: an image, tags to choose from, or why there is no image. */

import { RegistryError } from '../../../core/oci/error.ts'
import { parseManifest } from '../../../core/oci/manifest.ts'
import { platformText } from '../image/image-config.ts'
import { createPreviewClient } from '../requests/request.ts'
import { listTags } from './completions.ts'
import type { TypedImage } from './typed-image.ts'

export type LookupResult =
  | { readonly is: 'found'; readonly name: string; readonly reference: string }
  /** No tag was typed, and there is no `latest`. */
  | { readonly is: 'tags'; readonly name: string; readonly tags: readonly string[] }
  /** The image is not for the selected platform, but for these. */
  | {
      readonly is: 'platforms'
      readonly name: string
      readonly reference: string
      readonly platforms: readonly Child[]
    }
  | { readonly is: 'missing'; readonly name: string; readonly reference: string; readonly failure: unknown }

/** A cancelled pull removes what it has stored, so nothing may be stored before it starts. */
const client = createPreviewClient()

/** An image of an index. */
export interface Child {
  readonly text: string
  readonly digest: string
}

/** @param platform - such as `linux/arm64`, which also matches `linux/arm64/v8`; empty for all */
export async function lookUp({ name, reference }: TypedImage, platform: string): Promise<LookupResult> {
  if (reference !== undefined) return await findImage(name, reference, platform)
  const tags = (await listTags(name)).map(({ name }) => name)
  if (tags.length > 0 && !tags.includes('latest')) return { is: 'tags', name, tags }
  return await findImage(name, 'latest', platform)
}

async function findImage(name: string, reference: string, platform: string): Promise<LookupResult> {
  try {
    const { bytes, mediaType } = await client.requireManifest(name, reference)
    const { manifests } = parseManifest(bytes, mediaType || undefined)
    const platforms = manifests
      .map(({ platform, digest }) => ({ text: platformText(platform), digest }))
      .filter(({ text }) => text !== '' && !text.startsWith('unknown'))
    if (platform === '' || platforms.length === 0) return { is: 'found', name, reference }
    const fitting = platforms.find(({ text }) => text === platform || text.startsWith(`${platform}/`))
    if (fitting) return { is: 'found', name, reference: fitting.digest }
    return { is: 'platforms', name, reference, platforms }
  } catch (failure) {
    if (failure instanceof RegistryError && failure.status === 404)
      return { is: 'missing', name, reference, failure }
    throw failure
  }
}
