/**
 * What pushes leave behind that break off, on a disk that is real: the storage says what the data folder holds, whatever
 * ended a push, and all of it goes after its time or at the owner's word.
 */

import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { digestOf } from '../../support/digest.ts'
import { askAsOwner } from '../../support/owner.ts'
import { imageOf, pushBlob, pushConfig, pushManifest } from '../../support/push.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'

const SIZE = 4 * 2 ** 20

const asked = ({ url }: RegistryProcess) => ({
  fetch: (method: string, path: string, { body, ...asking }: object & { body?: unknown } = {}) =>
    fetch(`${url}${path}`, { ...asking, method, body } as RequestInit),
})

/** Sends so many bytes of a larger blob, and stops. */
async function breakOff(
  { url }: RegistryProcess,
  path: string,
  method: string,
  after: () => Promise<unknown>,
) {
  const interruption = new AbortController()
  const body = new ReadableStream({ start: (controller) => controller.enqueue(randomBytes(SIZE)) })
  const init = { method, body, duplex: 'half', signal: interruption.signal } as RequestInit
  const request = fetch(new URL(path, url), init).catch(() => {}) // as was intended
  await after()
  interruption.abort()
  await request
}

const startUpload = async ({ url }: RegistryProcess) =>
  (await fetch(`${url}/v2/cut/off/blobs/uploads/`, { method: 'POST' })).headers.get('Location')!

const sizeOf = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function bytesOf(registry: RegistryProcess) {
  return (await (await askAsOwner(registry, '/flotilla/storage')).json()).bytes
}

/** Of blobs and uploads, as the storage counts them and as the folder has them. */
async function difference(registry: RegistryProcess) {
  const { total, pushed, cached, orphans, uploads, downloads } = await bytesOf(registry)
  return {
    blobs: (await sizeOf(join(registry.data, 'blobs'))) - (pushed + cached + orphans),
    uploads: (await sizeOf(join(registry.data, 'uploads'))) - (uploads + downloads),
    total: total - (pushed + cached + orphans + uploads + downloads),
  }
}

const requireAgreement = (registry: RegistryProcess) =>
  expect.poll(() => difference(registry)).toEqual({ blobs: 0, uploads: 0, total: 0 })

it('is counted, goes after its time, and leaves what images need', async () => {
  const config =
    'version: 0.1\nstorage:\n  maintenance:\n    orphans: { age: 1ms }\n    uploadpurging: { age: 1ms }\n'
  await using registry = await startRegistry({ config })
  const layer = await pushBlob(asked(registry), 'whole', new Uint8Array(randomBytes(SIZE)))
  await pushManifest(
    asked(registry),
    'whole',
    imageOf(await pushConfig(asked(registry), 'whole'), [layer]),
    '1',
  )
  const bytes = { ...(await bytesOf(registry)) }
  expect(bytes).toMatchObject({ orphans: 0, uploads: 0, total: bytes.pushed })

  await pushBlob(asked(registry), 'cut/off', new Uint8Array(randomBytes(SIZE)))
  const arrived = () => expect.poll(() => sizeOf(join(registry.data, 'uploads'))).toBeGreaterThan(0)
  await breakOff(registry, `/v2/cut/off/blobs/uploads/?digest=${digestOf('x')}`, 'POST', arrived)
  await requireAgreement(registry)
  await breakOff(registry, await startUpload(registry), 'PATCH', arrived)
  await requireAgreement(registry)
  await breakOff(registry, await startUpload(registry), 'PATCH', async () => {
    await arrived()
    await registry.kill()
  })
  expect(await sizeOf(join(registry.data, 'uploads'))).toBeGreaterThan(0)

  await registry.restart()
  await expect.poll(() => bytesOf(registry)).toEqual(bytes)
  await requireAgreement(registry)
  expect(await sizeOf(join(registry.data, 'blobs'))).toBe(bytes.total)
  const { repositories } = await (await askAsOwner(registry, '/flotilla/storage')).json()
  expect(repositories).toMatchObject([{ name: 'whole' }])
})
