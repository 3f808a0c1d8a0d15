/**
 * The files of an image, merged from its layers. A compressed layer is unpacked once, to a Blob, which browsers store on
 * disk if it is large. Each file is a slice of that Blob.
 */
import { decompressed } from '../../core/archive/tar/compression.ts'
import { decompress } from '../../core/archive/tar/decompress.ts'
import type { PulledBlob } from '../../core/client/client.ts'
import { type Kind, pathOf } from '../../core/layers/entry.ts'
import { createFileTree, cutBelow, type PathNode, type Present } from '../../core/layers/file-tree.ts'
import { childrenOf, fileAt, presentAt } from '../../core/layers/list-files.ts'
import { openFile } from '../../core/layers/open-file.ts'
import { addLayer } from '../../core/layers/read-image.ts'
import { compressionOfLayer } from '../../core/layers/read-layer.ts'
import type { Descriptor } from '../../core/oci/descriptor.ts'

export interface ImageFile {
  /** The path from the root, such as `/etc/passwd`. */
  readonly path: string
  readonly kind: Kind
  /** In bytes. */
  readonly size: number
  /** The twelve bits of `chmod`. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Milliseconds since 1970; NaN if the layer does not say. */
  readonly modified: number
  /** The target of a link. */
  readonly target?: string | undefined
  /** The content of a file or of a hard link's target; `undefined` for anything else. */
  blob(): Promise<Blob | undefined>
}

/** @param bytes - how many bytes of the stored layer have arrived */
export type Progress = (layer: number, bytes: number) => void

interface Options {
  readonly signal?: AbortSignal
  onProgress?: Progress
}

type Open = (layer: Descriptor, options: { signal: AbortSignal | undefined }) => Promise<PulledBlob>

/** Reads layers one after the other and unpacks each while it arrives. @throws the failure of a damaged layer */
export async function readFiles(
  layers: readonly Descriptor[],
  open: Open,
  { signal, onProgress = () => {} }: Options,
): Promise<readonly ImageFile[]> {
  const tree = createFileTree()
  const unpacked: Blob[] = []
  for (const [position, layer] of layers.entries()) {
    const { stream } = await open(layer, { signal })
    const counted = stream.pipeThrough(counter((bytes) => onProgress(position, bytes)))
    const file = await unpack(await new Response(counted).blob())
    const { failure } = await addLayer([tree], position, { file }, { ...(signal && { signal }) })
    if (failure !== undefined) throw failure
    unpacked.push(file)
  }
  const contentOf = async (file: Present): Promise<Blob | undefined> => {
    const found = file.kind === 'hardlink' ? fileAt(tree, pathOf(file.target ?? '') ?? []) : file
    return found?.kind === 'file' ? contentIn(unpacked[found.layer]!, found) : undefined
  }
  return [...filesIn(tree.root, cutBelow(tree.root, -1), '', contentOf)]
}

async function unpack(layer: Blob): Promise<Blob> {
  const compression = await compressionOfLayer(layer)
  if (!compression) return layer
  return new Response(decompressed(layer, compression, 'the layer', decompress)).blob()
}

async function contentIn(layer: Blob, file: Present): Promise<Blob> {
  const { offset, sparse, size } = file
  return offset && !sparse
    ? layer.slice(offset.start, offset.start + size)
    : new Response(await openFile(layer, [], file)).blob() // an uncompressed layer needs no path
}

function* filesIn(
  folder: PathNode,
  cut: number,
  path: string,
  contentOf: (file: Present) => Promise<Blob | undefined>,
): Generator<ImageFile> {
  for (const { node, cut: below } of childrenOf(folder, cut)) {
    const present = presentAt(node, cut)
    if (!present) continue
    const here = `${path}/${node.name}`
    const { kind, size, mode, uid, gid, modified, target } = present
    yield { path: here, kind, size, mode, uid, gid, modified, target, blob: () => contentOf(present) }
    yield* filesIn(node, below, here, contentOf)
  }
}

function counter(onProgress: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      controller.enqueue(chunk)
      onProgress(bytes)
    },
  })
}
