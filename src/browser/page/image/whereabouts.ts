/** Which registries that command lines can reach have an image: the server, and peers by HTTP. */
import { MANIFEST_TYPES } from '../../../core/oci/media-type.ts'
import { type Peer, readPeers } from '../requests/peers.ts'
import { findAtPeer } from '../requests/request.ts'

export interface Whereabouts {
  readonly url: URL
  /** This page comes from it. */
  readonly serves: boolean
  readonly isWritable: boolean
  /** By which it has this image; `other`: its tag names another image, and the digest is not there. */
  readonly has: 'tag' | 'digest' | 'other' | undefined
}

export interface Wanted {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
  readonly digest: string
}

/** The server first. One that does not answer has nothing. */
export async function findWhereabouts(wanted: Wanted, signal: AbortSignal): Promise<readonly Whereabouts[]> {
  const { peers } = await readPeers({ signal })
  const reached = peers.filter(({ registry }) => registry !== undefined)
  const sorted = reached.toSorted((one, other) => Number(other.serves ?? false) - Number(one.serves ?? false))
  return await Promise.all(sorted.map((peer) => lookAt(peer, wanted, signal)))
}

async function lookAt(
  { id, serves = false, registry }: Peer,
  { name, reference, digest }: Wanted,
  signal: AbortSignal,
): Promise<Whereabouts> {
  const ask = (reference: string) =>
    digestAt(`/flotilla/peers/${id}/v2/${name}/manifests/${reference}`, signal)
  const named = reference === digest ? undefined : await ask(reference)
  const has =
    named === digest
      ? 'tag'
      : (await ask(digest)) === digest
        ? 'digest'
        : named === undefined
          ? undefined
          : 'other'
  return { url: new URL(registry!.url), serves, isWritable: registry!.writable, has }
}

/** Looking brings nothing there: see `Cache-Control: no-store`. */
async function digestAt(path: string, signal: AbortSignal): Promise<string | undefined> {
  const headers = { Accept: MANIFEST_TYPES.join(', '), 'Cache-Control': 'no-store' }
  const response = await findAtPeer(path, { method: 'HEAD', headers, signal }).catch(() => undefined)
  return response?.headers.get('Docker-Content-Digest') ?? undefined
}
