/** Archives and the client in a real browser: its streams, its `File`, its `Request`. */
import { packTar } from 'modern-tar'
import { expect, it } from 'vitest'
import { pushArchive } from '../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../src/core/archive/import/read-archive.ts'
import { createClient } from '../../src/core/client/client.ts'
import { digestOf } from '../../src/core/oci/digest.ts'

const MIB = 2 ** 20

const bytesOf = (text: string) => new TextEncoder().encode(text)

async function dockerSave(layer: Uint8Array<ArrayBuffer>) {
  const diff_ids = [await digestOf(layer)]
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids } })
  const list = JSON.stringify([{ Config: 'config.json', RepoTags: ['app:1'], Layers: ['layer.tar'] }])
  const files = { 'layer.tar': layer, 'config.json': bytesOf(config), 'manifest.json': bytesOf(list) }
  return packTar(
    Object.entries(files).map(([name, body]) => ({
      header: { name, size: body.byteLength, pax: { comment: 'x'.repeat(600) } },
      body,
    })),
  )
}

/** Accepts every request and records it. */
function createRegistry() {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>()
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url)
    if (request.method === 'HEAD') return new Response(null, { status: 404 })
    if (request.method === 'POST')
      return new Response(null, { status: 202, headers: { Location: '/upload' } })
    kept.set(searchParams.get('digest') ?? pathname, await request.bytes())
    return new Response(null, { status: 201 })
  }
  return { kept, fetch }
}

const gzip = (blob: Blob): Promise<Blob> =>
  new Response(blob.stream().pipeThrough(new CompressionStream('gzip'))).blob()

/** A zstd frame of uncompressed blocks, because browsers can't compress zstd (RFC 8878, section 3.1.1). */
function zstd(blob: Blob): Blob {
  const size = 2 ** 16
  const parts: BlobPart[] = [new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])]
  for (let at = 0; at < blob.size; at += size) {
    const block = blob.slice(at, at + size)
    const header = (block.size << 3) | (at + size >= blob.size ? 1 : 0)
    parts.push(new Uint8Array([header, header >> 8, header >> 16]), block)
  }
  return new Blob(parts)
}

const packings: Record<string, (tar: Blob) => Blob | Promise<Blob>> = {
  plain: (tar) => tar,
  gzip,
  'gzip in members': async (tar) => new Blob([await gzip(tar.slice(0, MIB)), await gzip(tar.slice(MIB))]),
  zstd,
}

it.each(Object.entries(packings))('pushes a file that was dropped: %s', async (_, pack) => {
  const layer = new Uint8Array(3 * MIB).map((_, index) => index % 251)
  const file = new File([await pack(new Blob([await dockerSave(layer)]))], 'app.tar')
  const { kept, fetch } = createRegistry()
  const progress: number[] = []
  const archive = await readArchive(file)
  const [pushed] = await pushArchive(archive, createClient({ fetch }), {
    onProgress: ({ done }) => progress.push(done),
  })
  expect(pushed).toMatchObject({ repository: 'app', tags: ['1'] })
  expect(await digestOf(kept.get(await digestOf(layer))!)).toBe(await digestOf(layer))
  expect(await digestOf(kept.get('/v2/app/manifests/1')!)).toBe(pushed!.digest)
  expect(progress.length).toBeGreaterThan(4)
  expect(progress.at(-1)).toBe(archive.images[0]!.size)
})

it.each(['gzip', 'gzip in members', 'zstd'])('says that a file is cut off: %s', async (packing) => {
  const whole = await packings[packing]!(new Blob([await dockerSave(new Uint8Array(2 * MIB))]))
  for (const size of [whole.size - 1, whole.size / 2]) {
    await expect(readArchive(new File([whole.slice(0, size)], 'app.tar'))).rejects.toThrow(
      'the archive is damaged or cut off',
    )
  }
  const behind = new File([whole, new Uint8Array(10_240)], 'app.tar')
  await expect(readArchive(behind)).rejects.toThrow('the archive is damaged or cut off')
})
