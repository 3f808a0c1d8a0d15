/** `flotilla files`: what is in the layers of an image, read from a registry by ranges; nothing is stored. */
import { parseImageName } from '../../core/archive/image-name.ts'
import { chooseImage } from '../../core/archive/platform.ts'
import { createClient } from '../../core/client/client.ts'
import { createTransport } from '../../core/client/transport.ts'
import { createFileTree, type FileTree } from '../../core/layers/file-tree.ts'
import { listFolder, type Row } from '../../core/layers/look.ts'
import { addLayer } from '../../core/layers/read-image.ts'
import { openRemoteLayer } from '../../core/layers/remote-layer.ts'
import { findWaste, type Waste } from '../../core/layers/waste.ts'
import type { Descriptor } from '../../core/oci/descriptor.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { type Manifest, parseManifest } from '../../core/oci/manifest.ts'
import { isIndexType } from '../../core/oci/media-type.ts'
import { attempt } from './attempt.ts'
import { decompress } from './decompress.ts'
import { exitWith } from './exit.ts'
import { oneLine } from './one-line.ts'
import { reasonOf } from './reason.ts'
import { machine } from './save.ts'
import { align, size } from './table.ts'
import { explainTransfer } from './transfer.ts'

export interface FilesOptions {
  /** `repository[:tag]` or `repository@digest`. */
  readonly image: string
  readonly folder: string
  readonly platform?: string | undefined
  /** URL of the registry. */
  readonly from: string
}

/** What hides that is named. */
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
      if (!rows)
        throw new RegistryError('BLOB_UNKNOWN', `there is no folder ${JSON.stringify(folder)} in the image`)
      const whole = folder === '/' ? [...summaryOf(layers, findWaste(tree, layers.length)), ''] : []
      process.stdout.write(`${[...notes, ...whole, ...linesOf(rows)].join('\n')}\n`)
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
    throw new RegistryError('MANIFEST_UNKNOWN', `there is no image for ${platform ?? 'any platform'}`)
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
      notes.push(`layer ${position + 1} is not read to its end: ${reasonOf(failure)}`)
    if (strangeCount > 0)
      notes.push(
        `layer ${position + 1} has ${strangeCount} ${strangeCount === 1 ? 'name' : 'names'} that no file can have`,
      )
  }
  return { tree, notes }
}

function summaryOf(layers: readonly Descriptor[], { layers: sums, hidden, paths }: Waste): readonly string[] {
  const head = ['LAYER', 'DIGEST', 'SIZE', 'UNPACKED', 'HIDDEN', 'FILES']
  const rows = sums.map((sum, index) => [
    String(index + 1),
    layers[index]!.digest.slice(0, 19),
    size(layers[index]!.size),
    size(sum.bytes),
    sum.hidden > 0 ? size(sum.hidden) : '',
    String(sum.files),
  ])
  const wasted = paths.slice(0, MAX_HIDDEN).map(({ path, bytes }) => `  ${size(bytes)} ${oneLine(path)}`)
  return [
    ...align([head, ...rows]),
    '',
    hidden > 0 ? `${size(hidden)} hidden by later layers:` : 'Nothing is hidden by later layers.',
    ...wasted,
  ]
}

const linesOf = (rows: readonly Row[]): readonly string[] =>
  rows.length === 0 ? ['The folder is empty.'] : align([['SIZE', 'LAYER', 'NAME'], ...rows.map(cellsOf)])

const cellsOf = ({ size: bytes, layer, name, kind, target }: Row): string[] => [
  size(bytes),
  layer < 0 ? '' : String(layer + 1),
  oneLine(`${name}${kind === 'folder' ? '/' : ''}${target === undefined ? '' : ` -> ${target}`}`),
]
