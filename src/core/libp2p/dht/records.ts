/**
 * The provider records that this peer keeps for a DHT. They are in memory and limited, because any peer may send any
 * number of them. They expire after two days, and providers announce them again before.
 */
import { BaseDatastore } from 'datastore-core/base'
import { Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { NotFoundError } from 'interface-store'
import { delay } from '../../async/delay.ts'

/** Of the records of other peers. The oldest are dropped first. */
export interface RecordLimits {
  readonly maxRecords: number
  readonly maxPerPeer: number
  readonly maxPerContent: number
}

const LIMITS: RecordLimits = { maxRecords: 50_000, maxPerPeer: 1000, maxPerContent: 256 }

/** The values of provider records are dates. */
const MAX_VALUE_BYTES = 10 * 1024

/** Records that a query reads before it yields to other work. */
const BATCH_SIZE = 256

/**
 * Its keys are like `/dht/provider/CONTENT/PEER`.
 *
 * @param self - this peer, whose own records are not limited: it has one for each digest in the catalog
 */
export class DhtRecords extends BaseDatastore {
  readonly #self: string
  readonly #limits: RecordLimits
  readonly #own = new Map<string, Uint8Array>()
  /** The oldest first, as in the maps below. */
  readonly #others = new Map<string, Uint8Array>()
  readonly #byPeer = new Map<string, Set<string>>()
  readonly #byContent = new Map<string, Set<string>>()

  constructor(self: string, limits = LIMITS) {
    super()
    this.#self = self
    this.#limits = limits
  }

  override put(key: Key, value: Uint8Array): Key {
    if (value.length > MAX_VALUE_BYTES) throw new RangeError('the record is too long')
    const text = key.toString()
    this.#remove(text)
    const { peer, content } = partsOf(text)
    const ofPeer = added(this.#byPeer, peer, text)
    const ofContent = added(this.#byContent, content, text)
    if (peer === this.#self) {
      this.#own.set(text, value)
      return key
    }
    this.#others.set(text, value)
    const { maxRecords, maxPerPeer, maxPerContent } = this.#limits
    if (ofPeer.size > maxPerPeer) this.#remove(first(ofPeer))
    if (ofContent.size > maxPerContent) this.#remove(first(ofContent))
    if (this.#others.size > maxRecords) this.#remove(first(this.#others.keys()))
    return key
  }

  override get(key: Key): Uint8Array {
    const value = this.#valueOf(key.toString())
    if (!value) throw new NotFoundError(`${key} was not found`)
    return value
  }

  override has(key: Key): boolean {
    return this.#valueOf(key.toString()) !== undefined
  }

  override delete(key: Key): void {
    this.#remove(key.toString())
  }

  override async *_all({ prefix = '' }: Query): AsyncGenerator<Pair> {
    let count = 0
    for (const text of this.#byContent.get(prefix) ?? [...this.#own.keys(), ...this.#others.keys()]) {
      if (++count % BATCH_SIZE === 0) await delay(0, new AbortController().signal)
      const value = this.#valueOf(text)
      if (value && text.startsWith(prefix)) yield { key: new Key(text, false), value }
    }
  }

  override async *_allKeys(query: KeyQuery): AsyncGenerator<Key> {
    for await (const { key } of this._all({ prefix: query.prefix ?? '' })) yield key
  }

  #valueOf(text: string): Uint8Array | undefined {
    return this.#others.get(text) ?? this.#own.get(text)
  }

  #remove(text: string): void {
    if (!this.#others.delete(text) && !this.#own.delete(text)) return
    const { peer, content } = partsOf(text)
    removed(this.#byPeer, peer, text)
    removed(this.#byContent, content, text)
  }
}

function partsOf(text: string): { peer: string; content: string } {
  const slash = text.lastIndexOf('/')
  return { peer: text.slice(slash + 1), content: text.slice(0, slash) }
}

function added(groups: Map<string, Set<string>>, name: string, text: string): Set<string> {
  const group = groups.get(name) ?? new Set()
  groups.set(name, group.add(text))
  return group
}

function removed(groups: Map<string, Set<string>>, name: string, text: string): void {
  const group = groups.get(name)
  group?.delete(text)
  if (group?.size === 0) groups.delete(name)
}

const first = (texts: Iterable<string>): string => texts[Symbol.iterator]().next().value!
