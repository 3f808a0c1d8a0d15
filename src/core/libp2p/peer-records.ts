/**
 * Where libp2p keeps what it knows of other peers: in memory, as it writes a record at every stream, and in the lasting
 * datastore only what a restart needs, which is how to find those that are worth it. Strangers can make up peers without
 * end, so both have a bound.
 */
import type { PeerId } from '@libp2p/interface'
import { peerIdFromCID, peerIdFromString } from '@libp2p/peer-id'
import { MountDatastore } from 'datastore-core/mount'
import { type Datastore, Key } from 'interface-datastore'
import { CID } from 'multiformats/cid'
import { RecentDatastore } from './recent-datastore.ts'

/** Where libp2p's peer store puts its records. */
const PREFIX = '/peers'

/** Records in memory, and bytes of one. */
const MAX_RECORDS = 4096
const MAX_BYTES = 32 * 1024

/** Records on the disk. */
const MAX_KEPT = 256

export interface PeerRecords {
  /** All of `lasting`, but for these records. */
  readonly datastore: Datastore
  /** Those that were kept in an earlier life. */
  readonly kept: readonly PeerId[]
  /** Whether it is on the disk, from an earlier life or this one. */
  isKept(peer: string): boolean
  /** Keeps what is known of a peer now for the next start; in place of the one that was kept longest ago, if need be. */
  keep(peer: PeerId): Promise<void>
}

/** @param pinned - peers whose records stay in memory, however many others there are */
export async function openPeerRecords(
  lasting: Datastore,
  pinned: () => Iterable<PeerId>,
): Promise<PeerRecords> {
  const memory = new RecentDatastore({
    records: MAX_RECORDS,
    bytes: MAX_BYTES,
    pinned: () => new Set([...pinned()].map((peer) => keyOf(peer).toString())),
  })
  const kept = new Set<string>()

  async function bound(): Promise<void> {
    for (const key of kept) {
      if (kept.size <= MAX_KEPT) return
      kept.delete(key)
      await lasting.delete(new Key(key, false))
    }
  }

  for await (const { key, value } of lasting.query({ prefix: PREFIX })) {
    kept.add(key.toString())
    if (kept.size <= MAX_KEPT) memory.put(key, value)
  }
  await bound()
  return {
    datastore: new MountDatastore([
      { prefix: new Key(PREFIX), datastore: memory },
      { prefix: new Key('/'), datastore: lasting },
    ]),
    kept: [...kept].flatMap(peerOf),
    isKept: (peer) => kept.has(keyOf(peerIdFromString(peer)).toString()),
    async keep(peer) {
      const key = keyOf(peer)
      if (!memory.has(key)) return
      kept.delete(key.toString())
      kept.add(key.toString())
      await lasting.put(key, memory.get(key))
      await bound()
    },
  }
}

const keyOf = (peer: PeerId): Key => new Key(`${PREFIX}/${peer.toCID()}`, false)

function peerOf(key: string): PeerId[] {
  try {
    return [peerIdFromCID(CID.parse(key.slice(PREFIX.length + 1)) as never)]
  } catch {
    return []
  }
}
