/** `flotilla files`: shows what is in the layers of an image, which it reads by range requests. Nothing is stored. */
import { parseImageName } from '../../core/archive/image-name.ts'
import { chooseImage } from '../../core/archive/platform.ts'
import { formatByteSize } from '../../core/byte-size.ts'
import { createClient } from '../../core/client/client.ts'
import { createTransport } from '../../core/client/transport.ts'
import { createFileTree, type FileTree } from '../../core/layers/file-tree.ts'
import { listFolder, type Row } from '../../core/layers/list-files.ts'
import { addLayer } from '../../core/layers/read-image.ts'
import { openRemoteLayer } from '../../core/layers/remote-layer.ts'
import { findWaste, type Waste } from '../../core/layers/waste.ts'
import type { Descriptor } from '../../core/oci/descriptor.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { type Manifest, parseManifest } from '../../core/oci/manifest.ts'
import { isIndexType } from '../../core/oci/media-type.ts'
import { decompress } from './decompress.ts'
import { attempt, exitWith, explainTransfer, oneLine, reasonOf } from './errors.ts'
import { machine } from './save.ts'
import { align } from './table.ts'

export interface FilesOptions {
  /** `repository[:tag]` or `repository@digest`. */
  readonly image: string
  readonly folder: string
  readonly platform?: string | undefined
  /** URL of the registry. */
  readonly from: string
}

/** Hidden paths that are listed. */
const MAX_HIDDEN = 10

export async function files({ image, folder, platform, from }: FilesOptions): Promise<void> {
  const name = parseImageName(image)
  if (!name?.repository) return exitWith([`${image} is neither repository:tag nor repository@digest`])
  const { repository } = name
  const reference = image.split('@')[1] ?? name.tag ?? 'latest'
  await attempt(
    async () => {
      const layers = await readLayers(from, repository, reference, platform)
      const { tree, notes } = await readFiles(from, repository, layers)
      const rows = listFolder(tree, folder.split('/').filter(Boolean))
      if (!rows) throw new RegistryError('BLOB_UNKNOWN', `the image has no folder ${JSON.stringify(folder)}`)
      const summary = folder === '/' ? [...summaryOf(layers, findWaste(tree, layers.length)), ''] : []
      process.stdout.write(`${[...notes, ...summary, ...linesOf(rows)].join('\n')}\n`)
    },
    explainTransfer({ what: `read ${image} from ${from}`, url: from, option: '--from' }),
  )
}

async function readLayers(
  from: string,
  repository: string,
  reference: string,
  platform: string | undefined,
): Promise<readonly Descriptor[]> {
  const client = createClient({ base: from })
  const read = async (reference: string): Promise<Manifest> => {
    const found = await client.getManifest(repository, reference)
    if (!found) throw new RegistryError('MANIFEST_UNKNOWN')
    return parseManifest(found.bytes, found.mediaType || undefined)
  }
  const top = await read(reference)
  if (!isIndexType(top.mediaType)) return top.blobs.slice(1)
  const chosen = chooseImage(top.manifests, { platform, preferred: machine })
  if (!chosen)
    throw new RegistryError('MANIFEST_UNKNOWN', `the index has no image for ${platform ?? 'any platform'}`)
  return (await read(chosen.digest)).blobs.slice(1)
}

async function readFiles(
  from: string,
  repository: string,
  layers: readonly Descriptor[],
): Promise<{ tree: FileTree; notes: readonly string[] }> {
  const transport = createTransport((request) => fetch(request), from)
  const tree = createFileTree()
  const notes: string[] = []
  for (const [position, { digest, size, annotations }] of layers.entries()) {
    const file = openRemoteLayer(transport, { repository, digest, size })
    const { failure, strangeCount } = await addLayer([tree], position, { file, annotations }, { decompress })
    if (failure !== undefined)
      notes.push(`layer ${position + 1} could not be read to its end: ${reasonOf(failure)}`)
    if (strangeCount > 0)
      notes.push(
        `layer ${position + 1} has ${strangeCount} invalid ${strangeCount === 1 ? 'name, which is' : 'names, which are'} left out`,
      )
  }
  return { tree, notes }
}

function summaryOf(layers: readonly Descriptor[], { layers: sums, hidden, paths }: Waste): readonly string[] {
  const head = ['LAYER', 'DIGEST', 'SIZE', 'UNPACKED', 'HIDDEN', 'FILES']
  const rows = sums.map((sum, index) => [
    String(index + 1),
    layers[index]!.digest.slice(0, 19),
    formatByteSize(layers[index]!.size),
    formatByteSize(sum.bytes),
    sum.hidden > 0 ? formatByteSize(sum.hidden) : '',
    String(sum.files),
  ])
  const wasted = paths
    .slice(0, MAX_HIDDEN)
    .map(({ path, bytes }) => `  ${formatByteSize(bytes)} ${oneLine(path)}`)
  return [
    ...align([head, ...rows]),
    '',
    hidden > 0 ? `${formatByteSize(hidden)} hidden by later layers:` : 'Nothing is hidden by later layers.',
    ...wasted,
  ]
}

const linesOf = (rows: readonly Row[]): readonly string[] =>
  rows.length === 0 ? ['The folder is empty.'] : align([['SIZE', 'LAYER', 'NAME'], ...rows.map(cellsOf)])

const cellsOf = ({ size: bytes, layer, name, kind, target }: Row): string[] => [
  formatByteSize(bytes),
  layer < 0 ? '' : String(layer + 1),
  oneLine(`${name}${kind === 'folder' ? '/' : ''}${target === undefined ? '' : ` -> ${target}`}`),
]
