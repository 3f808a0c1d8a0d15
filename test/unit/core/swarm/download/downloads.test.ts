import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { RegistryError } from '../../../../../src/core/oci/error.ts'
import { WINDOW_LEAVES } from '../../../../../src/core/swarm/download/leaf-window.ts'
import type { RangeFetcher } from '../../../../../src/core/swarm/ports.ts'
import { openFileSystemDisk } from '../../../../../src/node/disk/file-system-disk.ts'
import { openSqlite } from '../../../../../src/node/sqlite.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../../../support/memory-network.ts'
import { PATIENCE } from '../../../../support/patience.ts'
import { openTemporaryFolder } from '../../../../support/temporary-folder.ts'
import {
  fetched,
  openReceiver,
  type Receiver,
  type ReceiverOptions,
  readAll,
  readUntilEnd,
  stored,
  vouch,
} from '../receiver.ts'
import { type Bent, bytesOf, digestOf, leavesOf, MIB, once, type Seeder, seederOf } from '../seeder.ts'

const bytes = bytesOf(40 * MIB)
const digest = digestOf(bytes)

async function receiverIn(network: MemoryNetwork, options: ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await openReceiver(network.join('me'), options)
  onTestFinished(() => receiver.downloads.close())
  return receiver
}

function seedersIn(network: MemoryNetwork, bent: Readonly<Record<string, Bent>>): Record<string, Seeder> {
  const seeders = Object.entries(bent).map(([peer, bent]) => [peer, seederOf(bytes, digest, bent)] as const)
  for (const [peer, { answer }] of seeders) network.join(peer, answer)
  return Object.fromEntries(seeders)
}

/** A miss is remembered for a second. */
const fetchedAfterMiss = (receiver: Receiver) => vi.waitFor(() => fetched(receiver, digest), PATIENCE)

const expectSame = (actual: Uint8Array, expected: Uint8Array) =>
  expect(Buffer.compare(actual, expected)).toBe(0)

describe('a download', () => {
  it.each([0, 1, MIB - 1, MIB, MIB + 1, 5.5 * MIB, 40 * MIB])('downloads %i bytes', async (size) => {
    const network = createMemoryNetwork()
    const bytes = bytesOf(size)
    const digest = digestOf(bytes)
    const seeder = seederOf(bytes, digest)
    network.join('seeder', seeder.answer)
    const receiver = await receiverIn(network)
    const download = await fetched(receiver, digest)
    expect(download.size).toBe(size)
    expectSame(await readAll(download.stream()), bytes)
    await download.done
    expect(await stored(receiver)).toEqual({ blobs: [digest], uploads: [] })
    expect((await receiver.store.blobs.get('a', digest))!.size).toBe(size)
    const origins = size ? [{ peer: 'seeder', bytes: size }] : []
    expect(await receiver.store.catalog.sources.of(digest)).toEqual(origins)
    expect(await receiver.store.catalog.leaves.missing(1)).toEqual([])
    expect(seeder.given).toBe(size)
  })

  it.each([0, 10, 3 * MIB])('downloads %i bytes that are named by a sha512', async (size) => {
    const network = createMemoryNetwork()
    const bytes = bytesOf(size)
    const digest = digestOf(bytes, 'sha512')
    network.join('seeder', seederOf(bytes, digest).answer)
    const receiver = await receiverIn(network)
    expectSame(await readAll((await fetched(receiver, digest)).stream()), bytes)
    expect(await receiver.store.catalog.leaves.get(digest)).toEqual(leavesOf(bytes))
  })

  it.each([1, 1000, 65_536, MIB, 3 * MIB])('accepts chunks of %i bytes', async (chunk) => {
    const network = createMemoryNetwork()
    const bytes = bytesOf(chunk === 1 ? 3000 : 9.5 * MIB)
    const digest = digestOf(bytes)
    network.join('seeder', seederOf(bytes, digest, { chunk }).answer)
    const receiver = await receiverIn(network)
    expectSame(await readAll((await fetched(receiver, digest)).stream()), bytes)
  })

  it('is undefined, soon, if nobody has the blob', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: { have: () => null }, two: { have: () => null } })
    const receiver = await receiverIn(network)
    expect(await receiver.downloads.fetch('a', digest)).toBeUndefined()
    expect(await receiver.downloads.fetch('a', digest, { isComplete: true })).toBeUndefined()
    expect(await receiver.store.catalog.repositories.exists('a')).toBe(false)
  })

  it('goes on when its caller leaves, if a manifest names the blob', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { slow: { leaves: (said) => sleep(100).then(() => said) } })
    const receiver = await receiverIn(network)
    await vouch(receiver, digest, bytes.length)
    const leaving = new AbortController()
    const fetch = receiver.downloads.fetch('a', digest, { signal: leaving.signal })
    leaving.abort(new Error('gone'))
    await expect(fetch).rejects.toThrow('gone')
    await vi.waitFor(async () => expect((await stored(receiver)).blobs).toEqual([digest]), PATIENCE)
  })

  it('gives any range while it is under way', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: { pause: 1 } })
    const receiver = await receiverIn(network)
    const download = await fetched(receiver, digest)
    const ranges = [
      { start: 0, end: 0 },
      { start: 5, end: 3 * MIB },
      { start: 39 * MIB, end: 40 * MIB - 1 },
      { start: 17 * MIB - 1, end: 17 * MIB },
    ]
    const read = await Promise.all(ranges.map((range) => readAll(download.stream(range))))
    for (const [index, { start, end }] of ranges.entries()) {
      expectSame(read[index]!, bytes.subarray(start, end + 1))
    }
  })

  it('withholds the last byte of a range until the digest is verified', async () => {
    const network = createMemoryNetwork()
    const wait = Promise.withResolvers<void>()
    seedersIn(network, {
      one: { range: async ({ end }, said) => (end > 35 * MIB ? wait.promise.then(() => said) : said) },
    })
    const receiver = await receiverIn(network, { stall: 60_000 })
    const download = await fetched(receiver, digest)
    const reader = download.stream({ start: 0, end: 9 }).getReader()
    expect((await reader.read()).value).toHaveLength(9)
    const last = reader.read()
    const isHere = { last: false }
    last.then(() => {
      isHere.last = true
    })
    await vi.waitFor(() => expect([...download.sources().values()][0]).toBeGreaterThan(30 * MIB), PATIENCE)
    expect(isHere.last).toBe(false)
    wait.resolve()
    expect((await last).value).toEqual(bytes.slice(9, 10))
    expect((await reader.read()).done).toBe(true)
  })

  it('is shared by all that ask for the blob', async () => {
    const network = createMemoryNetwork()
    const { one } = seedersIn(network, { one: {} })
    const receiver = await receiverIn(network)
    const names = ['a', 'b', 'c', 'a', 'b', 'c']
    const downloads = await Promise.all(names.map((name) => fetched(receiver, digest, name)))
    for (const read of await Promise.all(downloads.map((download) => readAll(download.stream())))) {
      expectSame(read, bytes)
    }
    await Promise.all(downloads.map(({ done }) => done))
    expect(one!.given).toBe(bytes.length)
    for (const name of names) expect(await receiver.store.blobs.get(name, digest)).toBeDefined()
  })

  it('goes on when its reader leaves, if a manifest names the blob', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: { pause: 20 } })
    const receiver = await receiverIn(network)
    await vouch(receiver, digest, bytes.length)
    const download = await fetched(receiver, digest)
    const reader = download.stream().getReader()
    await reader.read()
    await reader.cancel()
    await download.done
    expect(await stored(receiver)).toEqual({ blobs: [digest], uploads: [] })
  })

  it('ends within a window when its reader leaves, if only peers vouch for the blob', async () => {
    const network = createMemoryNetwork()
    const { one } = seedersIn(network, { one: { pause: 20 } })
    const receiver = await receiverIn(network)
    const download = await fetched(receiver, digest)
    const reader = download.stream().getReader()
    await reader.read()
    await reader.cancel()
    const given = one!.given
    await expect(download.done).rejects.toThrow('nobody waits')
    expect(one!.given - given).toBeLessThanOrEqual(2 * WINDOW_LEAVES * MIB + 2 * MIB)
    await vi.waitFor(async () => expect(await stored(receiver)).toEqual({ blobs: [], uploads: [] }), PATIENCE)
  })

  it('does not wait for a slow reader', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: {} })
    const receiver = await receiverIn(network)
    const download = await fetched(receiver, digest)
    const slow = download.stream()
    const reader = slow.getReader()
    const first = await reader.read()
    await download.done
    reader.releaseLock()
    const rest = await readUntilEnd(slow)
    expectSame(Buffer.concat([first.value!, rest.bytes]), bytes)
  })

  it('does not link a blob of another repository before a peer has given all of it', async () => {
    const network = createMemoryNetwork()
    const { one } = seedersIn(network, { one: {} })
    const receiver = await receiverIn(network)
    await receiver.store.uploads.put('b', digest, { bytes: once(bytes.slice()) })
    const download = await fetched(receiver, digest)
    expectSame(await readAll(download.stream()), bytes)
    await download.done
    expect((await receiver.store.blobs.get('a', digest))!.size).toBe(bytes.length)
    expect(one!.given).toBe(bytes.length)
    expect(await stored(receiver)).toEqual({ blobs: [digest], uploads: [] })
  })

  it.each([1000, MIB, 40 * MIB])(
    'does not link %i bytes of another repository for a peer that only knows their size',
    async (size) => {
      const network = createMemoryNetwork()
      const bytes = bytesOf(size)
      const digest = digestOf(bytes)
      const liar = seederOf(bytes, digest, { sent: bytesOf(size, 9) })
      network.join('liar', liar.answer)
      const receiver = await receiverIn(network)
      await receiver.store.uploads.put('b', digest, { bytes: once(bytes.slice()) })
      const download = await receiver.downloads.fetch('a', digest)
      if (download) expect((await readUntilEnd(download.stream())).error).toBeDefined()
      await receiver.downloads.close()
      expect(await receiver.store.blobs.get('a', digest)).toBeUndefined()
      expect(await receiver.store.catalog.repositories.exists('a')).toBe(false)
    },
  )

  it('does not link a blob of another repository if no peer has it, or only one that lies', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { no: { have: () => null }, liar: { content: bytesOf(40 * MIB, 9) } })
    const receiver = await receiverIn(network)
    await receiver.store.uploads.put('b', digest, { bytes: once(bytes.slice()) })
    const leaves = leavesOf(bytes)
    await receiver.store.catalog.transaction((queries) => queries.leaves.put(digest, leaves))
    expect(await receiver.downloads.fetch('a', digest)).toBeUndefined()
    expect(await receiver.store.blobs.get('a', digest)).toBeUndefined()
    expect(receiver.backoff.blockOf('liar')?.fault).toBe('lied')
  })

  it('restores a blob whose file is lost', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: {} })
    const receiver = await receiverIn(network)
    await receiver.store.uploads.put('a', digest, { bytes: once(bytes.slice()) })
    await receiver.disk.delete(digest)
    expect(await receiver.store.blobs.get('a', digest)).toBeUndefined()
    expectSame(await readAll((await fetched(receiver, digest)).stream()), bytes)
    expect((await receiver.store.blobs.get('a', digest))!.size).toBe(bytes.length)
  })

  it('succeeds beside a push of the same blob', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: { pause: 1 } })
    const receiver = await receiverIn(network)
    const download = await fetched(receiver, digest)
    await receiver.store.uploads.put('a', digest, { bytes: once(bytes.slice()) })
    expectSame(await readAll(download.stream()), bytes)
    await download.done
    expect(await stored(receiver)).toEqual({ blobs: [digest], uploads: [] })
  })

  it('fails when the disk fails, and does not blame the peer', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: {} })
    const receiver = await receiverIn(network)
    const full = new RegistryError('UNKNOWN', 'disk full', { status: 507 })
    const { create } = receiver.disk
    vi.spyOn(receiver.disk, 'create').mockImplementation(async (options) => {
      const upload = await create(options)
      const { append } = upload
      upload.append = (chunks, options) =>
        append.call(
          upload,
          (async function* () {
            let leaves = 0
            for await (const leaf of chunks) {
              if (leaves++ === 5) throw full
              yield leaf
            }
          })(),
          options,
        )
      return upload
    })
    const download = await fetched(receiver, digest)
    const { bytes: read, error } = await readUntilEnd(download.stream())
    expect(error).toBe(full)
    expectSame(read, bytes.subarray(0, read.length))
    await expect(download.done).rejects.toBe(full)
    await receiver.downloads.close()
    expect(await stored(receiver)).toEqual({ blobs: [], uploads: [] })
    expect(receiver.backoff.blockOf('one')).toBeUndefined()
  })
})

describe('several peers', () => {
  it('share the work', async () => {
    const network = createMemoryNetwork()
    const seeders = seedersIn(network, { one: { pause: 2 }, two: { pause: 2 }, three: { pause: 2 } })
    const receiver = await receiverIn(network)
    expectSame(await readAll((await fetched(receiver, digest)).stream()), bytes)
    const given = Object.values(seeders).map(({ given }) => given)
    for (const share of given) expect(share).toBeGreaterThan(5 * MIB)
    expect(given.reduce((sum, share) => sum + share)).toBeLessThan(bytes.length + 8 * MIB)
  })

  it('finish the blob when one of them is killed', async () => {
    const network = createMemoryNetwork()
    const seeders = seedersIn(network, { one: { pause: 1 }, two: { pause: 1 }, three: { pause: 1 } })
    const receiver = await receiverIn(network)
    const download = await fetched(receiver, digest)
    setTimeout(() => network.kill('two'), 50)
    expectSame(await readAll(download.stream()), bytes)
    const given = Object.values(seeders).reduce((sum, { given }) => sum + given, 0)
    expect(given).toBeLessThan(bytes.length + 24 * MIB)
  })

  it('fetch what a slow one does not deliver', async () => {
    const network = createMemoryNetwork()
    const seeders = seedersIn(network, { slow: { pause: 200 }, quick: {} })
    const receiver = await receiverIn(network, { stall: 1000 })
    expectSame(await readAll((await fetched(receiver, digest)).stream()), bytes)
    expect(seeders['slow']!.given).toBeLessThan(4 * MIB)
    expect(receiver.backoff.blockOf('slow')).toBeUndefined()
  })

  it('join a download that is under way', async () => {
    const network = createMemoryNetwork()
    const late: Bent = { leaves: (said) => said, have: (offer) => offer, pause: 1 }
    const seeders = seedersIn(network, { one: { pause: 5 } })
    const other = seederOf(bytes, digest, late)
    network.join('late', async (...asked) => {
      await sleep(100)
      return other.answer(...asked)
    })
    const receiver = await receiverIn(network)
    expectSame(await readAll((await fetched(receiver, digest)).stream()), bytes)
    expect(other.given).toBeGreaterThan(5 * MIB)
    expect(seeders['one']!.given).toBeGreaterThan(MIB)
  })

  it('are found if only the DHT knows them', async () => {
    const network = createMemoryNetwork()
    const far = network.join('far', seederOf(bytes, digest).answer, { connected: false })
    const receiver = await receiverIn(network)
    expect(await receiver.downloads.fetch('a', digest)).toBeUndefined()
    await far.provide(digest, { signal: new AbortController().signal })
    expect(await receiver.downloads.fetch('a', digest, { isComplete: true })).toBeUndefined()
    expectSame(await readAll((await fetchedAfterMiss(receiver)).stream()), bytes)
  })
})

describe('a fetcher', () => {
  const broken = (name: string, fetch: RangeFetcher['fetch']): RangeFetcher => ({
    name,
    supports: () => true,
    fetch,
  })

  it('that fails is replaced by the next', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: {} })
    const failing = broken('http', async function* () {
      yield bytes.slice(0, 10)
      throw new Error('connection refused')
    })
    const receiver = await receiverIn(network, { fetchers: [failing] })
    expectSame(await readAll((await fetched(receiver, digest)).stream()), bytes)
    expect(receiver.backoff.blockOf('one')).toBeUndefined()
  })

  it('that gives a false leaf has its peer blamed', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { one: {} })
    const lying = broken('http', async function* () {
      yield new Uint8Array(MIB)
    })
    const receiver = await receiverIn(network, { fetchers: [lying] })
    expect((await readUntilEnd((await fetched(receiver, digest)).stream())).error).toBeDefined()
    expect(receiver.backoff.blockOf('one')?.fault).toBe('lied')
  })
})

describe('a download that no peer can finish', () => {
  const dies = (after: number): Bent => ({
    range: ({ end }, said) => {
      if (end >= after) throw new Error('connection lost')
      return said
    },
  })

  it('fails, is kept, and goes on where it stopped', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { dying: dies(20 * MIB) })
    const receiver = await receiverIn(network)
    await vouch(receiver, digest, bytes.length)
    const download = await fetched(receiver, digest)
    const { bytes: read, error } = await readUntilEnd(download.stream())
    expect(error).toMatchObject({ code: 'UNAVAILABLE' })
    expectSame(read, bytes.subarray(0, read.length))
    await expect(download.done).rejects.toThrow()
    await vi.waitFor(() => expect(receiver.downloads.fetch('a', digest)).resolves.toBeUndefined(), PATIENCE)
    const { other } = seedersIn(network, { other: {} })
    expectSame(await readAll((await fetchedAfterMiss(receiver)).stream()), bytes)
    expect(other!.given).toBeLessThanOrEqual(24 * MIB)
    expect(await stored(receiver)).toEqual({ blobs: [digest], uploads: [] })
  })

  it('does not trust the bytes that an earlier claim has left', async () => {
    const network = createMemoryNetwork()
    const other = bytes.slice()
    other[12 * MIB]! ^= 1
    seedersIn(network, { lying: { ...dies(20 * MIB), content: other } })
    const receiver = await receiverIn(network)
    await vouch(receiver, digest, bytes.length)
    const first = await readUntilEnd((await fetched(receiver, digest)).stream())
    expect(first.error).toBeDefined()
    await vi.waitFor(() => expect(receiver.downloads.fetch('a', digest)).resolves.toBeUndefined(), PATIENCE)
    const { honest } = seedersIn(network, { honest: {} })
    expectSame(await readAll((await fetchedAfterMiss(receiver)).stream()), bytes)
    expect(honest!.given).toBe(28 * MIB)
  })

  it('goes on after a restart, even if its file ends within a leaf', async () => {
    await using folder = await openTemporaryFolder()
    const root = folder.path
    const network = createMemoryNetwork()
    seedersIn(network, { dying: dies(20 * MIB) })
    const first = await openFileSystemDisk(root)
    const database = await openSqlite(join(root, 'catalog.db'))
    const before = await receiverIn(network, { disk: first, database })
    await vouch(before, digest, bytes.length)
    await readUntilEnd((await fetched(before, digest)).stream())
    await before.downloads.close()
    const [upload] = (await stored(before)).uploads
    await (await first.resume(upload!))!.truncate(9.5 * MIB)
    await first.close()
    await database.close()

    network.kill('dying')
    const again = await openSqlite(join(root, 'catalog.db'))
    const disk = await openFileSystemDisk(root)
    const after = await receiverIn(network, { disk, database: again })
    expect((await stored(after)).uploads).toEqual([upload])
    const { other } = seedersIn(network, { other: {} })
    expectSame(await readAll((await fetched(after, digest)).stream()), bytes)
    expect(other!.given).toBe(31 * MIB)
    expect(await stored(after)).toEqual({ blobs: [digest], uploads: [] })
    await again.close()
    await disk.close()
  })

  it('is purged when it is old, unless it is under way', async () => {
    const network = createMemoryNetwork()
    seedersIn(network, { dying: dies(20 * MIB) })
    const receiver = await receiverIn(network)
    await vouch(receiver, digest, bytes.length)
    const { downloads } = receiver.store
    await readUntilEnd((await fetched(receiver, digest)).stream())
    await vi.waitFor(
      async () => expect(await downloads.purge(Date.now() + 1, { dryRun: true })).toHaveLength(1),
      PATIENCE,
    )
    expect(await downloads.purge(Date.now() - 60_000)).toEqual([])
    const wait = Promise.withResolvers<void>()
    seedersIn(network, { other: { range: (_, said) => wait.promise.then(() => said) } })
    const underWay = await fetched(receiver, digest)
    expect(await downloads.purge(Date.now() + 1)).toEqual([])
    network.kill('other')
    wait.resolve()
    await expect(underWay.done).rejects.toThrow()
    await receiver.downloads.close()
    expect(await downloads.purge(Date.now() + 1)).toHaveLength(1)
    expect(await stored(receiver)).toEqual({ blobs: [], uploads: [] })
  })
})
