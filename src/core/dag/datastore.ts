/**
 * The datastore of Helia and libp2p, in the catalog's database. A value survives the death of the process, and after the
 * registry's next durable transaction also a power failure. Order is kept, so a pin is never lost before its row.
 */
import { BaseDatastore } from 'datastore-core'
import { type Batch, type Datastore, Key, type KeyQuery, type Pair, type Query } from 'interface-datastore'
import { NotFoundError } from 'interface-store'
import type { Catalog, Queries } from '../catalog/catalog.ts'

export const createDatastore = (catalog: Catalog): Datastore => new CatalogDatastore(catalog)

class CatalogDatastore extends BaseDatastore {
  readonly #catalog: Catalog

  constructor(catalog: Catalog) {
    super()
    this.#catalog = catalog
  }

  override has(key: Key): Promise<boolean> {
    return this.#catalog.datastore.has(key.toString())
  }

  override async get(key: Key): Promise<Uint8Array> {
    const value = await this.#catalog.datastore.get(key.toString())
    if (!value) throw new NotFoundError(`${key} is not in the datastore`)
    return value
  }

  override async put(key: Key, value: Uint8Array): Promise<Key> {
    await this.#change(({ datastore }) => datastore.put(key.toString(), value))
    return key
  }

  override async delete(key: Key): Promise<void> {
    await this.#change(({ datastore }) => datastore.delete(key.toString()))
  }

  /** Atomic. */
  override batch(): Batch {
    let changes: ((queries: Queries) => Promise<void>)[] = []
    return {
      put: (key, value) => void changes.push(({ datastore }) => datastore.put(key.toString(), value)),
      delete: (key) => void changes.push(({ datastore }) => datastore.delete(key.toString())),
      commit: async () => {
        const committed = changes
        changes = []
        await this.#change(async (queries) => {
          for (const change of committed) await change(queries)
        })
      },
    }
  }

  override async *_all({ prefix = '' }: Query): AsyncGenerator<Pair> {
    for await (const { key, value } of this.#catalog.datastore.list(prefix)) {
      yield { key: new Key(key, false), value }
    }
  }

  override async *_allKeys({ prefix = '' }: KeyQuery): AsyncGenerator<Key> {
    for await (const { key } of this.#catalog.datastore.list(prefix)) yield new Key(key, false)
  }

  async #change(work: (queries: Queries) => Promise<void>): Promise<void> {
    await this.#catalog.transaction(work, { durable: false })
  }
}
