/** The images of the test run, by what a client can do with them. */

import { inject } from 'vitest'
import { isDockerType, isIndexType } from '../../../src/core/oci/media-type.ts'
import type { StoredImage } from '../../fixtures/stored-image.ts'

/** All, in the order of their names. */
export const images: readonly StoredImage[] = inject('images')

export const isDocker = ({ mediaType }: StoredImage): boolean => isDockerType(mediaType)

export const isIndex = ({ mediaType }: StoredImage): boolean => isIndexType(mediaType)

/** One of the images made for the tests. */
export const imageNamed = (name: string, tag = '1'): StoredImage => {
  const image = images.find((each) => each.name === name && each.tag === tag && each.transport === 'oci')
  if (image) return image
  throw new Error(`no image ${name}:${tag}`)
}
