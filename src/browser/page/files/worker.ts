/**
 * Reads layers in a worker, so that the page stays responsive while hundreds of megabytes are unpacked. The worker holds
 * the trees of files, from which the page reads one folder at a time, and is terminated with the view.
 */
import '../../engine/streams.ts'
import type { RunningHash } from '../../../core/archive/export/verified.ts'
import { createTransport } from '../../../core/client/transport.ts'
import { compareTrees } from '../../../core/layers/differences.ts'
import { createFileTree, type FileTree } from '../../../core/layers/file-tree.ts'
import { fileAt, listFolder, searchFiles, type View } from '../../../core/layers/list-files.ts'
import { openFile } from '../../../core/layers/open-file.ts'
import { addLayer } from '../../../core/layers/read-image.ts'
import { openRemoteLayer } from '../../../core/layers/remote-layer.ts'
import { findWaste } from '../../../core/layers/waste.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import { createHash } from '../../hash.ts'
import type {
  Answer,
  Call,
  FilesApi,
  LayerAddress,
  LayerResult,
  PlainFailure,
  ReadProgress,
} from './messages.ts'

declare const self: {
  onmessage: ((event: MessageEvent<Call>) => void) | null
  postMessage(answer: Answer): void
}

const MAX_SEARCH_ROWS = 500

const transport = createTransport((request) => fetch(request), '')

/** `only-if-cached` reads from this browser only; `no-store` reads from peers without storing. */
const openLayer = (address: LayerAddress, tell?: (bytes: number) => void) =>
  openRemoteLayer(transport, address, {
    headers: { 'Cache-Control': address.from === 'peers' ? 'no-store' : 'only-if-cached' },
    ...(tell && { onBytes: tell }),
  })

/** Milliseconds between two progress messages. */
const PROGRESS_MS = 100

let tree: FileTree = createFileTree()
let layers: readonly LayerAddress[] = []

const api: FilesApi = {
  async read(addresses) {
    layers = addresses
    tree = createFileTree()
    const reading = createReading(addresses)
    const results: LayerResult[] = []
    for (const [position, address] of addresses.entries())
      results.push(await reading.add([tree], position, address))
    return { layers: results, waste: findWaste(tree, addresses.length) }
  },
  list: async (path, view) => listFolder(tree, path, view),
  search: async (text, view) => searchFiles(tree, text, MAX_SEARCH_ROWS, view),
  content,
  async compare(before, after) {
    const hasher = await createHash('sha256')
    const reading = createReading([...before, ...after], () => hasher.init())
    const results: LayerResult[] = []
    const trees = [createFileTree(), createFileTree()] as const
    // Layers that both images start with are read once.
    const shared = before.findIndex(({ digest }, position) => after[position]?.digest !== digest)
    const common = shared < 0 ? before.length : shared
    for (let position = 0; position < common; position++)
      results.push(await reading.add(trees, position, before[position]!))
    for (const [one, addresses] of [before, after].entries())
      for (let position = common; position < addresses.length; position++)
        results.push(await reading.add([trees[one]!], position, addresses[position]!))
    return { differences: compareTrees(...trees), layers: results }
  },
}

self.onmessage = async ({ data: { id, name, args } }) => {
  try {
    const call = api[name] as (...args: readonly unknown[]) => Promise<unknown>
    self.postMessage({ id, value: await call(...args) })
  } catch (error) {
    self.postMessage({ id, failure: plain(error) })
  }
}

function createReading(addresses: readonly LayerAddress[], startHash?: () => RunningHash) {
  const tell = createProgress(
    addresses.reduce((sum, { size, from }) => sum + (from === 'nowhere' ? 0 : size), 0),
  )
  return {
    async add(trees: readonly FileTree[], position: number, address: LayerAddress): Promise<LayerResult> {
      if (address.from === 'nowhere') return NOT_READ
      const file = openLayer(address, tell)
      const { annotations } = address
      const { failure, ...report } = await addLayer(
        trees,
        position,
        { file, annotations },
        { createHash: startHash },
      )
      return { ...report, ...(failure !== undefined && { failure: plain(failure) }) }
    },
  }
}

const NOT_READ: LayerResult = { entries: 0, isByTable: false, strange: [], strangeCount: 0 }

function createProgress(total: number): (bytes: number) => void {
  let done = 0
  let reportedAt = 0
  return (bytes) => {
    done += bytes
    if (Date.now() - reportedAt < PROGRESS_MS) return
    reportedAt = Date.now()
    const progress: ReadProgress = { done, total }
    self.postMessage({ progress })
  }
}

async function content(path: readonly string[], view: View, limit: number) {
  const file = fileAt(tree, path, view)
  const layer = file && layers[file.layer]
  if (!file || !layer) throw new RegistryError('BLOB_UNKNOWN', 'there is no such file')
  const stream = await openFile(openLayer(layer), path, file)
  const reader = stream.getReader()
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let left = limit
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value.slice(0, left))
    left -= next.value.length
    if (left <= 0) break
  }
  await reader.cancel()
  return { bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()), size: file.size }
}

function plain(error: unknown): PlainFailure {
  if (error instanceof RegistryError) {
    const { message, code, status } = error
    return { message, code, status }
  }
  return { message: error instanceof Error ? error.message : String(error) }
}
