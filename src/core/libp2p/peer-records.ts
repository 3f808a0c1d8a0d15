/**
 * The records of libp2p's peer store. They are in memory, because libp2p writes one at every stream; the persistent
 * datastore has only those that a restart needs to find useful peers again. Strangers can make up any number of peers, so
 * both are bounded.
 */
import type { PeerId } from '@libp2p/interface'
import { peerIdFromCID, peerIdFromString } from '@libp2p/peer-id'
import { BaseDatastore } from 'datastore-core'
import { MountDatastore } from 'datastore-core/mount'
import { type Datastore, Key, type Pair } from 'interface-datastore'
import { NotFoundError } from 'interface-store'
import { CID } from 'multiformats/cid'

/** The prefix of the peer store's keys. */
const PREFIX = '/peers'

/** In memory. */
const MAX_RECORDS = 4096
const MAX_RECORD_BYTES = 32 * 1024

/** On the disk. */
const MAX_KEPT_RECORDS = 256

export interface PeerRecords {
  /** The persistent datastore, except for these records. */
  readonly datastore: Datastore
  /** Peers that were kept before a restart. */
  readonly kept: readonly PeerId[]
  /** Whether the peer's record is on the disk. */
  isKept(peer: string): boolean
  /** Writes a peer's record to the disk; if there are too many, the one that was written first is deleted. */
  keep(peer: PeerId): Promise<void>
}

/** @param pinned - peers whose records stay in memory, however many others there are */
export async function openPeerRecords(
  persistent: Datastore,
  pinned: () => Iterable<PeerId>,
): Promise<PeerRecords> {
  const memory = new LruDatastore({
    maxRecords: MAX_RECORDS,
    maxRecordBytes: MAX_RECORD_BYTES,
    pinned: () => new Set([...pinned()].map((peer) => keyOf(peer).toString())),
  })
  const kept = new Set<string>()

  async function deleteOldest(): Promise<void> {
    for (const key of kept) {
      if (kept.size <= MAX_KEPT_RECORDS) return
      kept.delete(key)
      await persistent.delete(new Key(key, false))
    }
  }

  for await (const { key, value } of persistent.query({ prefix: PREFIX })) {
    kept.add(key.toString())
    if (kept.size <= MAX_KEPT_RECORDS) memory.put(key, value)
  }
  await deleteOldest()
  return {
    datastore: new MountDatastore([
      { prefix: new Key(PREFIX), datastore: memory },
      { prefix: new Key('/'), datastore: persistent },
    ]),
    kept: [...kept].flatMap(peerOf),
    isKept: (peer) => kept.has(keyOf(peerIdFromString(peer)).toString()),
    async keep(peer) {
      const key = keyOf(peer)
      if (!memory.has(key)) return
      kept.delete(key.toString())
      kept.add(key.toString())
      await persistent.put(key, memory.get(key))
      await deleteOldest()
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

export interface DatastoreLimits {
  readonly maxRecords: number
  /** Larger records are not kept. */
  readonly maxRecordBytes: number
  /** Keys of records that are not evicted. Called at each eviction. */
  pinned(): ReadonlySet<string>
}

/** Many records are evicted at once, because it takes a while to tell which are pinned. */
const SHARE_TO_EVICT = 1 / 16

/** A bounded datastore in memory. It evicts the least recently used records. */
export class LruDatastore extends BaseDatastore {
  /** The least recently used first. */
  readonly #records = new Map<string, Uint8Array>()
  readonly #limits: DatastoreLimits

  constructor(limits: DatastoreLimits) {
    super()
    this.#limits = limits
  }

  override has(key: Key): boolean {
    return this.#records.has(key.toString())
  }

  override get(key: Key): Uint8Array {
    const value = this.#records.get(key.toString())
    if (!value) throw new NotFoundError(`${key} was not found`)
    this.#renew(key.toString(), value)
    return value
  }

  override put(key: Key, value: Uint8Array): Key {
    if (value.length > this.#limits.maxRecordBytes) this.#records.delete(key.toString())
    else this.#renew(key.toString(), value)
    if (this.#records.size > this.#limits.maxRecords) this.#evict()
    return key
  }

  override delete(key: Key): void {
    this.#records.delete(key.toString())
  }

  override *_all(): Generator<Pair> {
    for (const [key, value] of [...this.#records]) yield { key: new Key(key, false), value }
  }

  override *_allKeys(): Generator<Key> {
    for (const key of [...this.#records.keys()]) yield new Key(key, false)
  }

  #renew(key: string, value: Uint8Array): void {
    this.#records.delete(key)
    this.#records.set(key, value)
  }

  #evict(): void {
    const pinned = this.#limits.pinned()
    const target = Math.floor(this.#limits.maxRecords * (1 - SHARE_TO_EVICT))
    for (const key of this.#records.keys()) {
      if (this.#records.size <= target) return
      if (!pinned.has(key)) this.#records.delete(key)
    }
  }
}
