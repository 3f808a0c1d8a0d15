/**
 * Indexes of which the archive only holds some images, as `docker save` writes them after a pull of one platform. A
 * registry refuses such an index, so it is replaced: by its only image, as Docker does, or by an index of those that
 * are there.
 */

import { isObject } from '../../oci/descriptor.ts'
import { digestOf } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { parseJson } from '../../oci/json.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { platformText } from '../platform.ts'
import type { ArchiveManifest } from './archive.ts'

/** What is pushed in place of a manifest. */
export interface Replacement {
  readonly manifest: ArchiveManifest
  /** What the archive lacks of the manifest; empty if only one of its children lacks something. */
  readonly remark: string
}

export interface Held {
  /** The manifest with this digest, or its replacement; `undefined` if it is missing or lacks something it needs. */
  manifest(digest: string): ArchiveManifest | undefined
  hasBlob(digest: string): boolean
}

/** An entry of an index, with all of its fields as they were written. */
type Entry = Record<string, unknown> & { digest: string }

/** @throws RegistryError MANIFEST_BLOB_UNKNOWN if the archive holds none of the images */
export async function partialIndex(index: ArchiveManifest, held: Held): Promise<Replacement> {
  const json = parseJson(index.bytes) as { manifests: Entry[] }
  const isHeld = ({ digest }: Entry) => held.manifest(digest) !== undefined || held.hasBlob(digest)
  const present = json.manifests.filter(isHeld)
  const absent = namesOf(json.manifests.filter((entry) => !isHeld(entry)))
  const images = present.filter(isImage)
  if (images.length === 0) {
    throw new RegistryError(
      'MANIFEST_BLOB_UNKNOWN',
      `none of the images of ${index.digest} is complete: the archive lacks ${absent}; save it again with them`,
    )
  }
  const only = images.length === 1 ? held.manifest(images[0]!.digest) : undefined
  const manifest =
    only ?? (await indexOf({ ...json, manifests: present.map((entry) => described(entry, held)) }, index))
  const remark = absent === '' ? '' : `the archive lacks ${absent}; pushed: ${namesOf(images)}`
  return { manifest, remark }
}

/** Not an attestation, which BuildKit lists with the platform `unknown/unknown`. */
const isImage = ({ platform }: Entry): boolean => !isObject(platform) || platform['os'] !== 'unknown'

/** The entry, or one with the digest of its replacement. */
function described(entry: Entry, held: Held): Entry {
  const replacement = held.manifest(entry.digest)
  if (!replacement || replacement.digest === entry.digest) return entry
  const { digest, bytes, manifest } = replacement
  return { ...entry, mediaType: manifest.mediaType, digest, size: bytes.byteLength }
}

async function indexOf(json: object, { manifest: { mediaType } }: ArchiveManifest): Promise<ArchiveManifest> {
  const bytes = new TextEncoder().encode(JSON.stringify(json))
  return { digest: await digestOf(bytes), bytes, manifest: parseManifest(bytes, mediaType) }
}

/** Their platforms, or the digest of an entry without one. */
const namesOf = (entries: readonly Entry[]): string => {
  const names = entries.map((entry) =>
    isImage(entry) ? (platformText(entry['platform']) ?? entry.digest) : 'attestations',
  )
  return [...new Set(names)].join(', ')
}
