/** The two images of a comparison. */
import { isIndexType } from '../../../core/oci/media-type.ts'
import { sizeText } from '../components/text.ts'
import { chosenPlatform, type Image } from '../image/use-image.ts'
import { referenceText } from '../route.ts'

export interface Side {
  readonly name: string
  readonly reference: string
  readonly platform: string | undefined
}

export interface ComparedImage {
  readonly name: string
  /** The digest of the manifest with the layers. */
  readonly digest: string
  /** Its name on the page. */
  readonly text: string
}

export function sideOf({ name, reference, platform }: Side, image: Image): ComparedImage | undefined {
  const text = referenceText(name, reference)
  if (!isIndexType(image.manifest.mediaType)) return { name, digest: image.manifest.digest, text }
  const chosen = chosenPlatform(image, platform)
  return chosen && { name, digest: chosen.descriptor.digest, text: `${text} (${chosen.text})` }
}

export const growthText = (bytes: number): string =>
  bytes === 0 ? 'the same' : `${bytes > 0 ? '+' : '−'}${sizeText(Math.abs(bytes))}`
