/**
 * A program that pushes an archive with a large layer and saves it again, against a registry that keeps nothing. It says
 * how many bytes went through, and how much memory it took at most.
 *
 * Called with a folder for the archive, a sparse file; with the bytes of the layer; and with `gzip`, to be compressed.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { createTarPacker } from 'modern-tar'
import { exportImage } from '../../../../src/core/archive/export/export-image.ts'
import { pushArchive } from '../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../src/core/archive/import/read-archive.ts'
import { createClient } from '../../../../src/core/client/client.ts'
import { decompress } from '../../../../src/node/cli/decompress.ts'
import { openSliceable } from '../../../../src/node/cli/push.ts'
import { tarOf } from './tars.ts'

const SIZE = Number(process.argv[3])
const CHUNK = new Uint8Array(2 ** 16)

/** Nobody compares it: hashing it would be all that this takes time for. */
const LAYER = `sha256:${'0'.repeat(64)}`
const CONFIG = JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: [LAYER] } })

let manifest: Uint8Array<ArrayBuffer> | undefined
let received = 0

async function registry(request: Request): Promise<Response> {
  const { method, url } = request
  if (method === 'POST') return new Response(null, { status: 202, headers: { Location: '/upload' } })
  if (method === 'PATCH' || url.includes('/upload')) return receive(request)
  if (method === 'PUT') return keepManifest(request)
  if (!manifest) return new Response(null, { status: 404 })
  if (url.includes('/manifests/')) return new Response(manifest)
  const size = url.endsWith(LAYER) ? SIZE : CONFIG.length
  const headers = { 'Content-Length': String(size) }
  if (method === 'HEAD') return new Response(null, { headers })
  return new Response(url.endsWith(LAYER) ? zeros(SIZE) : CONFIG, { headers })
}

async function receive(request: Request): Promise<Response> {
  for await (const chunk of request.body!) received += chunk.byteLength
  return new Response(null, { status: request.method === 'PUT' ? 201 : 202 })
}

async function keepManifest(request: Request): Promise<Response> {
  manifest = await request.bytes()
  return new Response(null, { status: 201 })
}

function zeros(size: number): ReadableStream<Uint8Array> {
  let left = size
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(CHUNK.slice(0, left))
      left -= Math.min(left, CHUNK.length)
      if (left === 0) controller.close()
    },
  })
}

async function writeArchive(path: string): Promise<void> {
  const list = JSON.stringify([{ Config: 'config.json', RepoTags: ['large:1'], Layers: ['layer.tar'] }])
  const small = await tarOf([
    ['manifest.json', list],
    ['config.json', CONFIG],
  ])
  const { readable, controller } = createTarPacker()
  controller.add({ name: 'layer.tar', size: SIZE })
  const { value: header } = await readable.getReader().read()
  const file = await open(path, 'w')
  await file.writev([small.subarray(0, -1024), header!])
  await file.truncate(small.length - 1024 + 512 + SIZE + 1024)
  await file.close()
}

async function compress(path: string): Promise<string> {
  const packed = `${path}.gz`
  await pipeline(createReadStream(path), createGzip({ level: 1 }), createWriteStream(packed))
  return packed
}

const plain = join(process.argv[2]!, 'large.tar')
await writeArchive(plain)
const path = process.argv[4] === 'gzip' ? await compress(plain) : plain
const client = createClient({ fetch: registry, base: 'http://registry.example' })
await pushArchive(await readArchive(await openSliceable(path), { decompress }), client)
const archive = await exportImage(client, 'large', '1')
let sent = 0
for await (const chunk of archive.stream()) sent += chunk.byteLength
const rss = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ received, sent, size: archive.size, rss }))
