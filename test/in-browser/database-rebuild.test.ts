/** A registry in the browser survives the loss or damage of its catalog. */

import { deleteDB, type IDBPDatabase, openDB } from 'idb'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import wasmUrl from 'wa-sqlite/dist/wa-sqlite-async.wasm?url'
import { createNamesFile } from '../../src/browser/disk/names-and-reserve.ts'
import { openOpfsDisk } from '../../src/browser/disk/opfs-disk.ts'
import { openOrRebuild } from '../../src/browser/sqlite/open-or-rebuild.ts'
import { openWaSqlite } from '../../src/browser/sqlite/wa-sqlite.ts'
import type { Disk } from '../../src/core/blobs/ports.ts'
import type { Database } from '../../src/core/catalog/database.ts'
import { silentLog } from '../../src/core/log.ts'
import { type Digest, digestOf } from '../../src/core/oci/digest.ts'
import { parseManifest } from '../../src/core/oci/manifest.ts'
import { OCI_MANIFEST } from '../../src/core/oci/media-type.ts'
import type { NamesFile } from '../../src/core/store/names-backup.ts'
import { openStore, type Store } from '../../src/core/store/store.ts'

const wasm = (): Promise<WebAssembly.Module> => WebAssembly.compileStreaming(fetch(wasmUrl))
const page = { limit: 100 }

let name: string
let disk: Disk
let names: NamesFile
/** The messages that were logged. */
let logged: string[]
let malformed: PromiseWithResolvers<void>
let database: Database
let store: Store

beforeEach(async () => {
  name = crypto.randomUUID()
  const home = await navigator.storage.getDirectory()
  const root = await home.getDirectoryHandle(name, { create: true })
  disk = await openOpfsDisk(root)
  names = createNamesFile(root)
  await open()
  onTestFinished(async () => {
    await database.close()
    await deleteDB(name)
    await home.removeEntry(name, { recursive: true })
  })
})

async function open(): Promise<void> {
  logged = []
  malformed = Promise.withResolvers()
  const tell = (message: string): unknown => logged.push(message)
  const log = { ...silentLog, info: tell, warn: tell, error: tell }
  database = await openOrRebuild(name, { wasm, disk, names, log, onMalformed: malformed.resolve })
  store = await openStore(disk, database)
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

async function pushBlob(repository: string, text: string) {
  const bytes = new TextEncoder().encode(text)
  const digest = await digestOf(bytes)
  await store.uploads.put(repository, digest, { bytes: once(bytes) })
  return { mediaType: 'application/octet-stream', digest, size: text.length }
}

async function pushImage(repository: string, tag: string): Promise<Digest> {
  const config = await pushBlob(repository, `{"of":"${tag}"}`)
  const layers = [await pushBlob(repository, tag)]
  const text = JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers })
  const bytes = new TextEncoder().encode(text)
  const digest = await digestOf(bytes)
  const required = { blobs: [config.digest, layers[0]!.digest], manifests: [], either: [] }
  const manifest = parseManifest(bytes, OCI_MANIFEST)
  await store.manifests.put({ repository, digest, bytes, manifest, tags: [tag], required })
  return digest
}

/** Changes the stored pages of the database. */
async function overwrite(
  change: (block: { offset: number; data: Uint8Array<ArrayBuffer> }) => void,
): Promise<void> {
  const pages: IDBPDatabase = await openDB(name)
  const transaction = pages.transaction('blocks', 'readwrite')
  for (const block of await transaction.store.getAll()) {
    if (!(block.data instanceof Uint8Array)) continue
    change(block)
    await transaction.store.put(block)
  }
  await transaction.done
  pages.close()
}

describe('a catalog in the browser', () => {
  it('logs nothing if it is intact', async () => {
    const digest = await pushImage('team/app', 'v1')
    await database.close()
    await open()
    expect(logged).toEqual([])
    expect(await store.manifests.find('team/app', { tag: 'v1' })).toMatchObject({ digest })
  })

  it('is rebuilt when its database was deleted', async () => {
    const digests = [await pushImage('team/app', 'v1'), await pushImage('team/app', 'v2')]
    const before = await store.catalog.names.all()
    await database.close()
    await deleteDB(name)
    await open()
    expect(logged).toHaveLength(2)
    expect(await store.catalog.names.all()).toEqual(before)
    expect(await store.manifests.find('team/app', { tag: 'v2' })).toMatchObject({ digest: digests[1] })
    await pushImage('team/app', 'v3')
    expect(await store.catalog.tags.list('team/app', page)).toEqual(['v1', 'v2', 'v3'])
  })

  it('is rebuilt when its pages were overwritten', async () => {
    await pushImage('team/app', 'v1')
    await database.close()
    await overwrite(({ data }) => crypto.getRandomValues(data))
    await open()
    expect(logged).toHaveLength(3)
    expect(await store.catalog.tags.list('team/app', page)).toEqual(['v1'])
  })

  it('is rebuilt when all pages but the first are gone', async () => {
    await pushImage('team/app', 'v1')
    await database.close()
    await overwrite(({ offset, data }) => offset !== 0 && data.fill(0))
    await open()
    expect(await store.catalog.tags.list('team/app', page)).toEqual(['v1'])
  })

  it('is rebuilt when another database has its name', async () => {
    await pushImage('team/app', 'v1')
    await database.close()
    await deleteDB(name)
    const other = await openDB(name, 9, { upgrade: (database) => void database.createObjectStore('other') })
    other.close()
    await open()
    expect(await store.catalog.tags.list('team/app', page)).toEqual(['v1'])
  })

  it('reports that it is malformed, and is rebuilt when it is opened again', async () => {
    await pushImage('team/app', 'v1')
    const [root] = await database.run<{ rootpage: number }>(
      `SELECT rootpage FROM sqlite_schema WHERE name = 'tags'`,
    )
    await database.close()
    await overwrite(({ offset, data }) => offset === -(root!.rootpage - 1) * data.length && data.fill(7))
    await open()
    expect(logged).toEqual([])
    await expect(store.catalog.tags.list('team/app', page)).rejects.toThrow('malformed')
    await malformed.promise
    await database.close()
    await open()
    expect(await store.catalog.tags.list('team/app', page)).toEqual(['v1'])
  })

  it('of a newer version is left alone', async () => {
    await pushImage('team/app', 'v1')
    const [row] = await database.run<{ user_version: number }>('PRAGMA user_version')
    const setVersion = (version: number) =>
      database.transaction((run) => run(`PRAGMA user_version = ${version}`))
    await setVersion(99)
    await database.close()
    await expect(open()).rejects.toThrow('version 99')

    database = await openWaSqlite(name, { wasm })
    await setVersion(row!.user_version)
    await database.close()
    await open()
    expect(await store.catalog.tags.list('team/app', page)).toEqual(['v1'])
  })
})

describe('the backup of the names', () => {
  it('is written shortly after each change', async () => {
    await pushImage('team/app', 'v1')
    await expect.poll(() => names.read()).toContain('"v1"')
    await pushImage('team/app', 'v2')
    await expect.poll(() => names.read()).toContain('"v2"')
  })
})
