/** Archives and the client in a real browser: its streams, its `File`, its `Request`. */
import { packTar } from 'modern-tar'
import { expect, it } from 'vitest'
import { pushArchive } from '../../src/core/archive/push-archive.ts'
import { readArchive } from '../../src/core/archive/read-archive.ts'
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

/** Takes everything, and keeps what it was sent. */
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

it.each(['plain', 'gzip'])('pushes a file that was dropped: %s', async (compression) => {
  const layer = new Uint8Array(3 * MIB).map((_, index) => index % 251)
  const tar = new Blob([await dockerSave(layer)])
  const packed = tar.stream().pipeThrough(new CompressionStream('gzip'))
  const file = new File([compression === 'gzip' ? await new Response(packed).blob() : tar], 'app.tar')
  const { kept, fetch } = createRegistry()
  const told: number[] = []
  const archive = await readArchive(file)
  const [pushed] = await pushArchive(archive, createClient({ fetch }), {
    onProgress: ({ done }) => told.push(done),
  })
  expect(pushed).toMatchObject({ repository: 'app', tags: ['1'] })
  expect(await digestOf(kept.get(await digestOf(layer))!)).toBe(await digestOf(layer))
  expect(await digestOf(kept.get('/v2/app/manifests/1')!)).toBe(pushed!.digest)
  expect(told.length).toBeGreaterThan(4)
  expect(told.at(-1)).toBe(archive.images[0]!.size)
})
