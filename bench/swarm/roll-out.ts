/** An image on its way to a fleet: pushed to one peer, pulled by all others, every byte checked. */
import { createHash, randomFillSync } from 'node:crypto'
import type { Digest } from '../../src/core/oci/digest.ts'
import type { FleetPeer } from './fleet.ts'

export interface Piece {
  readonly digest: Digest
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Image {
  readonly manifest: Piece
  /** The config, then the layers. */
  readonly blobs: readonly Piece[]
}

const TYPE = 'application/vnd.oci.image.manifest.v1+json'
const REPOSITORY = 'http://registry.example/v2/library/app'

/** Random layers, so that no two images have one in common. @param layers - bytes of each */
export function makeImage(layers: readonly number[]): Image {
  const config = pieceOf(Buffer.from(JSON.stringify({ created: Math.random() })))
  const blobs = [config, ...layers.map((size) => pieceOf(randomFillSync(new Uint8Array(size))))]
  const [first, ...others] = blobs.map(({ digest, bytes }) => ({
    mediaType: 'application/octet-stream',
    digest,
    size: bytes.length,
  }))
  const manifest = { schemaVersion: 2, mediaType: TYPE, config: first, layers: others }
  return { manifest: pieceOf(Buffer.from(JSON.stringify(manifest))), blobs }
}

export const piecesOf = ({ manifest, blobs }: Image): readonly Piece[] => [manifest, ...blobs]

export async function push(peer: FleetPeer, { manifest, blobs }: Image): Promise<void> {
  for (const { digest, bytes } of blobs) {
    await request(peer, 201, `/blobs/uploads/?digest=${digest}`, { method: 'POST', body: bytes })
  }
  const headers = { 'Content-Type': TYPE }
  await request(peer, 201, `/manifests/${manifest.digest}`, { method: 'PUT', headers, body: manifest.bytes })
}

/** As clients do: the manifest, then all blobs at once. */
export async function pull(peer: FleetPeer, { manifest, blobs }: Image): Promise<void> {
  await pullPiece(peer, 'manifests', manifest)
  await Promise.all(blobs.map((blob) => pullPiece(peer, 'blobs', blob)))
}

async function pullPiece(peer: FleetPeer, kind: string, { digest }: Piece): Promise<void> {
  const response = await request(peer, 200, `/${kind}/${digest}`)
  const hash = createHash('sha256')
  for await (const chunk of response.body!) hash.update(chunk)
  if (`sha256:${hash.digest('hex')}` !== digest) throw new Error(`${digest} came with other bytes`)
}

/** How many times a piece left the provider for one of `others`. */
export async function timesSent(
  provider: FleetPeer,
  others: readonly FleetPeer[],
  { digest, bytes }: Piece,
): Promise<number> {
  const origins = (await Promise.all(others.map((peer) => peer.origins(digest)))).flat()
  const given = origins.filter(({ peer }) => peer === provider.id)
  return given.reduce((sum, origin) => sum + origin.bytes, 0) / bytes.length
}

async function request(
  peer: FleetPeer,
  expected: number,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  const response = await peer.fetch(new Request(REPOSITORY + path, init))
  if (response.status === expected) return response
  throw new Error(`${path}: ${response.status} ${await response.text()}`)
}

const pieceOf = (bytes: Uint8Array<ArrayBuffer>): Piece => ({
  digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest,
  bytes,
})
