/** A registry's store with the engine of the swarm above it, in memory. */
import { createHash } from 'node:crypto'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { RemoteBlob } from '../../../../src/core/store/remote.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { createDownloads, type Downloads } from '../../../../src/core/swarm/download/downloads.ts'
import { createStreamFetcher } from '../../../../src/core/swarm/download/fetch-by-stream.ts'
import { createPeerBackoff, type PeerBackoff } from '../../../../src/core/swarm/lookup/peer-backoff.ts'
import { createContentRouting } from '../../../../src/core/swarm/lookup/providers.ts'
import type { Network, RangeFetcher } from '../../../../src/core/swarm/ports.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { configOf } from '../../../support/in-memory-registry.ts'
import { descriptorOf, imageOf } from '../../../support/push.ts'
import { putManifest } from '../../../support/remote-blobs.ts'

export interface Receiver {
  readonly store: Store
  readonly disk: Disk
  readonly database: Database
  readonly backoff: PeerBackoff
  readonly downloads: Downloads
}

export interface ReceiverOptions {
  readonly disk?: Disk
  readonly database?: Database
  readonly stall?: number
  readonly timeout?: number
  readonly fetchers?: readonly RangeFetcher[]
  belongs?(): Promise<boolean>
}

export async function openReceiver(network: Network, options: ReceiverOptions = {}): Promise<Receiver> {
  const { disk = createMemoryDisk(), database = await openSqliteInMemory() } = options
  const { stall = 1000, timeout = 10_000, belongs = async () => true } = options
  const store = await openStore(disk, database)
  const backoff = createPeerBackoff()
  const settings = { ...configOf().swarm, stall, timeout }
  const routing = createContentRouting({ network, backoff, settings, log: silentLog })
  const fetchers = [...(options.fetchers ?? []), createStreamFetcher(network)]
  const hashLeaf = (leaf: Uint8Array) => ({ leaf, hash: createHash('sha256').update(leaf).digest() })
  const membership = { belongs }
  const deps = { network, fetchers, routing, membership, backoff, store, hashLeaf, settings, log: silentLog }
  return { store, disk, database, backoff, downloads: createDownloads(deps) }
}

export const readAll = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer())

/** What a reader got before the stream ended or broke. */
export async function readUntilEnd(stream: ReadableStream<Uint8Array>) {
  const parts: Uint8Array[] = []
  try {
    for await (const part of stream) parts.push(part)
    return { bytes: Buffer.concat(parts), error: undefined }
  } catch (error) {
    return { bytes: Buffer.concat(parts), error }
  }
}

/** Manifests apart. */
export async function stored({ disk, store }: Receiver) {
  const blobs: Digest[] = []
  for await (const digest of disk.list()) {
    if (!(await store.catalog.shareFacts.factsOf(digest))?.mediaType) blobs.push(digest)
  }
  return { blobs: blobs.sort(), uploads: (await Array.fromAsync(disk.uploads())).sort() }
}

/** A manifest here names it. */
export async function vouch(
  { store }: Receiver,
  digest: Digest,
  size: number,
  repository = 'a',
): Promise<void> {
  const mediaType = 'application/vnd.oci.image.layer.v1.tar'
  const config = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
  await putManifest(store, repository, imageOf(config, [{ mediaType, digest, size }]))
}

export async function fetched(
  { downloads }: Receiver,
  digest: Digest,
  repository = 'a',
): Promise<RemoteBlob> {
  const download = await downloads.fetch(repository, digest)
  if (!download) throw new Error('not found')
  return download
}
