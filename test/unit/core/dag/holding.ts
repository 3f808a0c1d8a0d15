/** A store with the DAG's parts over it and a Helia without a network: every test opens its own, in a folder or not. */
import { join } from 'node:path'
import { createHeliaLight, type Helia } from 'helia'
import type { Blockstore } from 'interface-blockstore'
import type { CID } from 'multiformats/cid'
import { onTestFinished, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Catalog } from '../../../../src/core/catalog/catalog.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import { createBlockstore } from '../../../../src/core/dag/blockstore.ts'
import { createDatastore } from '../../../../src/core/dag/datastore.ts'
import { createHeliaPinner } from '../../../../src/core/dag/helia-pinner.ts'
import { createLeafQueue } from '../../../../src/core/dag/leaf-queue.ts'
import { hashLeaves } from '../../../../src/core/dag/leaves.ts'
import type { Pinner } from '../../../../src/core/dag/pin-queue.ts'
import { createPinQueue, type PinQueue } from '../../../../src/core/dag/pin-queue.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Algorithm, Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openFileSystemDisk } from '../../../../src/node/disk/file-system-disk.ts'
import { openSqlite, openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { digestOf } from '../../../support/push.ts'

export interface Holding extends AsyncDisposable {
  readonly disk: Disk
  readonly store: Store
  readonly catalog: Catalog
  readonly blockstore: Blockstore
  readonly helia: Helia
  readonly pins: PinQueue
  /** Of blobs whose row was written, in that order. */
  readonly pinned: { readonly digest: Digest; readonly root: CID }[]
  /** Stores a blob as a push does. */
  push(repository: string, bytes: Uint8Array<ArrayBuffer>, algorithm?: Algorithm): Promise<Digest>
  /** Deletes it as a client does. */
  delete(repository: string, digest: Digest): Promise<void>
  /** The roots that Helia has pinned. */
  heliaPins(): Promise<string[]>
  /** The root of this blob, when its row has been written. */
  rootOf(digest: Digest): Promise<string>
}

export interface HoldingOptions {
  /** Where to keep everything; without it, in memory. */
  readonly folder?: string
  readonly isShared?: (digest: Digest) => Promise<boolean>
  /** What stands between the queue and Helia. */
  readonly pinner?: (pinner: Pinner) => Pinner
}

export async function openHolding(options: HoldingOptions = {}): Promise<Holding> {
  const { folder, isShared = async () => true, pinner = (real) => real } = options
  const disk = folder ? await openFileSystemDisk(folder) : createMemoryDisk()
  const database = folder ? await openSqlite(join(folder, 'catalog.db')) : await openSqliteInMemory()
  const store = await openStore(disk, database)
  const { catalog } = store
  const blockstore = createBlockstore({ blobs: disk, catalog, isShared })
  const helia = await createHeliaLight({ blockstore, datastore: createDatastore(catalog) }).start()
  const pinned: Holding['pinned'] = []
  const pins = createPinQueue({
    catalog,
    pinner: pinner(createHeliaPinner(helia.pins)),
    isShared,
    log: silentLog,
    onPinned: (digest, root) => pinned.push({ digest, root }),
  })
  const leaves = createLeafQueue(disk, catalog, hashLeaves, silentLog)
  store.changes.subscribe(leaves.wake)
  leaves.hashed.subscribe(pins.wake)
  leaves.wake()
  pins.wake()
  let closed: Promise<void> | undefined
  const close = async () => {
    await leaves.close()
    await pins.close()
    await helia.stop()
    await closeParts(disk, database)
  }
  const closeOnce = () => (closed ??= close())
  onTestFinished(closeOnce)
  return {
    disk,
    store,
    catalog,
    blockstore,
    helia,
    pins,
    pinned,
    async push(repository, bytes, algorithm) {
      const digest = digestOf(bytes, algorithm) as Digest
      await commit(store, disk, repository, digest, bytes)
      pins.wake(digest)
      return digest
    },
    async delete(repository, digest) {
      await store.blobs.delete(repository, digest)
      pins.wake(digest)
    },
    heliaPins: async () => (await Array.fromAsync(helia.pins.ls())).map(({ cid }) => cid.toString()),
    rootOf: (digest) =>
      vi.waitFor(async () => {
        const root = await catalog.pins.root(digest)
        if (!root) throw new Error('not pinned yet')
        return root
      }, PATIENCE),
    [Symbol.asyncDispose]: closeOnce,
  }
}

async function commit(
  store: Store,
  disk: Disk,
  repository: string,
  digest: Digest,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await store.blobs.commit(digest, {
    async write(options) {
      const upload = await disk.create()
      await upload.append(new Blob([bytes]).stream())
      return upload.commit(digest, options)
    },
    async record(queries) {
      await queries.repositories.add(repository)
      await queries.blobs.link(repository, digest)
    },
  })
}

async function closeParts(disk: Disk & { close?(): Promise<void> }, database: Database): Promise<void> {
  await database.close()
  await disk.close?.()
}
