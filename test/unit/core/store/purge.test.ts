import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLog } from '../../../../src/core/log.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { startPurging } from '../../../../src/core/store/purge.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { digestOf, startUpload } from '../../../support/push.ts'

const HOUR = 3_600_000

let registry: InMemoryRegistry
const now = Date.parse('2026-01-01')

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'], now })
  registry = await openInMemoryRegistry()
  onTestFinished(() => registry.close())
})

afterEach(() => vi.useRealTimers())

/** An upload that was started, or last written to, that many hours ago. */
async function uploadOf(hoursAgo: number, body?: string): Promise<string> {
  vi.setSystemTime(now - hoursAgo * HOUR)
  const location = await startUpload(registry, 'a')
  if (body !== undefined) await registry.fetch('PATCH', location, { body })
  vi.setSystemTime(now)
  return location
}

/** A blob without a manifest, as a push leaves it that breaks off. */
async function orphanOf(hoursAgo: number): Promise<Digest> {
  vi.setSystemTime(now - hoursAgo * HOUR)
  const body = `layer of ${hoursAgo}`
  await registry.fetch('POST', `/v2/a/blobs/uploads/?digest=${digestOf(body)}`, { body })
  vi.setSystemTime(now)
  return digestOf(body) as Digest
}

/** Asked past the registry, where each question is a use. */
const isHeld = (digest: Digest) => registry.store.catalog.blobs.isHeld(digest)

const statusOf = async (location: string) => (await registry.fetch('GET', location)).status
const idOf = (location: string) => location.split('/').at(-1)

describe('purging uploads', () => {
  it('removes abandoned uploads', async () => {
    const old = await uploadOf(3, 'old')
    const oldAndEmpty = await uploadOf(4)
    const young = await uploadOf(1, 'young')
    const purged = await registry.store.uploads.purge(now - 2 * HOUR)
    expect(purged).toEqual([idOf(oldAndEmpty), idOf(old)])
    expect(await Promise.all([old, oldAndEmpty, young].map(statusOf))).toEqual([404, 404, 204])
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([idOf(young)])
  })

  it('leaves those that are continued while others are removed', async () => {
    const oldest = await uploadOf(4, 'oldest')
    const old = await uploadOf(3, 'ol')
    const goOn = vi.spyOn(registry.disk, 'resume').mockImplementationOnce(async () => {
      await registry.fetch('PATCH', old, { body: 'd' })
      return undefined
    })
    expect(await registry.store.uploads.purge(now - 2 * HOUR)).toEqual([idOf(oldest)])
    expect(goOn).toHaveBeenCalled()
    expect((await registry.fetch('GET', old)).headers.get('range')).toBe('0-2')
  })

  it('removes none if all are recent', async () => {
    await uploadOf(1, 'young')
    expect(await registry.store.uploads.purge(now - 2 * HOUR)).toEqual([])
  })

  it('changes nothing on a dry run', async () => {
    const old = await uploadOf(3, 'old')
    expect(await registry.store.uploads.purge(now, { dryRun: true })).toEqual([idOf(old)])
    expect(await statusOf(old)).toBe(204)
  })

  it('measures age from the last chunk', async () => {
    const location = await uploadOf(3, 'old')
    vi.setSystemTime(now - HOUR)
    await registry.fetch('PATCH', location, { body: 'er' })
    expect(await registry.store.uploads.purge(now - 2 * HOUR)).toEqual([])
  })

  it('leaves alone what is being written to', async () => {
    const location = await uploadOf(3, 'old')
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const patch = registry.fetch('PATCH', location, { body: readable })
    await writer.write(Buffer.from('er'))
    await vi.waitFor(async () => {
      expect((await registry.fetch('GET', location)).headers.get('range')).toBe('0-4')
    }, PATIENCE)
    expect(await registry.store.uploads.purge(now)).toEqual([])
    await writer.close()
    expect((await patch).status).toBe(202)
  })
})

describe('the purger', () => {
  const uploadpurging = { enabled: true, age: 2 * HOUR, interval: HOUR, dryrun: false }
  const settings = { uploadpurging, orphans: uploadpurging }

  it('runs at once and after each interval', async () => {
    const old = await uploadOf(3)
    const blob = await orphanOf(3)
    const young = await uploadOf(1)
    const stop = startPurging(registry.store, settings, silentLog)
    onTestFinished(stop)
    await vi.waitFor(async () => expect(await statusOf(old)).toBe(404), PATIENCE)
    await vi.waitFor(async () => expect(await isHeld(blob)).toBe(false), PATIENCE)
    expect(await statusOf(young)).toBe(204)
    vi.advanceTimersByTime(2 * HOUR)
    await vi.waitFor(async () => expect(await statusOf(young)).toBe(404), PATIENCE)
  })

  it.each([
    ['disabled', { ...uploadpurging, enabled: false }],
    ['on a dry run', { ...uploadpurging, dryrun: true }],
  ])('removes nothing when %s', async (_, settings) => {
    const old = await uploadOf(3)
    const blob = await orphanOf(3)
    const { uploads, orphans } = registry.store
    const spies = [vi.spyOn(uploads, 'purge'), vi.spyOn(orphans, 'free'), vi.spyOn(orphans, 'bytes')]
    startPurging(registry.store, { uploadpurging: settings, orphans: settings }, silentLog)()
    await Promise.all(spies.flatMap(({ mock }) => mock.results.map((result) => result.value)))
    expect([await statusOf(old), await isHeld(blob)]).toEqual([204, true])
  })
})
