/**
 * The records that this peer keeps for a DHT: who has what. In memory and within bounds, because anybody may put as many
 * as he likes; they live for two days, and whoever still has it tells again.
 */
import { BaseDatastore } from 'datastore-core/base'
import { Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { NotFoundError } from 'interface-store'
import { delay } from '../../async/delay.ts'

/** Records of other peers; of one of them; and of one content. The oldest go first. */
export interface RecordLimits {
  readonly most: number
  readonly mostOfPeer: number
  readonly mostOfContent: number
}

const LIMITS: RecordLimits = { most: 50_000, mostOfPeer: 1000, mostOfContent: 256 }

/** Bytes of a value. Those of records of providers are dates. */
const MAX_BYTES = 10 * 1024

/** Records that are gone through before others get their turn. */
const BATCH = 256

/**
 * Of keys such as `/dht/provider/CONTENT/PEER`.
 *
 * @param self - this peer, whose own records are as many as the catalog has digests, and stay
 */
export class DhtRecords extends BaseDatastore {
  readonly #self: string
  readonly #limits: RecordLimits
  readonly #own = new Map<string, Uint8Array>()
  /** The oldest first, as in all that follow. */
  readonly #others = new Map<string, Uint8Array>()
  readonly #byPeer = new Map<string, Set<string>>()
  readonly #byContent = new Map<string, Set<string>>()

  constructor(self: string, limits = LIMITS) {
    super()
    this.#self = self
    this.#limits = limits
  }

  override put(key: Key, value: Uint8Array): Key {
    if (value.length > MAX_BYTES) throw new RangeError('a record that is too long')
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
    const { most, mostOfPeer, mostOfContent } = this.#limits
    if (ofPeer.size > mostOfPeer) this.#remove(first(ofPeer))
    if (ofContent.size > mostOfContent) this.#remove(first(ofContent))
    if (this.#others.size > most) this.#remove(first(this.#others.keys()))
    return key
  }

  override get(key: Key): Uint8Array {
    const value = this.#valueOf(key.toString())
    if (!value) throw new NotFoundError(`${key} is not there`)
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
      if (++count % BATCH === 0) await delay(0, new AbortController().signal)
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
