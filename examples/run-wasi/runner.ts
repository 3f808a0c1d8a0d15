/** A worker, in which a program of an image runs: it reads its files at once, and so keeps its thread busy. */
import {
  ConsoleStdout,
  Directory,
  File,
  type Inode,
  OpenFile,
  PreopenDirectory,
  WASI,
} from '@bjorn3/browser_wasi_shim'
import { type ImageFile, openImage } from '/flotilla.js'

export interface Run {
  readonly image: string
  /** In place of the command that the image names. */
  readonly given: readonly string[] | undefined
}

export type Message = { readonly text: string } | { readonly status: string }

const tell = (message: Message): void => postMessage(message)

addEventListener('message', async ({ data }: MessageEvent<Run>) => {
  try {
    tell({ status: `Done: exit code ${await run(data)}.` })
  } catch (error) {
    tell({ status: `Failed: ${(error as Error).message}` })
  }
})

async function run({ image: reference, given }: Run): Promise<number> {
  tell({ status: 'Pulling…' })
  const image = await openImage(reference, { platform: 'wasi/wasm' })
  const { Entrypoint, Cmd, Env } = image.config.config
  const command = [...Entrypoint, ...(given ?? Cmd)]
  const root = await fileSystemOf(await image.files())
  const program = fileAt(root, command[0] ?? '')
  tell({ status: 'Compiling…' })
  const module = await WebAssembly.compile(program.data as Uint8Array<ArrayBuffer>)
  const print = ConsoleStdout.lineBuffered((line) => tell({ text: `${line}\n` }))
  const wasi = new WASI(
    command,
    [...Env],
    [new OpenFile(new File([])), print, print, new PreopenDirectory('/', root)],
  )
  const instance = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: wasi.wasiImport })
  tell({ status: 'Running…' })
  return wasi.start(instance as Parameters<WASI['start']>[0])
}

/** In memory: WASI reads synchronously, and the files of a browser do not. */
async function fileSystemOf(files: readonly ImageFile[]): Promise<Map<string, Inode>> {
  const root = new Map<string, Inode>()
  for (const file of files) {
    const steps = file.path.split('/').slice(1)
    const folder = folderAt(root, steps.slice(0, -1))
    const content: Blob | undefined = await file.blob()
    if (file.kind === 'folder') folder.set(steps.at(-1)!, new Directory(new Map()))
    else if (content) folder.set(steps.at(-1)!, new File(await content.arrayBuffer()))
  }
  return root
}

function folderAt(root: Map<string, Inode>, steps: readonly string[]): Map<string, Inode> {
  return steps.reduce((folder, step) => (folder.get(step) as Directory).contents, root)
}

function fileAt(root: Map<string, Inode>, path: string): File {
  const steps = path.split('/').filter(Boolean)
  const file = folderAt(root, steps.slice(0, -1)).get(steps.at(-1) ?? '')
  if (file instanceof File) return file
  throw new Error(`the image has no program ${path}`)
}
