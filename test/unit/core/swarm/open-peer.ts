/** Registries whose swarm is the test's network, in one process: all of the core but libp2p. */
import { createHash } from 'node:crypto'
import { silentLog } from '../../../../src/core/log.ts'
import { digestOf as hash } from '../../../../src/core/oci/digest.ts'
import type { IpfsBlocks } from '../../../../src/core/swarm/ports.ts'
import { createSharePolicy } from '../../../../src/core/swarm/serve/share-policy.ts'
import { createSwarm, type Swarm } from '../../../../src/core/swarm/swarm.ts'
import { configOf, type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import type { MemoryNetwork } from '../../../support/memory-network.ts'

export interface PeerOptions {
  readonly deny?: readonly string[]
  /** Peers of IPFS at large. */
  readonly blocks?: IpfsBlocks
}

/** @param trust - whose tags it believes */
export async function openPeer(
  test: Pick<MemoryNetwork, 'join'>,
  name: string,
  trust: readonly string[] = [],
  { deny = ['closed'], blocks }: PeerOptions = {},
): Promise<InMemoryRegistry> {
  let swarm: Swarm
  const network = test.join(name, (...asked) => swarm.handler(...asked))
  const registry = await openInMemoryRegistry({}, (store, disk) => {
    const settings = { ...configOf().swarm, trust: [...trust] }
    swarm = createSwarm({
      network,
      hashLeaf: (leaf) => ({ leaf, hash: createHash('sha256').update(leaf).digest() }),
      store,
      disk,
      sharing: createSharePolicy({ allow: ['.*'], deny: [...deny] }, store.catalog),
      settings,
      digestOf: hash,
      check() {},
      log: silentLog,
      blocks,
    })
    return swarm.remote
  })
  const close = async () => {
    await swarm.close()
    await registry.close()
  }
  return { ...registry, close, [Symbol.asyncDispose]: close }
}
