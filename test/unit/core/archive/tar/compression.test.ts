/** Compressed archives and layers: those of all common programs, and damaged or hostile ones. */
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { pushArchive } from '../../../../../src/core/archive/import/push-archive.ts'
import { readArchive } from '../../../../../src/core/archive/import/read-archive.ts'
import {
  type Decompress,
  decompress as inJavaScript,
} from '../../../../../src/core/archive/tar/decompress.ts'
import { decompress as byNode } from '../../../../../src/node/cli/decompress.ts'
import { openInMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import { digestOf } from '../../../../support/push.ts'
import { clientOf } from '../client.ts'
import { configOf, type Entries, tarOf } from '../tars.ts'

type Bytes = Uint8Array<ArrayBuffer>
type Compress = (content: Uint8Array) => Bytes

const engines: [string, Decompress][] = [
  ['JavaScript', inJavaScript],
  ['Node', byNode],
]

const joined = (...parts: Uint8Array[]): Bytes => new Uint8Array(Buffer.concat(parts))

/** In pieces that are compressed one by one. */
const inPieces =
  (size: number, compress: Compress): Compress =>
  (content) =>
    joined(
      ...Array.from({ length: Math.ceil(content.length / size) }, (_, index) =>
        compress(content.subarray(index * size, (index + 1) * size)),
      ),
    )

const gzip: Compress = (content) => new Uint8Array(gzipSync(content))
const zstd =
  (level = 3): Compress =>
  (content) => {
    const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 }
    return new Uint8Array(zstdCompressSync(content, { params }))
  }

const SKIPPED = Buffer.from('502a4d180400000000000000', 'hex')

const written: Record<string, Compress> = {
  'by gzip': gzip,
  'by gzip, twice': (content) => joined(gzip(content.subarray(0, 1000)), gzip(content.subarray(1000))),
  'by gzip, with an empty member at the end': (content) => joined(gzip(content), gzip(new Uint8Array())),
  'by bgzip, in blocks of 64 KiB': inPieces(65_280, gzip),
  'by stargz, in many members': inPieces(100, gzip),
  'by gzip without compression': (content) => new Uint8Array(gzipSync(content, { level: 0 })),
  'by zstd': zstd(),
  'by zstd at level 19': zstd(19),
  'by zstd, twice': (content) => joined(zstd()(content.subarray(0, 1000)), zstd()(content.subarray(1000))),
  'by pzstd, in frames with others between': (content) =>
    joined(SKIPPED, inPieces(50_000, zstd())(content), SKIPPED),
}

const spoiled =
  (compress: Compress, at: number): Compress =>
  (content) => {
    const bytes = compress(content)
    bytes[bytes.length + at]! ^= 0x55
    return bytes
  }

const damaged: Record<string, Compress> = {
  'cut in half': (content) => gzip(content).slice(0, gzip(content).length / 2),
  'cut by a byte': (content) => gzip(content).slice(0, -1),
  'cut before its checksum': (content) => gzip(content).slice(0, -8),
  'cut in its header': (content) => gzip(content).slice(0, 9),
  'cut in its second member': (content) => joined(gzip(content), gzip(content).slice(0, 30)),
  'with a wrong checksum': spoiled(gzip, -6),
  'with a wrong length': spoiled(gzip, -2),
  'with a wrong checksum of its second member': (content) =>
    joined(gzip(content), spoiled(gzip, -6)(content)),
  'with zeros behind it': (content) => joined(gzip(content), new Uint8Array(10_240)),
  'with one zero behind it': (content) => joined(gzip(content), new Uint8Array(1)),
  'with something behind it': (content) => joined(gzip(content), Buffer.from('something else')),
  'by zstd, cut in half': (content) => zstd()(content).slice(0, zstd()(content).length / 2),
  'by zstd, cut by a byte': (content) => zstd()(content).slice(0, -1),
  'by zstd, with zeros behind it': (content) => joined(zstd()(content), new Uint8Array(10_240)),
  'by zstd, with something behind it': (content) => joined(zstd()(content), Buffer.from('something else')),
}

/** Does not compress well, and is more than is handed on at a time. */
const LAYER = Array.from({ length: 40_000 }, (_, index) => (index * 2654435761) % 4294967296).join(' ')

const saved = (layer: string | Bytes): Entries => [
  ['layer.tar', layer],
  ['config.json', configOf([LAYER])],
  ['manifest.json', JSON.stringify([{ Config: 'config.json', RepoTags: ['app:1'], Layers: ['layer.tar'] }])],
]

async function push(file: Blob, decompress: Decompress): Promise<string> {
  await using registry = await openInMemoryRegistry()
  await pushArchive(await readArchive(file, { decompress }), clientOf(registry))
  const layer = await registry.fetch('GET', `/v2/app/blobs/${digestOf(LAYER)}`)
  return layer.text()
}

describe.each(engines)('by libraries of %s', (_, decompress) => {
  it.each(Object.entries(written))('an archive %s is pushed', async (_, compress) => {
    const file = new Blob([compress(await tarOf(saved(LAYER)))])
    expect(await push(file, decompress)).toBe(LAYER)
  })

  it.each(Object.entries(written))('a layer %s is pushed', async (_, compress) => {
    const tar = await tarOf(saved(compress(Buffer.from(LAYER))))
    expect(await push(new Blob([tar]), decompress)).toBe(LAYER)
    expect(await push(new Blob([gzip(tar)]), decompress)).toBe(LAYER)
  })

  it.each(Object.entries(damaged))('an archive %s is refused', async (_, compress) => {
    const file = new Blob([compress(await tarOf(saved(LAYER)))])
    await expect(readArchive(file, { decompress })).rejects.toThrow('the archive is damaged or cut off')
  })

  it.each(Object.entries(damaged))('a layer %s is refused', async (_, compress) => {
    const tar = await tarOf(saved(compress(Buffer.from(LAYER))))
    for (const file of [new Blob([tar]), new Blob([gzip(tar)])]) {
      await expect(readArchive(file, { decompress })).rejects.toThrow('"layer.tar" is damaged or cut off')
    }
  })

  it('a window that takes too much memory is said to', async () => {
    const header = Buffer.from('28b52ffd0098'.padEnd(60, '0'), 'hex')
    await expect(readArchive(new Blob([header]), { decompress })).rejects.toThrow(
      'the archive needs too much memory to unpack; compress it without --long or --ultra',
    )
  })

  it('what fails below fails as it is', async () => {
    const bytes = gzip(Buffer.from(LAYER))
    const failing = (async function* () {
      yield bytes.slice(0, 100)
      throw new Error('the disk is gone')
    })()
    await expect(Array.fromAsync(decompress('gzip', failing))).rejects.toThrow('the disk is gone')
  })

  it('who has read enough lets go of the file', async () => {
    let isOpen = true
    const endless = (async function* () {
      try {
        for (;;) yield gzip(Buffer.from(LAYER))
      } finally {
        isOpen = false
      }
    })()
    for await (const _ of decompress('gzip', endless)) break
    expect(isOpen).toBe(false)
  })
})

it('what stands for much more than it is does not come all at once', async () => {
  const bomb = zstd()(new Uint8Array(2 ** 28))
  const before = process.memoryUsage().arrayBuffers
  let size = 0
  for await (const chunk of inJavaScript('zstd', new Blob([bomb]).stream())) {
    size += chunk.length
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27)
  }
  expect(size).toBe(2 ** 28)
})
