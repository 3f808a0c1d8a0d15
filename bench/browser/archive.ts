/** What `docker save` writes, of an image with layers that nothing can compress. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { streamTar, type TarEntry } from '../../src/core/archive/tar/stream-tar.ts'
import { streamOf } from '../../src/core/blobs/streams.ts'
import { digestOf } from '../../src/core/oci/digest.ts'
import { RandomBlob } from '../client/blob.ts'
import type { Stage } from '../scenario.ts'

/** Parts of the whole: one large layer, some of middle size, as images have them. */
const SHARES = [0.5, 0.25, 0.15, 0.1]

/** Gives the path of a file with layers of `size` bytes together. */
export async function makeArchive(stage: Stage, name: string, size: number): Promise<string> {
  const layers = SHARES.map((share) => new RandomBlob(Math.round(size * share)))
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
  const config = jsonOf({ os: 'linux', architecture: 'amd64', config: {}, rootfs })
  const configName = nameOf(await digestOf(config))
  const entry = { Config: configName, RepoTags: [name], Layers: rootfs.diff_ids.map(nameOf) }
  const parts = [
    ...layers.map((layer) => partOf(nameOf(layer.digest), layer.size, () => layer.pieces())),
    ...[[configName, config] as const, ['manifest.json', jsonOf([entry])] as const].map(([name, bytes]) =>
      partOf(name, bytes.length, () => [bytes]),
    ),
  ]
  const path = join(stage.within('files').dataFolder, 'archive.tar')
  await pipeline(Readable.fromWeb(streamTar(parts) as never), createWriteStream(path))
  return path
}

const jsonOf = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(value)) as Uint8Array<ArrayBuffer>

const nameOf = (digest: string): string => `blobs/sha256/${digest.slice('sha256:'.length)}`

const partOf = (name: string, size: number, bytes: () => Iterable<Uint8Array>): TarEntry => ({
  name,
  size,
  open: async () => streamOf(copies(bytes())),
})

/** Who takes a chunk may free its memory. */
async function* copies(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield piece.slice()
}
