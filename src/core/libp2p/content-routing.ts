/**
 * Provider records in the DHT. The key of a record is the multihash of an OCI digest, so any IPFS tool with access to the
 * same DHT can look up a digest: as a CID of version 1 with the codec `raw`.
 *
 * @see https://github.com/libp2p/specs/blob/master/kad-dht/README.md#content-provider-advertisement-and-discovery
 */

import type { ContentRouting, PeerInfo } from '@libp2p/interface'
import { base16 } from 'multiformats/bases/base16'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { algorithmOf, type Digest, encodedOf } from '../oci/digest.ts'
import { peerFailed } from '../oci/error.ts'
import type { PeerId } from '../swarm/ports.ts'

/** https://github.com/multiformats/multicodec/blob/master/table.csv */
const RAW = 0x55
const SHA2_256 = 0x12
const SHA2_512 = 0x13

interface Abortable {
  readonly signal: AbortSignal
}

export interface ProviderRecords {
  /** Ends with the signal, without an error; at once if the DHT knows no other peer. */
  find(digest: Digest, options: Abortable): AsyncIterable<PeerId>
  /** @throws UNAVAILABLE if the DHT knows no other peer */
  provide(digest: Digest, options: Abortable): Promise<void>
}

export const noProviderRecords: ProviderRecords = {
  async *find() {},
  async provide() {
    throw peerFailed('no peer is connected that keeps provider records')
  },
}

/** @param isAlone - whether the DHT knows no other peer, for which it would wait */
export function createProviderRecords(
  { contentRouting, peerId }: { readonly contentRouting: ContentRouting; readonly peerId: PeerInfo['id'] },
  isAlone: () => boolean,
): ProviderRecords {
  return {
    async *find(digest, { signal }) {
      if (isAlone()) return
      const found = contentRouting.findProviders(await cidOf(digest), { signal })
      for await (const { id } of untilAborted(found, signal)) {
        if (!id.equals(peerId)) yield id.toString()
      }
    },
    async provide(digest, { signal }) {
      if (isAlone()) throw peerFailed('no peer is connected that keeps provider records')
      await contentRouting.provide(await cidOf(digest), { signal })
    },
  }
}

/** libp2p's DHT only has sha2-256 keys. For a sha512 digest, the key is the sha2-256 of its multihash. */
async function cidOf(digest: Digest): Promise<CID> {
  const hash = base16.baseDecode(encodedOf(digest))
  if (algorithmOf(digest) === 'sha256') return CID.createV1(RAW, create(SHA2_256, hash))
  const { bytes } = create(SHA2_512, hash)
  return CID.createV1(RAW, create(SHA2_256, new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))))
}

/** The results of a query until it ends, fails or the signal aborts, which not all routers obey. */
async function* untilAborted<T>(query: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const source = query[Symbol.asyncIterator]()
  const aborted = Promise.withResolvers<undefined>()
  const onAbort = (): void => aborted.resolve(undefined)
  signal.addEventListener('abort', onAbort)
  try {
    while (!signal.aborted) {
      const next = await Promise.race([source.next().catch(() => undefined), aborted.promise])
      if (!next || next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    source.return?.()?.then(undefined, () => {})
  }
}
