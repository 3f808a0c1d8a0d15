/**
 * `/flotilla.js`, for other pages on the same origin, such as emulators of containers. It waits for this browser's
 * registry and gives the files of an image. Everything else is at `/v2/`, for any `fetch`.
 */
export { type Image, type OpenOptions, openImage } from './image.ts'
export type { ImageFile } from './image-files.ts'
export { ready } from './ready.ts'
