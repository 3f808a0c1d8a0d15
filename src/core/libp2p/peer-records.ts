/**
 * Where libp2p keeps what it knows of other peers: in memory, as it writes a record at every stream, and in the lasting
 * datastore only what a restart needs, which is how to find those that spoke with this one.
 */
import type { PeerId } from '@libp2p/interface'
import { MemoryDatastore } from 'datastore-core/memory'
import { MountDatastore } from 'datastore-core/mount'
import { type Datastore, Key } from 'interface-datastore'

/** Where libp2p's peer store puts its records. */
const PREFIX = '/peers'

export interface PeerRecords {
  /** All of `lasting`, but for these records. */
  readonly datastore: Datastore
  /** Keeps what is known of a peer now for the next start. */
  keep(peer: PeerId): Promise<void>
}

export async function openPeerRecords(lasting: Datastore): Promise<PeerRecords> {
  const memory = new MemoryDatastore()
  for await (const { key, value } of lasting.query({ prefix: PREFIX })) memory.put(key, value)
  return {
    datastore: new MountDatastore([
      { prefix: new Key(PREFIX), datastore: memory },
      { prefix: new Key('/'), datastore: lasting },
    ]),
    async keep(peer) {
      const key = new Key(`${PREFIX}/${peer.toCID()}`)
      if (await memory.has(key)) await lasting.put(key, await memory.get(key))
    },
  }
}
