/** `flotilla save`: saves an image of a registry as an archive. */
import { createHash } from 'node:crypto'
import { createWriteStream, rmSync } from 'node:fs'
import { realpath, rename, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type ArchiveFormat, exportImage } from '../../core/archive/export/export-image.ts'
import { parseImageName } from '../../core/archive/image-name.ts'
import { createClient } from '../../core/client/client.ts'
import { parseDigest } from '../../core/oci/digest.ts'
import { attempt, exitWith, explainTransfer } from './errors.ts'

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
  const digest = image.split('@')[1]
  if (!name?.repository || (digest !== undefined && !parseDigest(digest)))
    return exitWith([`${image} is neither repository:tag nor repository@digest`])
  const { repository } = name
  const reference = digest ?? name.tag ?? 'latest'
  const what = `save ${image} from ${from}`
  await attempt(
    async () => {
      const client = createClient({ base: from })
      const options = { format, platform, preferred: machine, createHash }
      const archive = await exportImage(client, repository, reference, options)
      await writeOutput(archive.stream(), output)
    },
    explainTransfer({ what, url: from, option: '--from' }),
  )
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' }

/** The platform of containers on this machine: always Linux, which other systems run in a virtual machine. */
export const machine = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`

/**
 * Writes a file completely or not at all: under a temporary name first, which is removed after a failure. Devices, pipes
 * and everything in `/dev` (where standard output may be a file) are written to directly.
 */
export async function writeOutput(stream: ReadableStream<Uint8Array>, output: string): Promise<void> {
  const there = await stat(output).catch(() => undefined)
  if (there?.isDirectory()) throw new Error(`${output} is a folder; name a file in it`)
  const isDevice = resolve(output).startsWith('/dev/')
  if (isDevice || (there && !there.isFile())) return await write(stream, output, output)
  const file = await realpath(output).catch(() => output) // keeps a symbolic link
  const partial = `${file}.partial`
  const removePartial = () => removeFile(partial)
  process.on('exit', removePartial)
  exitOnSignals()
  await write(stream, partial, output)
  await rename(partial, file)
  process.off('exit', removePartial)
}

/** Errors name the file as the user wrote it. */
async function write(stream: ReadableStream<Uint8Array>, path: string, name: string): Promise<void> {
  const file = createWriteStream(path).on('error', (error: NodeJS.ErrnoException) => {
    error.path = name
  })
  await pipeline(stream, file)
}

/** Runs while the process exits, when failures can no longer be reported. */
function removeFile(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {} // its folder doesn't exist, so it was never made
}

/** By default, a signal ends the process without running exit handlers. */
function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
}
