/** Sparse files, in all formats of the system's tar. */
import { execFile } from 'node:child_process'
import { mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pushArchive } from '../../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import { openSliceable } from '../../../../../src/node/cli/push.ts'
import { openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { digestOf } from '../../../../support/push.ts'
import { openTemporaryFolder } from '../../../../support/temporary-folder.ts'
import { clientOf } from '../client.ts'
import { blobOf, configOf, dockerSave, tarOf } from '../tars.ts'

const KIB = 1024

/** Pieces of four KiB at these places. */
function layerOf(size: number, places: readonly number[]): Uint8Array<ArrayBuffer> {
  const layer = new Uint8Array(size)
  for (const place of places) layer.fill(1 + (place % 255), place, place + 4 * KIB)
  return layer
}

const layers = {
  'a hole in it': layerOf(256 * KIB, [0, 128 * KIB]),
  'a hole before and behind': layerOf(256 * KIB, [64 * KIB]),
  'nothing but a hole': new Uint8Array(64 * KIB),
  'a hundred holes': layerOf(
    2048 * KIB,
    Array.from({ length: 100 }, (_, index) => index * 20 * KIB),
  ),
}

const formats = {
  gnu: ['--format=gnu'],
  oldgnu: ['--format=oldgnu'],
  'posix 1.0': ['--format=posix', '--sparse-version=1.0'],
  'posix 0.1': ['--format=posix', '--sparse-version=0.1'],
}

/** tar looks for holes only where the file takes less of the disk than its size. */
async function writeWithHoles(path: string, content: Uint8Array): Promise<void> {
  await using file = await open(path, 'w')
  await file.truncate(content.length)
  for (let at = 0; at < content.length; at += 4 * KIB) {
    if (content[at] !== 0) await file.write(content, at, 4 * KIB, at)
  }
}

async function archiveOf(folder: string, layer: Uint8Array, options: readonly string[]): Promise<string> {
  await mkdir(join(folder, 'in'))
  await writeWithHoles(join(folder, 'in/layer.tar'), layer)
  await writeFile(join(folder, 'in/config.json'), configOf([layer as never]))
  const list = [{ Config: 'config.json', RepoTags: ['app:1'], Layers: ['layer.tar'] }]
  await writeFile(join(folder, 'in/manifest.json'), JSON.stringify(list))
  const out = join(folder, 'out.tar')
  const command = ['-C', join(folder, 'in'), '-S', '--hole-detection=raw', ...options, '-cf', out, '.']
  await promisify(execFile)('tar', command)
  return out
}

describe.each(Object.entries(formats))('a layer that tar -S wrote as %s', (_, options) => {
  it.each(Object.entries(layers))('is whole again with %s', async (_, layer) => {
    await using folder = await openTemporaryFolder()
    const path = await archiveOf(folder.path, layer, options)
    expect((await readFile(path)).length).toBeLessThan(layer.length * 0.7)
    for (const file of [await openSliceable(path), new Blob([gzipSync(await readFile(path))])]) {
      await using registry = await openInMemoryRegistry()
      await pushArchive(await readArchive(file), clientOf(registry))
      const pulled = await registry.fetch('GET', `/v2/app/blobs/${digestOf(layer)}`)
      expect(digestOf(await pulled.bytes())).toBe(digestOf(layer))
    }
  })
})

it('what is stored in the oldest way is said to be', async () => {
  await using folder = await openTemporaryFolder()
  const options = ['--format=posix', '--sparse-version=0.0']
  const path = await archiveOf(folder.path, layers['a hole in it'], options)
  await expect(readArchive(await openSliceable(path))).rejects.toThrow(
    /layer\.tar" is stored in an old sparse format; make the tar again without --sparse \(-S\)/,
  )
})

const sparse = (map: string, size = '4096') => ({
  'GNU.sparse.map': map,
  'GNU.sparse.size': size,
  'GNU.sparse.numblocks': '1',
})

it.each([
  ['pieces that overlap', sparse('0,2,1,1')],
  ['pieces beyond the end', sparse('4096,3')],
  ['pieces before the beginning', sparse('-3,3')],
  ['no numbers', sparse('a,b')],
  ['half a piece', sparse('0')],
  ['no size', sparse('0,3', 'x')],
  ['too large a size', sparse('0,3', '9'.repeat(20))],
  ['more than is stored', sparse('0,4')],
  ['less than is stored', sparse('0,2')],
])('a map with %s is refused', async (_, pax) => {
  const archive = await blobOf([...dockerSave(), ['layer.tar', { pax, size: 0 }]])
  await expect(readArchive(archive)).rejects.toThrow(/"layer\.tar" is (a sparse file|damaged)/)
})

it('a map that is cut off is refused', async () => {
  const pax = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '4096' }
  const tar = await tarOf([['layer.tar', { pax }]])
  await expect(readArchive(new Blob([tar.slice(0, -1024)]))).rejects.toThrow(/map of holes is damaged/)
  const endless = Buffer.from('7'.repeat(512))
  await expect(readArchive(new Blob([tar.slice(0, -1024), endless]))).rejects.toThrow(/damaged/)
})
