/**
 * `/flotilla.js`: for pages of others on the same origin, such as emulators of containers. It waits for the registry of this
 * browser, and gives the files of an image; whatever else is wanted stands at `/v2/`, for any `fetch`.
 */
export { type Image, type OpenOptions, openImage } from './image.ts'
export type { ImageFile } from './image-files.ts'
export { ready } from './ready.ts'
