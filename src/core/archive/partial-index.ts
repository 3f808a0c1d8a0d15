/**
 * Indexes of which only some images are there, as `docker save` writes them after pulls of single platforms. A registry
 * refuses such an index, so another goes in its place: the one image that is there, as Docker pushes it, or an index of
 * those that are.
 */

import { isObject } from '../oci/descriptor.ts'
import { digestOf } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { parseJson } from '../oci/json.ts'
import { parseManifest } from '../oci/manifest.ts'
import type { ArchiveManifest } from './archive.ts'
import { platformText } from './platform.ts'

/** What goes in place of a manifest. */
export interface Replacement {
  readonly manifest: ArchiveManifest
  /** What the archive lacks of the manifest; empty where only a manifest in it lacks something. */
  readonly remark: string
}

export interface Held {
  /** The manifest with this digest, or what goes in its place; `undefined` where its bytes are not there, or not whole. */
  manifest(digest: string): ArchiveManifest | undefined
  hasBlob(digest: string): boolean
}

/** An entry of an index, as its bytes have it. */
type Entry = Record<string, unknown> & { digest: string }

/** @throws RegistryError MANIFEST_BLOB_UNKNOWN where no image is there */
export async function partialIndex(index: ArchiveManifest, held: Held): Promise<Replacement> {
  const json = parseJson(index.bytes) as { manifests: Entry[] }
  const isHeld = ({ digest }: Entry) => held.manifest(digest) !== undefined || held.hasBlob(digest)
  const there = json.manifests.filter(isHeld)
  const away = namesOf(json.manifests.filter((entry) => !isHeld(entry)))
  const images = there.filter(isImage)
  if (images.length === 0) {
    throw new RegistryError(
      'MANIFEST_BLOB_UNKNOWN',
      `none of the images of ${index.digest} is whole in the archive, which lacks ${away}; save it again with them`,
    )
  }
  const only = images.length === 1 ? held.manifest(images[0]!.digest) : undefined
  const manifest =
    only ?? (await indexOf({ ...json, manifests: there.map((entry) => described(entry, held)) }, index))
  const remark = away === '' ? '' : `the archive lacks ${away}; pushed: ${namesOf(images)}`
  return { manifest, remark }
}

/** Not what says how an image was made. */
const isImage = ({ platform }: Entry): boolean => !isObject(platform) || platform['os'] !== 'unknown'

/** By its own digest, or by that of what goes in its place. */
function described(entry: Entry, held: Held): Entry {
  const instead = held.manifest(entry.digest)
  if (!instead || instead.digest === entry.digest) return entry
  const { digest, bytes, manifest } = instead
  return { ...entry, mediaType: manifest.mediaType, digest, size: bytes.byteLength }
}

async function indexOf(json: object, { manifest: { mediaType } }: ArchiveManifest): Promise<ArchiveManifest> {
  const bytes = new TextEncoder().encode(JSON.stringify(json))
  return { digest: await digestOf(bytes), bytes, manifest: parseManifest(bytes, mediaType) }
}

/** By platforms; what has none, by its digest. */
const namesOf = (entries: readonly Entry[]): string => {
  const names = entries.map((entry) =>
    isImage(entry) ? (platformText(entry['platform']) ?? entry.digest) : 'attestations',
  )
  return [...new Set(names)].join(', ')
}
