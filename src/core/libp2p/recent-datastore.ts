/** A datastore in memory with room for so many records: those that nobody read or wrote for longest go first. */
import { BaseDatastore } from 'datastore-core'
import { Key, type Pair } from 'interface-datastore'
import { NotFoundError } from 'interface-store'

export interface Room {
  readonly records: number
  /** Bytes of a record; larger ones are not kept. */
  readonly bytes: number
  /** Keys of records that stay, however long ago they were used. Asked each time when room is made. */
  pinned(): ReadonlySet<string>
}

/** Room is made for many at once, as who is pinned takes a while to tell. */
const SHARE_TO_FREE = 1 / 16

export class RecentDatastore extends BaseDatastore {
  /** The least recent first. */
  readonly #records = new Map<string, Uint8Array>()
  readonly #room: Room

  constructor(room: Room) {
    super()
    this.#room = room
  }

  override has(key: Key): boolean {
    return this.#records.has(key.toString())
  }

  override get(key: Key): Uint8Array {
    const value = this.#records.get(key.toString())
    if (!value) throw new NotFoundError(`${key} is not there`)
    this.#renew(key.toString(), value)
    return value
  }

  override put(key: Key, value: Uint8Array): Key {
    if (value.length > this.#room.bytes) this.#records.delete(key.toString())
    else this.#renew(key.toString(), value)
    if (this.#records.size > this.#room.records) this.#makeRoom()
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

  #makeRoom(): void {
    const pinned = this.#room.pinned()
    const fewer = Math.floor(this.#room.records * (1 - SHARE_TO_FREE))
    for (const key of this.#records.keys()) {
      if (this.#records.size <= fewer) return
      if (!pinned.has(key)) this.#records.delete(key)
    }
  }
}
