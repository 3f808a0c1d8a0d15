/** Makes the images once for all tests with real clients, and takes in those that FLOTILLA_IMAGES points at. */

import type { TestProject } from 'vitest/node'
import { makeImages } from '../../fixtures/images.ts'
import { listImages, type StoredImage } from '../../fixtures/stored-image.ts'
import { once } from '../../support/once.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    images: StoredImage[]
  }
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  const { folder, images } = await once('images', makeAll)
  project.provide('images', [...images, ...(await givenImages())])
  return async () => await folder[Symbol.asyncDispose]()
}

async function makeAll() {
  const folder = await openTemporaryFolder()
  await makeImages(folder.path)
  return { folder, images: await listImages(folder.path) }
}

/** FLOTILLA_IMAGES names a folder of larger images, laid out as {@link listImages} reads them. */
const givenImages = async (): Promise<StoredImage[]> => {
  const folder = process.env.FLOTILLA_IMAGES
  if (!folder) return []
  const images = await listImages(folder)
  if (images.length === 0) throw new Error(`FLOTILLA_IMAGES: no image found in ${folder}`)
  return images.map((image) => ({ ...image, name: `given-${image.name}` }))
}
