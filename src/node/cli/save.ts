/** `flotilla save`: an image of a registry into an archive. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { parseImageName } from '../../core/archive/image-name.ts'
import { type ArchiveFormat, openArchive } from '../../core/archive/open-archive.ts'
import { createClient } from '../../core/client/client.ts'
import { exitWith } from './exit.ts'
import { failedTransfer } from './transfer.ts'

export interface SaveOptions {
  /** `repository[:tag]` or `repository@digest`. */
  readonly image: string
  readonly output: string
  readonly format: ArchiveFormat
  readonly platform?: string | undefined
  /** URL of the registry. */
  readonly from: string
}

export async function save({ image, output, format, platform, from }: SaveOptions): Promise<void> {
  const name = parseImageName(image)
  if (!name?.repository) return exitWith([`${image} is neither repository:tag nor repository@digest`])
  const reference = image.split('@')[1] ?? name.tag ?? 'latest'
  try {
    const client = createClient({ base: from })
    const options = { format, platform, preferred: machine, createHash }
    const archive = await openArchive(client, name.repository, reference, options)
    await write(archive.stream(), output)
  } catch (error) {
    failedTransfer(error, from)
  }
}

/** Nothing stands under the name before it is whole. */
async function write(stream: ReadableStream<Uint8Array>, output: string): Promise<void> {
  const partial = `${output}.partial`
  try {
    await pipeline(stream, createWriteStream(partial))
    await rename(partial, output)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** What containers run on here: Linux, on other systems in a virtual machine. */
const machine = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`
