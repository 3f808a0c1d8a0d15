/** Finds the registries with the image that command lines can reach: the server and HTTP peers. */
import { MANIFEST_TYPES } from '../../../core/oci/media-type.ts'
import { type Peer, readPeers } from '../requests/peers.ts'
import { requestFromPeer } from '../requests/request.ts'

export interface RegistryLocation {
  readonly url: URL
  /** Whether this page was loaded from it. */
  readonly serves: boolean
  readonly isWritable: boolean
  /** How it has the image; `other`: it has a different image under the tag, and not the digest. */
  readonly has: 'tag' | 'digest' | 'other' | undefined
}

export interface WantedImage {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
  readonly digest: string
}

/** The server first. Registries that fail are treated as if they do not have the image. */
export async function locateImage(
  image: WantedImage,
  signal: AbortSignal,
): Promise<readonly RegistryLocation[]> {
  const { peers } = await readPeers({ signal })
  const reached = peers.filter(({ registry }) => registry !== undefined)
  const sorted = reached.toSorted((one, other) => Number(other.serves ?? false) - Number(one.serves ?? false))
  return await Promise.all(sorted.map((peer) => locateAt(peer, image, signal)))
}

async function locateAt(
  { id, serves = false, registry }: Peer,
  { name, reference, digest }: WantedImage,
  signal: AbortSignal,
): Promise<RegistryLocation> {
  const digestOf = (reference: string) =>
    digestAt(`/flotilla/peers/${id}/v2/${name}/manifests/${reference}`, signal)
  const named = reference === digest ? undefined : await digestOf(reference)
  const has =
    named === digest
      ? 'tag'
      : (await digestOf(digest)) === digest
        ? 'digest'
        : named === undefined
          ? undefined
          : 'other'
  return { url: new URL(registry!.url), serves, isWritable: registry!.writable, has }
}

/** `Cache-Control: no-store` keeps the peer from pulling the image for this request. */
async function digestAt(path: string, signal: AbortSignal): Promise<string | undefined> {
  const headers = { Accept: MANIFEST_TYPES.join(', '), 'Cache-Control': 'no-store' }
  const response = await requestFromPeer(path, { method: 'HEAD', headers, signal }).catch(() => undefined)
  return response?.headers.get('Docker-Content-Digest') ?? undefined
}
